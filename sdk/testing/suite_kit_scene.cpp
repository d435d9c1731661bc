#include "suite_kit_scene.h"

#include <algorithm>

namespace argot::kit {

// --- state ---

void StateOnDisk::used(std::string_view key) {
  if (!violation_.empty()) return;
  if (!open_) violation_ = "the state was used outside the call it was passed to";
  if (key.size() > 128) violation_ = "a key of " + std::to_string(key.size()) + " bytes; at most 128 are allowed";
}

std::optional<Bytes> StateOnDisk::get(std::string_view key) {
  used(key);
  const auto at = now_.find(key);
  if (at == now_.end()) return std::nullopt;
  return at->second;
}

void StateOnDisk::put(std::string_view key, ByteView value) {
  used(key);
  if (value.size() > 1024 * 1024 && violation_.empty())
    violation_ = "a value of " + std::to_string(value.size()) + " bytes; at most 1 MiB is allowed";
  now_.insert_or_assign(std::string(key), to_bytes(value));
  ++writes_;
}

void StateOnDisk::erase(std::string_view key) {
  used(key);
  if (const auto at = now_.find(key); at != now_.end()) now_.erase(at);
  ++writes_;
}

void StateOnDisk::begin() {
  now_ = committed_;
  open_ = true;
}

void StateOnDisk::commit() {
  committed_ = now_;
  open_ = false;
}

void StateOnDisk::roll_back() {
  now_ = committed_;
  open_ = false;
}

// --- scene ---

SuiteScene::SuiteScene(const MakeHarness& make, std::uint64_t seed) : harness_(make(seed)) {
  for (std::size_t who = 0; who < Harness::clients; ++who) people_[who] = person(who);
}

template <class F> void SuiteScene::within(Who who, bool keep, F f) {
  StateOnDisk& state = states_[who];
  harness_->call(who, [&] {
    state.begin();
    try {
      const Lease<Suite> lease = suite(who);
      f(*lease, state);
    } catch (...) {
      state.roll_back();
      throw;
    }
    keep ? state.commit() : state.roll_back();
  });
}

SuiteTraits SuiteScene::traits() {
  SuiteTraits traits;
  harness_->call(alice, [&] { traits = suite(alice)->traits(); });
  return traits;
}

void SuiteScene::prepare(Who from, const AccountId& peer) {
  if (!prepared_.emplace(from, peer).second) return;
  const Lease<Suite> lease = suite(from);
  harness_->run(from, lease->prepare(self(from), peer));
}

Bytes SuiteScene::seal(Who from, Who to, ByteView content, const Identity* as) {
  return seal_at(from, id(to), content, frozen_ ? time_ms_ : next_time(), as);
}

Bytes SuiteScene::seal_at(Who from, const AccountId& to, ByteView content, std::uint64_t sent_at_ms,
                          const Identity* as) {
  prepare(from, to);
  Bytes envelope;
  within(from, true, [&](Suite& suite, StateOnDisk& state) {
    envelope = suite.seal(as ? *as : self(from), to, content, sent_at_ms, state);
  });
  return envelope;
}

Bytes SuiteScene::seal_in_vain(Who from, Who to, ByteView content) {
  prepare(from, id(to));
  Bytes envelope;
  within(from, false, [&](Suite& suite, StateOnDisk& state) {
    envelope = suite.seal(self(from), id(to), content, next_time(), state);
  });
  return envelope;
}

Opened SuiteScene::open(Who at, ByteView envelope, const Identity* as) {
  Opened opened;
  within(at, true,
         [&](Suite& suite, StateOnDisk& state) { opened = suite.open(as ? *as : self(at), envelope, state); });
  return opened;
}

Opened SuiteScene::open_in_vain(Who at, ByteView envelope) {
  Opened opened;
  within(at, false, [&](Suite& suite, StateOnDisk& state) { opened = suite.open(self(at), envelope, state); });
  return opened;
}

namespace {

/// Empty when the failure is a proper refusal.
std::string improper(std::exception_ptr failure) {
  const Error error = to_error(failure);
  if (error.code() == Code::unauthenticated || error.code() == Code::corrupt) return {};
  return "it is refused with " + std::string(name_of(error.code())) + " (" + error.sentence() +
         ") instead of unauthenticated or corrupt";
}

}  // namespace

std::string SuiteScene::refused_or_unchanged(Who at, ByteView envelope, const AccountId& sender, ByteView content) {
  try {
    const Opened opened = open_in_vain(at, envelope);
    if (opened.sender != sender) return "it opens, from somebody else";
    if (!std::ranges::equal(opened.content, content)) return "it opens, with other content";
    return {};
  } catch (...) {
    return improper(std::current_exception());
  }
}

std::string SuiteScene::refused(Who at, ByteView envelope, const Identity* as) {
  try {
    within(at, false, [&](Suite& suite, StateOnDisk& state) { suite.open(as ? *as : self(at), envelope, state); });
    return "it opens";
  } catch (...) {
    return improper(std::current_exception());
  }
}

void SuiteScene::restart(Who who) {
  harness_->stop(who);
  harness_->start(who);
}

Bytes content_of(std::size_t size, std::string_view what) {
  const Bytes random = noise(std::string(what) + " " + std::to_string(size), size);
  Bytes out;
  out.reserve(size);
  // Field 1000, length-delimited. 131 bytes cannot be one such field: an empty one comes first then.
  const auto field = [&](std::size_t payload) {
    out.insert(out.end(), {0xc2, 0x3e});
    std::size_t rest = payload;
    for (; rest >= 0x80; rest >>= 7) out.push_back(static_cast<Byte>(rest | 0x80));
    out.push_back(static_cast<Byte>(rest));
    out.insert(out.end(), random.begin(), random.begin() + static_cast<std::ptrdiff_t>(payload));
  };
  const auto room = [&](std::size_t bytes) -> std::optional<std::size_t> {  // payload that fills `bytes` exactly
    for (std::size_t length = 1; length <= 5 && bytes >= 2 + length; ++length) {
      const std::size_t payload = bytes - 2 - length;
      std::size_t digits = 1;
      for (std::size_t rest = payload >> 7; rest; rest >>= 7) ++digits;
      if (digits == length) return payload;
    }
    return std::nullopt;
  };
  if (auto payload = room(size)) {
    field(*payload);
  } else if (size >= 6) {
    field(0);
    field(*room(size - 3));
  }
  if (out.size() != size) out = random;  // too small for a field
  return out;
}

Report check_suite(const MakeHarness& make, SuiteKitOptions options) {
  Report report;
  check_suite_exchange(report, make, options);
  check_suite_refusal(report, make, options);
  check_suite_secrecy(report, make, options);
  check_suite_state(report, make, options);
  return report;
}

}  // namespace argot::kit
