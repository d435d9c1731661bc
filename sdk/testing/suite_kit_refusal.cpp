// What is not a whole, genuine envelope for the one who opens it is refused, and leaves no mark.
#include "suite_kit_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

using enum SuiteScene::Who;

/// Where damage is tried: all of the first and last 200 bytes, and places drawn from between.
std::vector<std::size_t> places(std::size_t size, std::size_t limit) {
  std::vector<std::size_t> out;
  constexpr std::size_t edge = 200;
  if (size <= 2 * edge || limit <= 2 * edge) {
    for (std::size_t i = 0; i < size; ++i) out.push_back(i);
    return out;
  }
  for (std::size_t i = 0; i < edge; ++i) out.push_back(i), out.push_back(size - 1 - i);
  const std::size_t between = size - 2 * edge, more = std::min(limit - 2 * edge, between);
  for (std::size_t i = 0; i < more; ++i) out.push_back(edge + i * between / more);
  return out;
}

struct Sealed {
  Bytes content, envelope;
  AccountId sender;
};
Sealed one_envelope(SuiteScene& scene, std::size_t size = 700) {
  Sealed out{content_of(size), {}, scene.id(alice)};
  out.envelope = scene.seal(alice, bob, out.content);
  return out;
}

/// After all attempts the genuine envelope must still open.
void expect_unharmed(Finding& finding, SuiteScene& scene, const Sealed& sealed) {
  finding.expect(scene.open(bob, sealed.envelope).content == sealed.content,
                 "the genuine envelope still opens after the attempts");
}

void flips(Finding& finding, SuiteScene& scene, const SuiteKitOptions& options) {
  const Sealed sealed = one_envelope(scene);
  for (std::size_t place : places(sealed.envelope.size(), options.flips)) {
    Bytes damaged = sealed.envelope;
    damaged[place] ^= static_cast<Byte>(1u << (place * 5 % 8));
    const std::string wrong = scene.refused_or_unchanged(bob, damaged, sealed.sender, sealed.content);
    if (!finding.expect(wrong.empty(), "an envelope with one bit flipped in byte " + std::to_string(place) + " of " +
                                           std::to_string(damaged.size()) + " is refused, found that " + wrong))
      return;
  }
  expect_unharmed(finding, scene, sealed);
}

void lengths(Finding& finding, SuiteScene& scene) {
  const Sealed sealed = one_envelope(scene);
  const std::size_t size = sealed.envelope.size();
  for (std::size_t i = 0; i < 120; ++i) {
    // The first and last 40 lengths, and 40 between.
    const std::size_t length = i < 40   ? std::min(i, size - 1)
                               : i < 80 ? size - 1 - std::min(i - 40, size - 1)
                                        : size * (i - 80) / 40;
    const std::string wrong =
        scene.refused_or_unchanged(bob, ByteView(sealed.envelope).first(length), sealed.sender, sealed.content);
    if (!finding.expect(wrong.empty(), "an envelope cut to " + std::to_string(length) + " of " + std::to_string(size) +
                                           " bytes is refused, found that " + wrong))
      return;
  }
  for (std::size_t more : {1, 2, 15, 16, 64, 1000}) {
    Bytes longer = sealed.envelope;
    const Bytes tail = noise("tail", more);
    longer.insert(longer.end(), tail.begin(), tail.end());
    std::string wrong = scene.refused_or_unchanged(bob, longer, sealed.sender, sealed.content);
    finding.expect(wrong.empty(), "an envelope with " + std::to_string(more) +
                                      " bytes more at its end is refused, found that " + wrong);
    longer = tail;
    longer.insert(longer.end(), sealed.envelope.begin(), sealed.envelope.end());
    wrong = scene.refused_or_unchanged(bob, longer, sealed.sender, sealed.content);
    finding.expect(wrong.empty(), "an envelope with " + std::to_string(more) +
                                      " bytes more before it is refused, found that " + wrong);
  }
  expect_unharmed(finding, scene, sealed);
}

