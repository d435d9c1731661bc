// receive() waits as long as it is told to and no longer, and leaves nothing behind when it is ended.
#include "transport_kit_scene.h"

namespace argot::kit {
namespace {

using enum TransportScene::Who;
using std::chrono::minutes;
using std::chrono::seconds;

std::string in_seconds(Duration time) { return std::to_string(time / std::chrono::milliseconds(1)) + " ms"; }

std::string at_once(Finding& finding, TransportScene& scene) {
  const Duration before = scene.harness().uptime();
  const Batch empty = scene.receive(bob, {});
  const Duration took = scene.harness().uptime() - before;
  finding.expect(empty.deliveries.empty() && !empty.more, "an empty mailbox gives an empty batch");
  finding.expect(took <= scene.prompt, "receive() without a wait answers at once, found after " + in_seconds(took));
  return "after " + in_seconds(took);
}

void no_longer_than_told(Finding& finding, TransportScene& scene) {
  std::string cursor;
  for (Duration wait : {Duration(seconds(5)), Duration(seconds(40)), Duration(minutes(2))}) {
    const Duration before = scene.harness().uptime();
    const Batch batch = scene.receive(bob, cursor, wait, wait + minutes(2));
    cursor = batch.cursor;
    const Duration took = scene.harness().uptime() - before;
    finding.expect(batch.deliveries.empty(), "nothing arrives in an empty mailbox");
    finding.expect(took <= wait + scene.prompt,
                   "receive() that may wait " + in_seconds(wait) + " returns by then, found after " + in_seconds(took));
  }
}

void what_is_there(Finding& finding, TransportScene& scene) {
  scene.store(alice, scene.inbox(bob), scene.envelope(1));
  const Duration before = scene.harness().uptime();
  const Batch batch = scene.receive(bob, {}, minutes(2), minutes(4));
  finding.expect(batch.deliveries.size() == 1, "receive() gives what is there");
  finding.expect(scene.harness().uptime() - before <= scene.prompt, "receive() does not wait when something is there");
}

std::string on_arrival(Finding& finding, TransportScene& scene) {
  const bool pushes = scene.traits().pushes;
  const auto reader = scene.reader();
  Duration longest{0};
  for (std::size_t n = 0; n < 3; ++n) {
    auto waiting = scene.begin_receive(bob, reader, minutes(2));
    scene.harness().pass(seconds(10));
    if (!finding.expect(!waiting.running->done(), "receive() waits while there is nothing new")) return {};
    scene.store(alice, scene.inbox(bob), scene.envelope(n));
    const Duration stored = scene.harness().uptime();
    scene.harness().step_until([&] { return waiting.running->done(); }, minutes(4));
    if (!finding.expect(waiting.running->done(), "receive() returns when something has arrived")) return {};
    if (waiting.running->failure()) std::rethrow_exception(waiting.running->failure());
    const Duration took = scene.harness().uptime() - stored;
    longest = std::max(longest, took);
    finding.expect(took <= (pushes ? Duration(seconds(10)) : Duration(minutes(2) + scene.prompt)),
                   pushes ? "receive() returns when something arrives, as traits().pushes promises, found " +
                                in_seconds(took) + " later"
                          : "receive() returns by the end of its wait");
    std::vector<Delivery> got = *waiting.news;
    if (got.empty()) got = scene.drain(bob, *reader);
    finding.expect(got.size() == 1 && got[0].envelope == scene.envelope(n),
                   "what arrived during the wait is given out, once");
  }
  return (pushes ? "pushes; at most " : "not promised; at most ") + in_seconds(longest) + " after it was stored";
}

std::string cancelled(Finding& finding, TransportScene& scene) {
  const auto reader = scene.reader();
  scene.store(alice, scene.inbox(bob), scene.envelope(1));
  scene.drain(bob, *reader);
  scene.harness().pass(minutes(2));  // what the first calls began (idle connections) has settled
  const Usage before = scene.harness().usage(bob);
  for (Duration after :
       {Duration(0), Duration(std::chrono::milliseconds(15)), Duration(seconds(3)), Duration(seconds(20))}) {
    auto waiting = scene.begin_receive(bob, reader, minutes(5));
    scene.harness().pass(after);
    waiting.running->cancel();
    if (!finding.expect(scene.harness().step_until([&] { return waiting.running->done(); }, seconds(10)),
                        "a receive that is cancelled " + in_seconds(after) + " after it began ends"))
      return {};
    scene.harness().pass(minutes(2));
    const Usage now = scene.harness().usage(bob);
    finding.expect(now.tasks <= before.tasks && now.waits <= before.waits && now.jobs <= before.jobs,
                   "after a cancelled receive nothing more is in progress than before (" + before.text() + "), found " +
                       now.text());
  }
  scene.store(alice, scene.inbox(bob), scene.envelope(2));
  finding.expect(scene.drain(bob, *reader).size() == 1, "after cancelled receives the next one works");
  return before.text() + " when idle";
}

void stop_in_flight(Finding& finding, TransportScene& scene) {
  scene.harness().complaints();
  for (Duration after : {Duration(0), Duration(std::chrono::milliseconds(15)), Duration(seconds(3))}) {
    auto waiting = scene.begin_receive(bob, scene.reader(), minutes(5));
    scene.harness().pass(after);
    const Duration before = scene.harness().uptime();
    scene.harness().stop(bob);
    const Duration took = scene.harness().uptime() - before;
    finding.expect(took <= seconds(12), "stop with a receive in flight is quick, found " + in_seconds(took));
    finding.expect(waiting.running->done(), "a receive in flight has ended when stop is over");
    const auto complaints = scene.harness().complaints();
    finding.expect(complaints.empty(), "stop with a receive in flight leaves nothing behind, found: " +
                                           (complaints.empty() ? "" : complaints.front()));
    scene.harness().start(bob);
  }
  scene.store(alice, scene.inbox(bob), scene.envelope(1));
  finding.expect(scene.all_of(bob).size() == 1, "after that mail arrives as before");
}

void two_at_once(Finding& finding, TransportScene& scene) {
  auto bobs = scene.begin_receive(bob, scene.reader(), minutes(1));
  auto carols = scene.begin_receive(carol, scene.reader(), minutes(1));
  scene.harness().pass(seconds(2));
  scene.store(alice, scene.inbox(carol), scene.envelope(1));
  scene.store(carol, scene.inbox(alice), scene.envelope(2));
  scene.harness().step_until([&] { return carols.running->done() && bobs.running->done(); }, minutes(4));
  const std::vector<Delivery> alices = scene.all_of(alice), bobs_later = scene.all_of(bob),
                              carols_later = scene.all_of(carol);
  finding.expect(alices.size() == 1 && alices[0].envelope == scene.envelope(2), "Alice gets what is hers");
  finding.expect(bobs.news->empty() && bobs_later.empty(), "Bob, who waited, gets nothing that is Carol's");
  finding.expect(carols_later.size() == 1 && carols_later[0].envelope == scene.envelope(1), "Carol gets what is hers");
}

}  // namespace

void check_transport_waiting(Report& report, const MakeHarness& make, const TransportKitOptions& options) {
  check_in_scene(report, "an empty mailbox answers at once", make, options, at_once);
  check_in_scene(report, "a full mailbox does not wait", make, options, what_is_there);
  check_in_scene(report, "a wait is no longer than it was told to be", make, options, no_longer_than_told);
  check_in_scene(report, "arrival ends a wait, as the traits say", make, options, on_arrival);
  check_in_scene(report, "mailboxes are apart", make, options, two_at_once);
  check_in_scene(report, "a cancelled receive leaves nothing behind", make, options, cancelled);
  check_in_scene(report, "it stops cleanly with a receive in flight", make, options, stop_in_flight);
}

}  // namespace argot::kit
