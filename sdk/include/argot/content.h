#pragma once
// What a message says, as a value. The wire form is the Session protocol's protobuf Content
// (client/envelope.md section 4); nobody but the codec in this file's .cpp sees protobuf.
#include <argot/bytes.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace argot {

/// Text, replies, reactions, attachments... : the Session DataMessage. More members join as kinds are built.
struct Text {
  static constexpr std::uint32_t timer_update = 2;  ///< in flags: the message only changes the expiration timer

  std::string body;         ///< UTF-8; at most 2,000 code points are sent (envelope.md section 7.1)
  std::uint32_t flags = 0;  ///< bits as above; 0: an ordinary message
  std::string sync_target;  ///< only in messages to oneself: the conversation it belongs to
};
struct Typing {
  bool started = false;
  std::uint64_t timestamp_ms = 0;
};
struct Receipt {
  enum class Type { delivery = 0, read = 1 } type = Type::read;
  std::vector<std::uint64_t> timestamps_ms;
};
struct Unsend {
  std::uint64_t timestamp_ms = 0;
  std::string author;
};
struct DataExtraction {
  enum class Type { screenshot = 1, media_saved = 2 } type = Type::screenshot;
  std::uint64_t timestamp_ms = 0;  ///< 0: absent
};
struct RequestResponse {
  bool approved = false;
};
/// A kind this build does not show (calls, groups, the future): kept as bytes so that nothing is lost.
struct Unsupported {};

struct Content {
  enum class Expiry { unknown = 0, after_read = 1, after_send = 2 };
  std::uint64_t sent_at_ms = 0;  ///< Content.sigTimestamp, the author's clock; 0 when an old sender left it out
  Expiry expiry = Expiry::unknown;
  std::uint32_t expiry_seconds = 0;
  std::variant<Unsupported, Text, Typing, Receipt, Unsend, DataExtraction, RequestResponse> body;
};

/// Serialises in ascending field order; what is moved in is not copied. Throws Error(invalid_argument) on what cannot
/// be sent: no UTF-8, or over the limits of client/envelope.md section 7.
ARGOT_API Bytes encode(Content content);
/// Parses and checks as client/envelope.md section 8 says (first present kind wins; data messages with
/// unknown flags or more than 32 attachments are refused). Throws Error(corrupt).
ARGOT_API Content decode_content(ByteView bytes);

}  // namespace argot
