// What a suite remembers: only what it says, only in transactions, and no more than its promises allow.
#include "suite_kit_scene.h"

namespace argot::kit {
namespace {

using enum SuiteScene::Who;

/// A little of everything a suite does.
void exchange(SuiteScene& scene, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const Bytes there = scene.seal(alice, bob, content_of(50));
    scene.open(bob, there);
    const Bytes back = scene.seal(bob, alice, content_of(50));
    scene.open(alice, back);
  }
}

void seal_rolled_back(Finding& finding, SuiteScene& scene) {
  for (bool begun : {false, true}) {
    if (begun) exchange(scene, 2);
    scene.seal_in_vain(alice, bob, content_of(80, "never sent"));
    scene.seal_in_vain(alice, bob, content_of(81, "never sent"));
    const Bytes content = content_of(82);
    const Bytes envelope = scene.seal(alice, bob, content);
    finding.expect(scene.open(bob, envelope).content == content,
                   "what is sealed after a transaction that was rolled back opens");
  }
}

void open_rolled_back(Finding& finding, SuiteScene& scene) {
  const Bytes content = content_of(90);
  const Bytes envelope = scene.seal(alice, bob, content);
  for (int i = 0; i < 3; ++i)
    finding.expect(scene.open_in_vain(bob, envelope).content == content,
                   "an envelope opens again when its transaction was rolled back");
  scene.restart(bob);
  finding.expect(scene.open(bob, envelope).content == content, "and once more after a restart");
  exchange(scene, 2);
}

void restart(Finding& finding, SuiteScene& scene) {
  exchange(scene, 2);
  const Bytes content = content_of(95);
  const Bytes under_way = scene.seal(alice, bob, content);
  scene.restart(alice);
  scene.restart(bob);
  finding.expect(scene.open(bob, under_way).content == content, "what was under way opens after both have restarted");
  const Bytes next = scene.seal(alice, bob, content_of(96));
  finding.expect(scene.open(bob, next).content == content_of(96), "what is sealed after a restart opens");
}

void own_state_only(Finding& finding, SuiteScene& scene) {
  const bool stateful = scene.traits().stateful;
  exchange(scene, 5);
  const Bytes envelope = scene.seal(alice, bob, content_of(70));
  scene.refused(carol, envelope);
  for (auto who : {alice, bob, carol}) {
    const StateOnDisk& state = scene.state(who);
    finding.expect(state.violation().empty(), "the state is used by its rules, found " + state.violation());
    if (!stateful)
      finding.expect(state.writes() == 0, "a suite that says it keeps no state writes none, found " +
                                              std::to_string(state.writes()) + " writes");
  }
  if (stateful) finding.expect(scene.state(alice).writes() > 0, "a suite that says it keeps state writes some");
}

std::string bounded(Finding& finding, SuiteScene& scene) {
  const auto size = [](const StateOnDisk& state) {
    std::size_t bytes = 0;
    for (const auto& [key, value] : state.values()) bytes += key.size() + value.size();
    return bytes;
  };
  exchange(scene, 20);
  const std::size_t early = size(scene.state(alice)) + size(scene.state(bob));
  exchange(scene, 100);
  const std::size_t late = size(scene.state(alice)) + size(scene.state(bob));
  finding.expect(late <= early + early / 4 + 1024, "the state of a conversation does not grow with it, found " +
                                                       std::to_string(early) + " bytes after 40 messages and " +
                                                       std::to_string(late) + " after 240");
  return std::to_string(late / 2) + " bytes a side";
}

/// A thief with everything Bob has, in a kernel of the thief's own.
std::string forward_secrecy(Finding& finding, SuiteScene& scene) {
  const SuiteTraits traits = scene.traits();
  if (!traits.forward_secrecy) return "not promised";
  finding.expect(traits.stateful, "forward secrecy is not to be had without state");
  const Bytes envelope = scene.seal(alice, bob, content_of(123));
  scene.open(bob, envelope);
  exchange(scene, 1);
  scene.state(carol).replace(scene.state(bob).values());
  const std::string wrong = scene.refused(carol, envelope, &scene.self(bob));
  finding.expect(
      wrong.empty(),
      "an envelope that was opened before the theft stays shut for the thief of all keys and state, found that " +
          wrong);
  return {};
}

/// The thief's copy of Alice goes stale: after some turns of the conversation it opens nothing that is new.
std::string post_compromise(Finding& finding, SuiteScene& scene) {
  const SuiteTraits traits = scene.traits();
  if (!traits.post_compromise) return "not promised";
  finding.expect(traits.stateful, "recovery is not to be had without state");
  exchange(scene, 2);
  scene.state(carol).replace(scene.state(bob).values());
  exchange(scene, 5);
  const Bytes envelope = scene.seal(alice, bob, content_of(124));
  const std::string wrong = scene.refused(carol, envelope, &scene.self(bob));
  finding.expect(wrong.empty(),
                 "five round trips after the theft the thief opens nothing any more, found that " + wrong);
  return {};
}

}  // namespace

void check_suite_state(Report& report, const MakeHarness& make, const SuiteKitOptions& options) {
  const auto run = [&](std::string name, auto body) {
    check(report, std::move(name), [&](Finding& finding) {
      SuiteScene scene(make, options.seed);
      return body(finding, scene);
    });
  };
  run("a seal that was rolled back does no harm", seal_rolled_back);
  run("an opening that was rolled back does no harm", open_rolled_back);
  run("nothing but the state on disk is needed after a restart", restart);
  run("state is kept as the traits say", own_state_only);
  run("state does not grow with the conversation", bounded);
  run("forward secrecy is as the traits say", forward_secrecy);
  run("recovery from theft is as the traits say", post_compromise);
}

}  // namespace argot::kit
