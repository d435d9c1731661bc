#include "session_suite.h"

#include "session_message.h"

namespace argot::session {

Task<> SessionSuite::start(Context& ctx) {
  ctx_ = &ctx;
  const std::string format = ctx.settings().has("files") ? ctx.settings().text("files") : "legacy";
  if (format != "legacy" && format != "stream")
    throw Error(Code::invalid_argument, "The option files of \"" + ctx.name() + "\" is not legacy or stream.");
  files_.start(ctx, format == "stream" ? SessionFiles::Format::stream : SessionFiles::Format::legacy);
  co_return;
}

void* SessionSuite::interface(std::string_view id) noexcept {
  if (id == Vectors::interface_id) return static_cast<Vectors*>(this);
  if (id == FileCipher::interface_id) return static_cast<FileCipher*>(&files_);
  return PluginOf<Suite>::interface(id);
}

SuiteTraits SessionSuite::traits() const {
  // Authenticated by a signature, so not deniable; long-lived keys alone, so no forward secrecy.
  return {.authenticated = true, .max_content = max_content()};
}

bool SessionSuite::claims(ByteView envelope) const {
  // A WebSocketMessage begins with its type (08) or, should a client order fields otherwise, its request (12). Protocol
  // v2, which is another suite's, begins with 00 (client/envelope.md section 12).
  return !envelope.empty() && (envelope[0] == 0x08 || envelope[0] == 0x12);
}

Bytes SessionSuite::seal(const Identity& self, const AccountId& peer, ByteView content, std::uint64_t sent_at_ms,
                         SuiteState&) {
  if (peer.prefix() != AccountId::person)
    throw Error(Code::invalid_argument,
                "The Session Protocol seals messages to one person, and " + peer.brief() + " is none.",
                "Choose an account ID that starts with 05.");
  Fixed<random_bytes> random;
  ctx_->random(random);
  const Randomness randomness = randomness_from(random);
  wipe(random);
  return seal_message(self, peer.key(), content, sent_at_ms, randomness);
}

Opened SessionSuite::open(const Identity& self, ByteView envelope, SuiteState&) {
  return open_message(self, envelope, senders_);
}

}  // namespace argot::session
