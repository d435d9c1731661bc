// What an envelope tells to those it is not for: nothing but its length, and that only roughly.
#include "suite_kit_scene.h"

#include <algorithm>
#include <unordered_map>

namespace argot::kit {
namespace {

using enum SuiteScene::Who;

void sealed_twice(Finding& finding, SuiteScene& scene) {
  scene.freeze_time(true);  // so that the time stamp is no excuse
  const Bytes content = content_of(300);
  std::set<Bytes> seen;
  for (int i = 0; i < 20; ++i)
    finding.expect(seen.insert(scene.seal(alice, bob, content)).second,
                   "20 envelopes of the same content are 20 different ones");
}

/// The longest run of bytes in which a ^ b equals p ^ q, whatever the offset of the content in the envelope.
std::size_t longest_common_difference(ByteView a, ByteView b, ByteView p, ByteView q) {
  Bytes outer(std::min(a.size(), b.size())), inner(std::min(p.size(), q.size()));
  for (std::size_t i = 0; i < outer.size(); ++i) outer[i] = a[i] ^ b[i];
  for (std::size_t i = 0; i < inner.size(); ++i) inner[i] = p[i] ^ q[i];
  std::size_t longest = 0;
  for (std::size_t offset = 0; offset < outer.size(); ++offset) {
    std::size_t run = 0;
    for (std::size_t i = 0; i < inner.size() && offset + i < outer.size(); ++i) {
      run = outer[offset + i] == inner[i] ? run + 1 : 0;
      longest = std::max(longest, run);
    }
  }
  return longest;
}

/// Ciphertexts under one key stream differ just as their contents do.
void key_stream(Finding& finding, SuiteScene& scene) {
  scene.freeze_time(true);
  std::vector<Bytes> contents, envelopes;
  for (int i = 0; i < 6; ++i) {
    contents.push_back(content_of(200, "stream " + std::to_string(i)));
    envelopes.push_back(scene.seal(alice, bob, contents.back()));
  }
  scene.restart(alice);  // a counter that begins again is found out here
  for (int i = 6; i < 10; ++i) {
    contents.push_back(content_of(200, "stream " + std::to_string(i)));
    envelopes.push_back(scene.seal(alice, bob, contents.back()));
  }
  for (std::size_t i = 0; i < envelopes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const std::size_t run = longest_common_difference(envelopes[i], envelopes[j], contents[i], contents[j]);
      finding.expect(run < 10, "two envelopes do not differ as their contents do, found " + std::to_string(run) +
                                   " bytes in a row that do: one key stream for two messages");
    }
}

/// 16 bytes that some envelopes share and others do not: a nonce, a key or a block used again. Places that are the same
/// in all envelopes are a header; a window counts when at least 12 of its bytes are not.
void windows(Finding& finding, SuiteScene& scene, const SuiteKitOptions& options) {
  scene.freeze_time(true);
  constexpr std::size_t width = 16, enough = 12;
  std::vector<Bytes> envelopes;
  for (std::size_t i = 0; i < options.envelopes; ++i)
    envelopes.push_back(scene.seal(alice, bob, content_of(200, "window " + std::to_string(i))));
  const auto varies = [&](std::size_t at) {
    return std::ranges::any_of(envelopes, [&](const Bytes& e) {
      return at >= e.size() || at >= envelopes[0].size() || e[at] != envelopes[0][at];
    });
  };
  std::size_t longest = 0;
  for (const Bytes& e : envelopes) longest = std::max(longest, e.size());
  std::vector<std::size_t> varied(longest + 1);  // how many places before this one vary
  for (std::size_t at = 0; at < longest; ++at) varied[at + 1] = varied[at] + varies(at);

  std::unordered_map<std::string_view, std::size_t> seen;  // window, and the last envelope it was in
  for (std::size_t i = 0; i < envelopes.size(); ++i) {
    const std::string_view text = text_of(envelopes[i]);
    for (std::size_t at = 0; at + width <= text.size(); ++at) {
      if (varied[at + width] - varied[at] < enough) continue;
      const auto [entry, is_new] = seen.emplace(text.substr(at, width), i);
      if (!finding.expect(is_new || entry->second == i,
                          "no 16 bytes come again in " + std::to_string(envelopes.size()) +
                              " envelopes but those of a constant header, found some of envelope " +
                              std::to_string(entry->second) + " in " + std::to_string(i)))
        return;
    }
  }
}

void no_plain_text(Finding& finding, SuiteScene& scene) {
  const Bytes content = content_of(400);
  const Bytes envelope = scene.seal(alice, bob, content);
  for (std::size_t at = 3; at + 8 <= content.size(); ++at)
    if (!finding.expect(!contains(envelope, ByteView(content).subspan(at, 8)),
                        "no 8 bytes of the content are in the envelope"))
      return;
}

void no_sender(Finding& finding, SuiteScene& scene) {
  const Bytes envelope = scene.seal(alice, bob, content_of(100));
  const Identity& self = scene.self(alice);
  finding.expect(!contains(envelope, self.id().key()), "the sender's account key is not in the envelope");
  finding.expect(!contains(envelope, self.ed25519_public()), "the sender's Ed25519 key is not in the envelope");
  const std::string hex = to_hex(self.id().key()), text64 = to_base64(self.id().key(), Padding::without);
  finding.expect(!contains(envelope, view(hex)), "the sender's account ID is not in the envelope as hex");
  finding.expect(!contains(envelope, view(text64)), "the sender's account ID is not in the envelope as base64");
}

/// Lengths of messages tell much: envelopes of nearly equal contents must be equally long.
std::string steps(Finding& finding, SuiteScene& scene) {
  scene.freeze_time(true);
  std::set<std::size_t> sizes;
  constexpr std::size_t contents = 320;
  for (std::size_t size = 3; size < 3 + contents; ++size) sizes.insert(scene.seal(alice, bob, content_of(size)).size());
  finding.expect(
      sizes.size() <= contents / 32,
      "contents of 3 to 322 bytes give at most 10 lengths of envelopes, found " + std::to_string(sizes.size()));
  return std::to_string(sizes.size()) + " lengths for contents of 3 to 322 bytes";
}

void repeatable(Finding& finding, const MakeHarness& make, std::uint64_t seed) {
  const auto one_run = [&](std::uint64_t with) {
    SuiteScene scene(make, with);
    Bytes out;
    for (int i = 0; i < 3; ++i) {
      const Bytes envelope = scene.seal(alice, bob, content_of(100));
      out.insert(out.end(), envelope.begin(), envelope.end());
    }
    return out;
  };
  const Bytes first = one_run(seed);
  finding.expect(first == one_run(seed),
                 "two simulations of one seed give the same envelopes: randomness comes from the context or libsodium");
  finding.expect(first != one_run(seed + 1), "two seeds give different envelopes");
}

}  // namespace

void check_suite_secrecy(Report& report, const MakeHarness& make, const SuiteKitOptions& options) {
  const auto run = [&](std::string name, auto body) {
    check(report, std::move(name), [&](Finding& finding) {
      SuiteScene scene(make, options.seed);
      return body(finding, scene);
    });
  };
  run("the same content sealed twice gives different envelopes", sealed_twice);
  run("no key stream is used twice", key_stream);
  run("no block is used twice", [&](Finding& f, SuiteScene& s) { windows(f, s, options); });
  run("an envelope shows nothing of its content", no_plain_text);
  run("an envelope does not name its sender", no_sender);
  run("lengths of envelopes fall in steps", steps);
  check(report, "the same seed gives the same envelopes", [&](Finding& f) { repeatable(f, make, options.seed); });
}

}  // namespace argot::kit
