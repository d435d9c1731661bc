// A mailbox is its owner's: who may read, what is refused, what goes away and when.
#include "transport_kit_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

using enum TransportScene::Who;

void expect_nothing(Finding& finding, TransportScene& scene, const Identity& owner, const std::string& who) {
  try {
    const Batch batch = scene.receive_as(carol, scene.inbox(bob), owner);
    finding.expect(batch.deliveries.empty(), who + " gets nothing out of Bob's mailbox, found " +
                                                 std::to_string(batch.deliveries.size()) + " envelopes");
  } catch (const Error&) {
    // refused, as it should be
  }
}

void owner_only(Finding& finding, TransportScene& scene) {
  scene.store(alice, scene.inbox(bob), scene.envelope(1));
  expect_nothing(finding, scene, scene.self(carol), "Carol");
  for (unsigned claims = 1; claims <= Impostor::claims_all; ++claims) {
    const Impostor impostor(scene.self(bob), scene.self(carol), claims);
    expect_nothing(finding, scene, impostor, "Carol, who says that she is Bob,");
  }
  finding.expect(scene.all_of(bob).size() == 1, "Bob gets it");
  finding.expect(scene.all_of(carol).empty(), "Carol's own mailbox is empty");
}

void nobody_else_changes(Finding& finding, TransportScene& scene) {
  const std::string hash = scene.store(alice, scene.inbox(bob), scene.envelope(1)).hash;
  const auto attempt = [&](const Identity& owner) {
    const auto lease = scene.harness().lease<Transport>(carol);
    try {
      scene.harness().run(carol, lease->remove(owner, scene.inbox(bob), std::vector<std::string>{hash}),
                          std::chrono::minutes(2));
    } catch (const Error&) {
    }
    try {
      scene.harness().run(carol,
                          lease->expire(owner, scene.inbox(bob), std::vector<std::string>{hash}, scene.harness().now()),
                          std::chrono::minutes(2));
    } catch (const Error&) {
    }
  };
  attempt(scene.self(carol));
  for (unsigned claims = 1; claims <= Impostor::claims_all; ++claims)
    attempt(Impostor(scene.self(bob), scene.self(carol), claims));
  scene.harness().pass(std::chrono::minutes(1));
  finding.expect(scene.all_of(bob).size() == 1, "what Carol tried to remove and to let expire is still there");
}

void refused(Finding& finding, TransportScene& scene, std::string_view what, Bytes envelope, Duration ttl) {
  try {
    scene.store(alice, scene.inbox(bob), std::move(envelope), ttl);
    finding.expect(false, std::string(what) + " is refused, found that it was stored");
  } catch (const Error& error) {
    finding.expect(error.code() == Code::invalid_argument || error.code() == Code::resource_exhausted,
                   std::string(what) + " is refused with invalid_argument or resource_exhausted, found " +
                       std::string(name_of(error.code())));
  }
}

void too_large(Finding& finding, TransportScene& scene) {
  const std::size_t max = scene.traits().max_envelope;
  refused(finding, scene, "an envelope of max_envelope + 1 bytes", scene.envelope(1, max + 1), scene.day);
  refused(finding, scene, "an envelope of 10 times max_envelope", scene.envelope(2, max * 10), scene.day);
  scene.store(alice, scene.inbox(bob), scene.envelope(3, max));
  finding.expect(scene.all_of(bob).size() == 1, "only the one that is not too large arrives");
}

void bad_ttl(Finding& finding, TransportScene& scene) {
  const TransportTraits traits = scene.traits();
  if (!finding.expect(traits.max_ttl > Duration::zero(), "traits().max_ttl says how long an envelope is kept")) return;
  refused(finding, scene, "a time to live of less than nothing", scene.envelope(1), std::chrono::seconds(-1));
  refused(finding, scene, "twice the longest time to live", scene.envelope(2), traits.max_ttl * 2);
  const StoreReceipt receipt = scene.store(alice, scene.inbox(bob), scene.envelope(3), traits.max_ttl);
  const Duration kept = receipt.expires_at - receipt.stored_at;
  finding.expect(kept <= traits.max_ttl + std::chrono::minutes(1), "nothing is kept longer than max_ttl");
}

