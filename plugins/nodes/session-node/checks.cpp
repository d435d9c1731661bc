#include "checks.h"

#include "namespaces.h"

namespace argot::node {
namespace {

constexpr std::int64_t store_tolerance_ms = 10 * second_ms;
constexpr std::int64_t signature_tolerance_ms = 60 * second_ms;
constexpr std::int64_t forwarded_tolerance_ms = 70 * second_ms;

/// Apart by more than `tolerance`; times may be anything from 0 to the largest number.
bool far(std::int64_t time, std::int64_t now, std::int64_t tolerance) {
  return time > now ? time - now > tolerance : now - time > tolerance;
}

/// How a method names itself when its signature is wrong.
std::string signature_failure(const Call& call) {
  std::string name = call.method;
  if (std::holds_alternative<Delete>(call.params)) name = "delete_msgs";
  if (std::holds_alternative<Expire>(call.params)) name = "expire:";
  return name + " signature verification failed";
}

struct Check {
  const Call& call;
  std::int64_t now;
  Origin origin;
  KnownKeys& known;

  void authentic() const {
    if (!is_authentic(call, known)) throw Refused(401, signature_failure(call));
  }
  void near(std::int64_t time, std::int64_t tolerance = signature_tolerance_ms) const {
    if (far(time, now, tolerance)) throw Refused(406, call.method + " timestamp too far from current time");
  }
  std::int64_t tolerance() const { return origin == Origin::client ? signature_tolerance_ms : forwarded_tolerance_ms; }

  void operator()(const Store& c) const {
    const std::int64_t ttl = c.expiry - c.timestamp;  // both are at least 0
    if (ttl < min_ttl_ms || ttl > max_ttl_ms(c.ns)) throw Refused(403, "Provided expiry/TTL is not valid.");
    if (c.timestamp > now + store_tolerance_ms || c.expiry < now - store_tolerance_ms)
      throw Refused(406, "Timestamp error: check your clock");
    if (is_public_inbox(c.ns)) return;
    if (!c.auth.signature)
      throw Refused(401, "store: signature required to store to namespace " + std::to_string(c.ns));
    if (far(c.sig_timestamp, now, signature_tolerance_ms))
      throw Refused(406, "store signature timestamp too far from current time");
    authentic();
  }
  void operator()(const Retrieve& c) const {
    if (!c.auth.signature) {
      if (is_open_to_readers(c.ns)) return;
      throw Refused(401, "retrieve: request signature required");
    }
    near(*c.timestamp);
    authentic();
  }
  void operator()(const Delete&) const { authentic(); }
  void operator()(const DeleteAll& c) const {
    if (origin != Origin::late || c.timestamp > now) near(c.timestamp, tolerance());
    authentic();
  }
  void operator()(const DeleteBefore& c) const {
    if (c.before > now + signature_tolerance_ms) throw Refused(401, "delete_before timestamp too far in the future");
    authentic();
  }
  void operator()(const ExpireAll& c) const {
    if (c.expiry < now - tolerance()) throw Refused(406, "expire_all timestamp should be >= current time");
    authentic();
  }
  void operator()(const Expire& c) const {
    for (std::int64_t expiry : c.expiries)
      if (expiry < now - signature_tolerance_ms) throw Refused(401, "expire: timestamp should be >= current time");
    authentic();
    if (c.mode == Expire::Mode::shorten && c.auth.subaccount && !(c.auth.subaccount->token[1] & right::remove))
      throw Refused(400,
                    "expire: shorten parameter cannot be used with this subaccount token "
                    "(missing delete access)");
  }
  void operator()(const GetExpiries& c) const {
    near(c.timestamp);
    authentic();
  }
  void operator()(const Revoke& c) const {
    near(c.timestamp);
    authentic();
  }
  template <class Unsigned> void operator()(const Unsigned&) const {}
};

}  // namespace

void check(const Call& call, std::int64_t now_ms, Origin origin, KnownKeys& known) {
  std::visit(Check{call, now_ms, origin, known}, call.params);
}

Refused revoked(const Call& call) { return Refused(401, signature_failure(call)); }

bool minds_revocation(const Call& call) {
  const Auth* auth = auth_of(call);
  if (!auth || !auth->subaccount || !auth->signature) return false;
  if (const auto* retrieve = std::get_if<Retrieve>(&call.params)) return !is_open_to_revoked(retrieve->ns);
  if (const auto* store = std::get_if<Store>(&call.params)) return !is_public_inbox(store->ns);
  return true;
}

}  // namespace argot::node