void spliced(Finding& finding, SuiteScene& scene) {
  const Sealed a = one_envelope(scene), b = one_envelope(scene, 701);
  const Bytes other = scene.seal(carol, bob, content_of(700, "carol's"));
  for (std::size_t part = 1; part < 8; ++part) {
    for (const Bytes* tail : {&b.envelope, &other}) {
      const std::size_t at = std::min(a.envelope.size(), tail->size()) * part / 8;
      Bytes mixed(a.envelope.begin(), a.envelope.begin() + static_cast<std::ptrdiff_t>(at));
      mixed.insert(mixed.end(), tail->begin() + static_cast<std::ptrdiff_t>(at), tail->end());
      // The cut may fall into bytes that carry no meaning: then it is one of the two, whole.
      const std::string wrong = scene.refused_or_unchanged(bob, mixed, a.sender, a.content);
      const bool whole = scene.refused_or_unchanged(bob, mixed, b.sender, b.content).empty() ||
                         scene.refused_or_unchanged(bob, mixed, scene.id(carol), content_of(700, "carol's")).empty();
      finding.expect(wrong.empty() || whole, "two envelopes put together are refused, found that " + wrong);
    }
  }
  expect_unharmed(finding, scene, a);
}

void rubbish(Finding& finding, SuiteScene& scene) {
  const Sealed sealed = one_envelope(scene);
  for (std::size_t i = 0; i < 300; ++i) {
    const std::size_t size = i < 100 ? i : i * 7;
    Bytes bytes = noise("rubbish " + std::to_string(i), size);
    if (i % 2) std::copy_n(sealed.envelope.begin(), std::min({size, sealed.envelope.size(), i / 2}), bytes.begin());
    std::string wrong =
        i % 2 ? scene.refused_or_unchanged(bob, bytes, sealed.sender, sealed.content) : scene.refused(bob, bytes);
    if (!finding.expect(wrong.empty(),
                        std::to_string(size) + " bytes that are no envelope are refused, found that " + wrong))
      return;
  }
  const std::string wrong = scene.refused(bob, Bytes(4 * 1024 * 1024, 0x5a));
  finding.expect(wrong.empty(), "4 MiB of rubbish is refused, found that " + wrong);
  expect_unharmed(finding, scene, sealed);
}

void wrong_recipient(Finding& finding, SuiteScene& scene) {
  const Sealed sealed = one_envelope(scene);
  std::string wrong = scene.refused(carol, sealed.envelope);
  finding.expect(wrong.empty(), "Carol cannot open what is for Bob, found that " + wrong);
  for (unsigned claims = 1; claims <= Impostor::claims_all; ++claims) {
    const Impostor impostor(scene.self(bob), scene.self(carol), claims);
    wrong = scene.refused(carol, sealed.envelope, &impostor);
    finding.expect(wrong.empty(), "Carol cannot open it by saying that she is Bob, found that " + wrong);
  }
  expect_unharmed(finding, scene, sealed);
}

std::string forgery(Finding& finding, SuiteScene& scene) {
  if (!scene.traits().authenticated) return "not promised";
  const Bytes content = content_of(300, "forged");
  for (unsigned claims = 1; claims <= Impostor::claims_all; ++claims) {
    const Impostor impostor(scene.self(alice), scene.self(carol), claims);
    Bytes envelope;
    try {
      envelope = scene.seal(carol, bob, content, &impostor);
    } catch (...) {
      continue;  // the suite noticed at once
    }
    try {
      const Opened opened = scene.open_in_vain(bob, envelope);
      finding.expect(opened.sender != scene.id(alice),
                     "what Carol sealed while saying that she is Alice is not Alice's");
    } catch (...) {
      // refused, as it should be
    }
  }
  return {};
}

void reflected(Finding& finding, SuiteScene& scene) {
  const Sealed sealed = one_envelope(scene);
  try {
    const Opened opened = scene.open_in_vain(alice, sealed.envelope);
    finding.expect(opened.sender == scene.id(alice), "an envelope that comes back to Alice is not taken for Bob's");
  } catch (...) {
    // refused: fine
  }
}

}  // namespace

void check_suite_refusal(Report& report, const MakeHarness& make, const SuiteKitOptions& options) {
  const auto run = [&](std::string name, auto body) {
    check(report, std::move(name), [&](Finding& finding) {
      SuiteScene scene(make, options.seed);
      return body(finding, scene);
    });
  };
  run("nobody else can open an envelope", wrong_recipient);
  run("nobody can seal in another's name", forgery);
  run("an envelope sent back is not taken for an answer", reflected);
  run("a flipped bit changes nothing that is read", [&](Finding& f, SuiteScene& s) { flips(f, s, options); });
  run("a shortened or lengthened envelope changes nothing that is read", lengths);
  run("parts of two envelopes do not make a third", spliced);
  run("rubbish is refused", rubbish);
}

}  // namespace argot::kit
