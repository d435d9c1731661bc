// When the network fails, a call fails in time and says so; when it is back, everything arrives, once.
#include "transport_kit_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

using enum TransportScene::Who;
using std::chrono::minutes;
using std::chrono::seconds;

void expect_all_once(Finding& finding, const std::vector<Delivery>& got, const std::vector<Bytes>& sent,
                     std::string_view when) {
  const Tally tally(got);
  const auto lost = std::ranges::count_if(sent, [&](const Bytes& e) { return !tally.has(e); });
  finding.expect(lost == 0, std::string(when) + " everything arrives in the end, found " + std::to_string(lost) +
                                " of " + std::to_string(sent.size()) + " missing");
  finding.expect(tally.renamed() == 0,
                 std::string(when) + " nothing arrives under two hashes, found " + std::to_string(tally.renamed()));
  finding.expect(tally.hashes.size() <= sent.size(), std::string(when) + " nothing arrives that was not sent");
}

std::string loss(Finding& finding, TransportScene& scene) {
  if (!scene.harness().has_network()) return "no network to disturb";
  scene.harness().lose(0.2);
  std::vector<Bytes> sent;
  std::vector<Delivery> got;
  Reader reader;
  for (std::size_t n = 0; n < 40; ++n) {
    sent.push_back(scene.envelope(n));
    scene.store_until_done(alice, scene.inbox(bob), sent.back());
    if (n % 10 != 9) continue;
    std::ranges::move(scene.drain_with_faults(bob, reader, 10), std::back_inserter(got));
  }
  scene.harness().lose(0);
  std::ranges::move(scene.drain(bob, reader), std::back_inserter(got));
  expect_all_once(finding, got, sent, "with a fifth of all packets lost");
  return {};
}

/// The call fails as a call in a broken network should, or succeeds because it did not need the network.
void fails_properly(Finding& finding, TransportScene& scene, const std::string& what,
                    const std::function<void()>& call) {
  const Duration before = scene.harness().uptime();
  try {
    call();
  } catch (const Error& error) {
    finding.expect(error.code() == Code::unavailable || error.code() == Code::timeout,
                   what + " fails with unavailable or timeout, found " + error.sentence());
  }
  finding.expect(scene.harness().uptime() - before <= minutes(2), what + " ends within 2 minutes");
}

std::string sender_cut_off(Finding& finding, TransportScene& scene) {
  if (!scene.harness().has_network()) return "no network to disturb";
  std::vector<Bytes> sent = {scene.envelope(0), scene.envelope(1)};
  scene.store(alice, scene.inbox(bob), sent[0]);
  scene.harness().cut(alice, true);
  fails_properly(finding, scene, "a store of a sender who is cut off",
                 [&] { scene.store(alice, scene.inbox(bob), sent[1], scene.day, minutes(3)); });
  fails_properly(finding, scene, "the next one",
                 [&] { scene.store(alice, scene.inbox(bob), sent[1], scene.day, minutes(3)); });
  scene.harness().cut(alice, false);
  scene.store_until_done(alice, scene.inbox(bob), sent[1]);
  Reader reader;
  expect_all_once(finding, scene.drain(bob, reader), sent, "after the sender was cut off");
  return {};
}

std::string receiver_cut_off(Finding& finding, TransportScene& scene) {
  if (!scene.harness().has_network()) return "no network to disturb";
  std::vector<Bytes> sent;
  const auto reader = scene.reader();
  for (std::size_t n = 0; n < 3; ++n) scene.store(alice, scene.inbox(bob), sent.emplace_back(scene.envelope(n)));
  std::vector<Delivery> got = scene.drain(bob, *reader);
  {
    auto waiting = scene.begin_receive(bob, reader, seconds(20));
    scene.harness().pass(seconds(1));
    scene.harness().cut(bob, true);
    for (std::size_t n = 3; n < 6; ++n) scene.store(alice, scene.inbox(bob), sent.emplace_back(scene.envelope(n)));
    if (!finding.expect(scene.harness().step_until([&] { return waiting.running->done(); }, minutes(2)),
                        "a receive that was cut off ends"))
      return {};
    if (waiting.running->failure()) {
      const Error error = to_error(waiting.running->failure());
      finding.expect(error.code() == Code::unavailable || error.code() == Code::timeout,
                     "a receive that was cut off fails with unavailable or timeout, found " + error.sentence());
    }
    std::ranges::copy(*waiting.news, std::back_inserter(got));
  }
  fails_properly(finding, scene, "a receive of somebody who is cut off", [&] {
    std::ranges::move(reader->take(scene.receive(bob, reader->cursor, {}, minutes(3))), std::back_inserter(got));
  });
  scene.harness().cut(bob, false);
  std::ranges::move(scene.drain_with_faults(bob, *reader, 6 - std::min<std::size_t>(got.size(), 6)),
                    std::back_inserter(got));
  expect_all_once(finding, got, sent, "after the receiver was cut off");
  return {};
}

