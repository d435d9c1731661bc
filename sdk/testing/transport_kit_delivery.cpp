// What is stored is received: whole, once, and later too.
#include "transport_kit_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

using enum TransportScene::Who;

void byte_for_byte(Finding& finding, TransportScene& scene) {
  const std::size_t max = scene.traits().max_envelope;
  if (!finding.expect(max > 0, "traits().max_envelope says how much fits")) return;
  Reader reader;
  std::size_t n = 0;
  for (std::size_t size :
       {std::size_t(1), std::size_t(2), std::size_t(3), std::size_t(100), std::size_t(4096), max / 2, max}) {
    if (size > max || size == 0) continue;
    const Bytes envelope = scene.envelope(n++, size);
    const StoreReceipt receipt = scene.store(alice, scene.inbox(bob), envelope);
    const std::vector<Delivery> got = scene.drain(bob, reader);
    const std::string what = "an envelope of " + std::to_string(size) + " bytes ";
    if (!finding.expect(got.size() == 1, what + "arrives, found " + std::to_string(got.size()) + " deliveries")) return;
    finding.expect(got[0].envelope == envelope, what + "arrives byte for byte");
    finding.expect(!got[0].hash.empty() && got[0].hash == receipt.hash, what + "has one hash for both sides");
    finding.expect(!receipt.already, what + "that is new is not reported as stored already");
    finding.expect(receipt.expires_at > receipt.stored_at, what + "expires after it is stored");
  }
}

/// Stores many and receives all of them, in rounds with a cursor: what is lost and what comes twice.
struct Many {
  std::vector<Bytes> sent;
  std::vector<Delivery> got;
  std::size_t repeats = 0;
};
Many send_many(TransportScene& scene) {
  Many many;
  Reader reader;
  const std::size_t all = scene.options().envelopes;
  for (std::size_t n = 0; n < all; ++n) {
    many.sent.push_back(scene.envelope(n, 100 + n % 300));
    scene.store(n % 3 == 2 ? carol : alice, scene.inbox(bob), many.sent.back());
    if (n % 97 != 96 && n + 1 != all) continue;
    std::ranges::move(scene.drain(bob, reader), std::back_inserter(many.got));
  }
  for (int round = 0; round < 3; ++round)  // what was given out must not come again as something new
    std::ranges::move(scene.drain(bob, reader), std::back_inserter(many.got));
  many.repeats = reader.repeats;
  return many;
}

/// One run, two findings.
void many(Report& report, const MakeHarness& make, const TransportKitOptions& options) {
  std::optional<Many> result;
  std::optional<Tally> tally;
  const std::string count = std::to_string(options.envelopes);
  check(report, "nothing that was stored is lost", [&](Finding& finding) {
    TransportScene scene(make, options);
    result = send_many(scene);
    tally.emplace(result->got);
    const auto lost = std::ranges::count_if(result->sent, [&](const Bytes& e) { return !tally->has(e); });
    finding.expect(lost == 0, "all of " + count + " envelopes arrive, found " + std::to_string(lost) + " missing");
    return "of " + count;
  });
  check(report, "an envelope is delivered once", [&](Finding& finding) {
    if (!finding.expect(tally.has_value(), count + " envelopes can be sent at all")) return std::string();
    finding.expect(tally->renamed() == 0, "no envelope is delivered under two hashes, found " +
                                              std::to_string(tally->renamed()) + " of " + count);
    finding.expect(tally->hashes.size() <= result->sent.size(), "nothing is delivered that was not stored");
    return std::to_string(result->repeats) + " came again under a hash that was known";
  });
}

void identical_bytes(Finding& finding, TransportScene& scene) {
  const Bytes envelope = scene.envelope(1);
  const StoreReceipt first = scene.store(alice, scene.inbox(bob), envelope);
  const StoreReceipt second = scene.store(alice, scene.inbox(bob), envelope);
  const StoreReceipt third = scene.store(carol, scene.inbox(bob), envelope);
  finding.expect(second.hash == first.hash && third.hash == first.hash, "identical bytes have the same hash each time");
  finding.expect(second.already, "the second receipt says that it was there already");
  const StoreReceipt other = scene.store(alice, scene.inbox(bob), scene.envelope(2));
  finding.expect(other.hash != first.hash, "other bytes have another hash");
  Reader reader;
  const std::size_t got = scene.drain(bob, reader).size();
  finding.expect(got == 2, "three times the same and one other are two deliveries, found " + std::to_string(got));
}

