// Whatever a node answers: a reply or Error(corrupt), and nothing that was not checked. The first byte says which
// parser.
#include "kept_file.h"
#include "replies.h"

#include <argot/error.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const Mailbox mailbox{AccountId(AccountId::person, Bytes(32, 7)), 0};
  static const ServiceNode node = [] {
    ServiceNode made;
    made.ed25519.fill(9);
    return made;
  }();
  try {
    switch (data[0]) {
      case 's':
        for (const auto& each : swarm::parse_swarm(body).nodes)
          if (each.host.empty() || each.https_port == 0) __builtin_trap();
        break;
      case 'p': swarm::parse_store(body, node, std::string(43, 'A')); break;
      case 'r':
        for (const auto& each : swarm::parse_retrieve(body, mailbox).deliveries)
          if (keys::message_hash(mailbox.account, mailbox.ns, each.envelope) != each.hash) __builtin_trap();
        break;
      case 'm': swarm::parse_many(body, node, {mailbox.account, {"a"}, std::nullopt}); break;
      case 'e': swarm::parse_many(body, node, {mailbox.account, {"a"}, 1}); break;
      case 'f': {
        FileUrl base;
        base.host = "files.example";
        const FileUrl told = FileUrl::parse(swarm::parse_kept_file(body, std::move(base), true).url);
        if (told.host != "files.example" || told.stream || !told.server_key.empty()) __builtin_trap();
        break;
      }
      default: swarm::as_quote(body);
    }
  } catch (const Error& error) {
    if (error.code() != Code::corrupt) __builtin_trap();
  }
  return 0;
}