void time_to_live(Finding& finding, TransportScene& scene) {
  scene.store(alice, scene.inbox(bob), scene.envelope(1), std::chrono::minutes(2));
  scene.store(alice, scene.inbox(bob), scene.envelope(2), std::chrono::hours(5));
  finding.expect(scene.all_of(bob).size() == 2, "both are there at first");
  scene.harness().pass(std::chrono::minutes(10));
  const Tally tally(scene.all_of(bob));
  finding.expect(!tally.has(scene.envelope(1)), "an envelope with a time to live of 2 minutes is gone after 10");
  finding.expect(tally.has(scene.envelope(2)), "one of 5 hours is still there");
}

void removal(Finding& finding, TransportScene& scene) {
  std::vector<std::string> hashes;
  for (std::size_t n = 0; n < 4; ++n) hashes.push_back(scene.store(alice, scene.inbox(bob), scene.envelope(n)).hash);
  std::vector<std::string> some = {hashes[1], hashes[2]};
  scene.remove(bob, some);
  const Tally tally(scene.all_of(bob));
  finding.expect(!tally.has(scene.envelope(1)) && !tally.has(scene.envelope(2)), "removed envelopes are gone");
  finding.expect(tally.has(scene.envelope(0)) && tally.has(scene.envelope(3)), "the others are not");
  scene.remove(bob, some);  // unknown now, and ignored
  std::vector<std::string> foreign = {keys::message_hash(scene.id(carol), 0, scene.envelope(77)), hashes[3]};
  scene.remove(bob, foreign);
  const std::size_t left = scene.all_of(bob).size();
  finding.expect(left == 1, "an unknown hash does not keep a known one from being removed, found " +
                                std::to_string(left) + " left instead of 1");
}

void expiry(Finding& finding, TransportScene& scene) {
  std::vector<std::string> hashes;
  for (std::size_t n = 0; n < 3; ++n)
    hashes.push_back(scene.store(alice, scene.inbox(bob), scene.envelope(n), std::chrono::hours(10)).hash);
  std::vector<std::string> some = {hashes[0]};
  scene.expire(bob, some, scene.harness().now() + std::chrono::minutes(2));
  finding.expect(scene.all_of(bob).size() == 3, "what expires later is still there");
  scene.harness().pass(std::chrono::minutes(10));
  const Tally tally(scene.all_of(bob));
  finding.expect(!tally.has(scene.envelope(0)), "an envelope whose expiry was set to 2 minutes is gone after 10");
  finding.expect(tally.has(scene.envelope(1)) && tally.has(scene.envelope(2)), "the others are not");
}

void bad_cursor(Finding& finding, TransportScene& scene) {
  scene.store(alice, scene.inbox(bob), scene.envelope(1));
  for (const char* cursor : {"no cursor of anybody's", "{", "0", "\xff\xfe", "{\"a\":1}"}) {
    try {
      const Batch batch = scene.receive(bob, cursor);
      finding.expect(batch.deliveries.size() <= 1, "a cursor that is none gives no more than there is");
    } catch (const Error& error) {
      finding.expect(error.code() == Code::invalid_argument || error.code() == Code::corrupt,
                     "a cursor that is none is refused as the caller's mistake, or read as a beginning");
    }
  }
  finding.expect(scene.all_of(bob).size() == 1, "the mailbox can still be read");
}

}  // namespace

void check_transport_mailbox(Report& report, const MakeHarness& make, const TransportKitOptions& options) {
  check_in_scene(report, "nobody else can read a mailbox", make, options, owner_only);
  check_in_scene(report, "nobody else can remove from a mailbox", make, options, nobody_else_changes);
  check_in_scene(report, "an envelope that is too large is refused", make, options, too_large);
  check_in_scene(report, "a time to live out of bounds is refused", make, options, bad_ttl);
  check_in_scene(report, "envelopes expire in time", make, options, time_to_live);
  check_in_scene(report, "removed envelopes are gone", make, options, removal);
  check_in_scene(report, "expiry can be set", make, options, expiry);
  check_in_scene(report, "a cursor that is none does no harm", make, options, bad_cursor);
}

}  // namespace argot::kit
