// What is sealed is what is opened, by whom it was meant for.
#include "suite_kit_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

using enum SuiteScene::Who;

std::string at_size(std::size_t size) { return "content of " + std::to_string(size) + " bytes "; }

/// Small sizes one by one, then in growing steps, then the largest.
std::vector<std::size_t> sizes_up_to(std::size_t max) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size < max; size += size < 20 ? 1 : 1 + size / 4) sizes.push_back(size);
  for (std::size_t near : {127, 128, 129, 159, 160, 161, 255, 256, 257})
    if (near < max) sizes.push_back(near);
  if (max > 0) sizes.push_back(max - 1);
  sizes.push_back(max);
  return sizes;
}

void round_trip(Finding& finding, SuiteScene& scene) {
  const std::size_t max = scene.traits().max_content;
  if (!finding.expect(max > 0, "traits().max_content says how much fits")) return;
  for (std::size_t size : sizes_up_to(max)) {
    const Bytes content = content_of(size);
    const std::uint64_t time = scene.next_time();
    const Bytes envelope = scene.seal_at(alice, scene.id(bob), content, time);
    const Opened opened = scene.open(bob, envelope);
    finding.expect(opened.content.size() == size, at_size(size) + "comes back as " + std::to_string(size) +
                                                      " bytes, found " + std::to_string(opened.content.size()));
    finding.expect(opened.content == content, at_size(size) + "comes back byte for byte");
    finding.expect(opened.sent_at_ms == time, at_size(size) + "comes back with the time it was sent at");
    if (!finding.holds()) return;
  }
}

void any_bytes(Finding& finding, SuiteScene& scene) {
  // Content is the caller's: zeros at its end, bytes that look like padding, text.
  std::vector<Bytes> contents;
  contents.push_back(Bytes(100, 0x00));
  contents.push_back(Bytes(100, 0x80));
  contents.push_back(Bytes(100, 0xff));
  Bytes ends_in_padding = content_of(57);
  ends_in_padding.insert(ends_in_padding.end(), {0x80, 0, 0, 0});
  contents.push_back(std::move(ends_in_padding));
  for (const Bytes& content : contents) {
    const Bytes envelope = scene.seal(alice, bob, content);
    finding.expect(scene.open(bob, envelope).content == content,
                   "content that ends like padding, or is all zeros, comes back byte for byte");
  }
}

void names_sender(Finding& finding, SuiteScene& scene) {
  const Bytes content = content_of(200);
  const Bytes from_alice = scene.seal(alice, bob, content), from_carol = scene.seal(carol, bob, content);
  finding.expect(scene.open(bob, from_carol).sender == scene.id(carol), "Carol's envelope is Carol's");
  finding.expect(scene.open(bob, from_alice).sender == scene.id(alice), "Alice's envelope is Alice's");
  const Bytes answer = scene.seal(bob, alice, content);
  finding.expect(scene.open(alice, answer).sender == scene.id(bob), "Bob's answer is Bob's");
}

void any_order(Finding& finding, SuiteScene& scene) {
  std::vector<Bytes> envelopes;
  for (std::size_t i = 0; i < 10; ++i) envelopes.push_back(scene.seal(alice, bob, content_of(50 + i)));
  for (std::size_t i : {0, 9, 3, 7, 1}) {
    finding.expect(scene.open(bob, envelopes[i]).content == content_of(50 + i),
                   "an envelope that overtook others, or whose predecessor was lost, opens");
  }
}

void conversation(Finding& finding, SuiteScene& scene) {
  for (std::size_t i = 0; i < 20; ++i) {
    const Bytes there = scene.seal(alice, bob, content_of(30 + i, "there"));
    finding.expect(scene.open(bob, there).content == content_of(30 + i, "there"),
                   "what Alice says arrives, round " + std::to_string(i + 1));
    const Bytes back = scene.seal(bob, alice, content_of(40 + i, "back"));
    finding.expect(scene.open(alice, back).content == content_of(40 + i, "back"),
                   "what Bob answers arrives, round " + std::to_string(i + 1));
    if (i == 10) scene.restart(alice), scene.restart(bob);
  }
}

void both_begin(Finding& finding, SuiteScene& scene) {
  const Bytes a = scene.seal(alice, bob, content_of(60)), b = scene.seal(bob, alice, content_of(61));
  finding.expect(scene.open(alice, b).content == content_of(61), "the first messages of both cross and both open");
  finding.expect(scene.open(bob, a).content == content_of(60), "the first messages of both cross and both open");
}

void bounds(Finding& finding, SuiteScene& scene) {
  const SuiteTraits traits = scene.traits();
  expect_error(finding, Code::invalid_argument, "content of max_content + 1 bytes",
               [&] { scene.seal(alice, bob, content_of(traits.max_content + 1)); });
  expect_error(finding, Code::invalid_argument, "content of ten times max_content",
               [&] { scene.seal(alice, bob, Bytes(traits.max_content * 10 + 10)); });
}

void peers(Finding& finding, SuiteScene& scene) {
  const Bytes content = content_of(50);
  if (!scene.traits().groups) {
    const AccountId group(AccountId::group, scene.id(bob).key());
    expect_error(finding, Code::invalid_argument, "a group, when groups are not promised",
                 [&] { scene.seal_at(alice, group, content, scene.next_time()); });
  }
  expect_error(finding, Code::invalid_argument, "an account that is all zeros",
               [&] { scene.seal_at(alice, AccountId(), content, scene.next_time()); });
}

void claims(Finding& finding, SuiteScene& scene) {
  for (std::size_t size : {0, 1, 100, 1000}) {
    const Bytes envelope = scene.seal(alice, bob, content_of(size));
    scene.harness().call(
        bob, [&] { finding.expect(scene.suite(bob)->claims(envelope), "claims() is true of an envelope of its own"); });
  }
  std::size_t claimed = 0;
  scene.harness().call(bob, [&] {
    finding.expect(!scene.suite(bob)->claims({}), "claims() is false of nothing");
    for (std::size_t i = 0; i < 1000; ++i)
      claimed += scene.suite(bob)->claims(noise("rubbish " + std::to_string(i), 1 + i));
  });
  finding.expect(claimed <= 100,
                 "claims() is false of most random bytes, found " + std::to_string(claimed) + " of 1000 claimed");
}

}  // namespace

void check_suite_exchange(Report& report, const MakeHarness& make, const SuiteKitOptions& options) {
  const auto run = [&](std::string name, void (*body)(Finding&, SuiteScene&)) {
    check(report, std::move(name), [&](Finding& finding) {
      SuiteScene scene(make, options.seed);
      body(finding, scene);
    });
  };
  run("what is sealed opens byte for byte, at every size", round_trip);
  run("content may be any bytes", any_bytes);
  run("the sender is the one who sealed", names_sender);
  run("a conversation goes both ways and on after restarts", conversation);
  run("both may begin at once", both_begin);
  run("envelopes open in any order, and when some are lost", any_order);
  run("content that is too large is refused", bounds);
  run("a peer that cannot be sealed to is refused", peers);
  run("an envelope is known by its first bytes", claims);
}

}  // namespace argot::kit
