#pragma once
// What no client of ours would send: contents made by hand, sealed and stored as somebody.
#include <kernel/messenger/talk_test.h>

#include <argot/suite.h>
#include <argot/transport.h>

namespace argot::kernel {

class NoSuiteState final : public SuiteState {
 public:
  std::optional<Bytes> get(std::string_view) override { return std::nullopt; }
  void put(std::string_view, ByteView) override {}
  void erase(std::string_view) override {}
};

inline std::shared_ptr<Identity> stranger(std::uint8_t number) {
  Bytes seed(32, number);
  return make_identity(Secret{ByteView(seed)});
}

inline Task<> put_on_the_wire(Kernel& kernel, std::shared_ptr<Identity> from, AccountId to, Bytes content,
                              std::uint64_t at_ms) {
  NoSuiteState state;
  auto suite = kernel.service<Suite>().lease();
  const Bytes envelope = suite->seal(*from, to, content, at_ms, state);
  Mailbox box{to, 0};
  StoreRequest request(box, envelope, std::chrono::hours(24));
  auto transport = kernel.service<Transport>().lease();
  co_await transport->store(std::move(request));
}

/// Fields of a protobuf, of any wire type.
class Proto {
 public:
  Proto& varint(std::uint32_t field, std::uint64_t value) {
    put(std::uint64_t(field) << 3);
    put(value);
    return *this;
  }
  Proto& bytes(std::uint32_t field, std::string_view value) {
    put(std::uint64_t(field) << 3 | 2);
    put(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
    return *this;
  }
  Proto& message(std::uint32_t field, const Proto& inner) { return bytes(field, text_of(inner.out_)); }
  operator Bytes() const { return out_; }

 private:
  void put(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(Byte(value | 0x80));
    out_.push_back(Byte(value));
  }
  Bytes out_;
};

/// A talk in which Alice's account also says what her kernel would not.
struct Attack : Talk {
  explicit Attack(std::uint64_t seed = 1) : Talk(seed) {
    alice_self = make_identity(phrase::to_seed(alice.messenger()->recovery_phrase(alice.id())));
    time_ms = std::uint64_t(to_ms(alice.host().now() - std::chrono::hours(1)));  // no moment of the kernels
  }
  std::uint64_t now_ms() { return time_ms += 7; }
  void raw(std::shared_ptr<Identity> from, const AccountId& to, Bytes content, std::uint64_t at_ms) {
    sim.run(alice.host(), put_on_the_wire(alice.kernel(), std::move(from), to, std::move(content), at_ms));
  }
  /// Alice to Bob.
  std::uint64_t raw(decltype(Content::body) body, std::uint64_t at_ms = 0) {
    Content content;
    content.sent_at_ms = at_ms ? at_ms : now_ms();
    content.body = std::move(body);
    const std::uint64_t at = content.sent_at_ms;
    raw(alice_self, bob.id(), encode(std::move(content)), at);
    return at;
  }
  /// Everything before it has come when this has.
  bool settled() {
    static int number = 0;
    const std::string text = "healthy " + std::to_string(++number);
    alice.send(bob.id(), text);
    return until([&] {
      const auto all = bob.texts();
      return std::find(all.begin(), all.end(), text) != all.end();
    });
  }
  std::size_t bobs(std::string_view text) {
    const auto all = bob.texts();
    return std::size_t(std::count(all.begin(), all.end(), text));
  }

  std::shared_ptr<Identity> alice_self;
  std::uint64_t time_ms = 0;
};

}  // namespace argot::kernel