/// Cuts a store in the middle: it may have arrived or not, and the retry must not make two of it.
Task<> cut_later(Harness& harness, Duration when, bool& cut) {
  co_await harness.context(bob).sleep(when);
  harness.cut(alice, true);
  cut = true;
}

/// Cut in the middle of a store: it may have arrived or not; the retry must not make two of it.
std::string cut_in_the_middle(Finding& finding, TransportScene& scene) {
  if (!scene.harness().has_network()) return "no network to disturb";
  std::vector<Bytes> sent;
  std::size_t already = 0;
  for (std::size_t n = 0; n < 24; ++n) {
    sent.push_back(scene.envelope(n));
    bool cut = false;
    const auto cutter =
        scene.harness().begin(bob, cut_later(scene.harness(), std::chrono::milliseconds(7) * static_cast<int>(n), cut));
    try {
      scene.store(alice, scene.inbox(bob), sent.back(), scene.day, minutes(3));
    } catch (const Error& error) {
      finding.expect(error.code() == Code::unavailable || error.code() == Code::timeout,
                     "a store that is cut off half way fails with unavailable or timeout, found " + error.sentence());
    }
    scene.harness().step_until([&] { return cut; }, seconds(10));
    scene.harness().cut(alice, false);
    already += scene.store_until_done(alice, scene.inbox(bob), sent.back()).already;
  }
  Reader reader;
  const std::vector<Delivery> got = scene.drain(bob, reader);
  expect_all_once(finding, got, sent, "when stores are cut off half way and tried again");
  return std::to_string(already) + " of 24 had arrived before the retry";
}

Task<> store_once(Lease<Transport> lease, Mailbox to, Bytes envelope) {
  StoreRequest request(to, envelope, TransportScene::day);
  co_await lease->store(std::move(request));
}

void crash_of_sender(Finding& finding, TransportScene& scene) {
  std::vector<Bytes> sent;
  std::vector<Delivery> got;
  Reader reader;
  for (std::size_t n = 0; n < 10; ++n) {
    sent.push_back(scene.envelope(n));
    auto running = scene.harness().begin(
        alice, store_once(scene.harness().lease<Transport>(alice), scene.inbox(bob), sent.back()));
    scene.harness().pass(std::chrono::milliseconds(9) * static_cast<int>(n));
    scene.harness().kill(alice);
    running.reset();
    scene.harness().start(alice);
    scene.store_until_done(alice, scene.inbox(bob), sent.back());
    std::ranges::move(scene.drain(bob, reader), std::back_inserter(got));
  }
  expect_all_once(finding, got, sent, "when the sender crashes half way and tries again");
}

}  // namespace

void check_transport_faults(Report& report, const MakeHarness& make, const TransportKitOptions& options) {
  check_in_scene(report, "lost packets delay and no more", make, options, loss);
  check_in_scene(report, "a sender who is cut off is told, and can try again", make, options, sender_cut_off);
  check_in_scene(report, "a receiver who is cut off gets everything later", make, options, receiver_cut_off);
  check_in_scene(report, "a store that is cut off half way can be repeated", make, options, cut_in_the_middle);
  check_in_scene(report, "a sender who crashes half way can repeat", make, options, crash_of_sender);
}

}  // namespace argot::kit