void survives_restart(Finding& finding, TransportScene& scene) {
  if (!scene.traits().offline_delivery) return;
  for (std::size_t n = 0; n < 5; ++n) scene.store(alice, scene.inbox(bob), scene.envelope(n));
  for (auto who : {alice, bob, carol}) scene.harness().stop(who);
  scene.harness().pass(std::chrono::minutes(5));
  for (auto who : {alice, bob, carol}) scene.harness().start(who);
  Reader reader;
  const Tally tally(scene.drain(bob, reader));
  finding.expect(tally.hashes.size() == 5,
                 "five envelopes that were stored are there after everybody has restarted, found " +
                     std::to_string(tally.hashes.size()));
}

void cursor_survives(Finding& finding, TransportScene& scene) {
  Reader reader;
  for (std::size_t n = 0; n < 5; ++n) scene.store(alice, scene.inbox(bob), scene.envelope(n));
  const std::size_t before = scene.drain(bob, reader).size();
  finding.expect(before == 5, "five envelopes arrive before the crash, found " + std::to_string(before));
  scene.harness().kill(bob);
  scene.harness().pass(std::chrono::seconds(5));
  scene.harness().start(bob);
  for (std::size_t n = 5; n < 8; ++n) scene.store(alice, scene.inbox(bob), scene.envelope(n));
  const std::size_t after = scene.drain(bob, reader).size();
  finding.expect(after == 3,
                 "with the cursor from before the crash the three new envelopes arrive, and nothing old under another "
                 "hash, found " +
                     std::to_string(after));
}

std::string receiver_away(Finding& finding, TransportScene& scene) {
  if (!scene.traits().offline_delivery) return "not promised";
  scene.harness().stop(bob);
  for (std::size_t n = 0; n < 3; ++n) scene.store(alice, scene.inbox(bob), scene.envelope(n));
  scene.harness().stop(alice);
  scene.harness().pass(std::chrono::hours(1));
  scene.harness().start(bob);
  Reader reader;
  const std::size_t got = scene.drain(bob, reader).size();
  finding.expect(got == 3,
                 "three envelopes stored while the receiver was away arrive after the sender has left, found " +
                     std::to_string(got));
  return {};
}

std::string in_order(Finding& finding, TransportScene& scene) {
  if (!scene.traits().ordered) return "not promised";
  for (std::size_t n = 0; n < 40; ++n) scene.store(alice, scene.inbox(bob), scene.envelope(n));
  Reader reader;
  const std::vector<Delivery> got = scene.drain(bob, reader);
  for (std::size_t n = 0; n < got.size(); ++n)
    if (!finding.expect(
            got[n].envelope == scene.envelope(n),
            "delivery " + std::to_string(n + 1) + " is the envelope stored as number " + std::to_string(n + 1)))
      break;
  return {};
}

/// Whoever keeps the envelope is the last way-point of the receipt's route.
std::string addresses_hidden(Finding& finding, TransportScene& scene, bool sender) {
  const TransportTraits traits = scene.traits();
  if (!(sender ? traits.hides_sender_address : traits.hides_receiver_address)) return "not promised";
  if (!scene.harness().has_network()) return "no network to look at";
  scene.harness().talked_to(sender ? alice : bob);
  Route route;
  for (std::size_t n = 0; n < 5; ++n) {
    route = scene.store(alice, scene.inbox(bob), scene.envelope(n)).route;
    if (!sender) route = scene.receive(bob, {}).route;
    if (!finding.expect(!route.empty(), "the route says who keeps the envelope")) return {};
    for (const std::string& host : scene.harness().talked_to(sender ? alice : bob))
      finding.expect(route.back().find(host) == std::string::npos,
                     "who keeps the envelope (" + route.back() + ") is never spoken to directly");
  }
  return {};
}

}  // namespace

void check_transport_delivery(Report& report, const MakeHarness& make, const TransportKitOptions& options) {
  check_in_scene(report, "what is stored is received byte for byte", make, options, byte_for_byte);
  many(report, make, options);
  check_in_scene(report, "identical bytes are stored once", make, options, identical_bytes);
  check_in_scene(report, "what is stored survives restarts", make, options, survives_restart);
  check_in_scene(report, "a cursor survives a crash of the receiver", make, options, cursor_survives);
  check_in_scene(report, "the receiver may be away, as the traits say", make, options, receiver_away);
  check_in_scene(report, "order is as the traits say", make, options, in_order);
  check_in_scene(report, "the sender's address is hidden as the traits say", make, options,
                 [](Finding& f, TransportScene& s) { return addresses_hidden(f, s, true); });
  check_in_scene(report, "the receiver's address is hidden as the traits say", make, options,
                 [](Finding& f, TransportScene& s) { return addresses_hidden(f, s, false); });
}

}  // namespace argot::kit
