#pragma once
// What a message says, as a value. The wire form is the Session protocol's protobuf Content
// (client/envelope.md section 4); nobody but the codec in this file's .cpp sees protobuf.
#include <argot/bytes.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace argot {

/// A file of a message: where it is and how to open it (envelope.md section 4.6). Only a pointer: nothing is fetched.
struct Attachment {
  std::uint64_t id = 0;  ///< the file's number where it has one, else 0
  std::string content_type = {};
  Bytes key = {};          ///< 64 bytes (legacy) or 32 (stream); other lengths come as they are and open nothing
  std::uint32_t size = 0;  ///< of the plain file, bytes, as its sender claims
  Bytes digest = {};       ///< SHA-256 of the encrypted file, legacy encryption only
  std::string file_name = {};
  bool voice = false;
  std::uint32_t width = 0, height = 0;
  std::string caption = {};
  std::string url = {};
};
/// The message that a reply answers. Its text comes from mobiles only: whoever has the message shows its own copy.
struct Quote {
  std::uint64_t timestamp_ms = 0;
  std::string author = {};
  std::string text = {};
};
/// What a link leads to, as the sender saw it.
struct Preview {
  std::string url = {};
  std::string title = {};
  std::optional<Attachment> image = {};
};
/// How the sender calls itself.
struct Profile {
  std::string name = {};
  std::string picture_url = {};
  std::uint64_t updated_s = 0;  ///< seconds since 1970; 0: not told
  Bytes key = {};               ///< of the picture, 32 bytes
  bool empty() const { return name.empty() && picture_url.empty() && key.empty(); }
};

/// Text, replies, attachments, edits: the Session DataMessage. Mentions are in the body: an "@" and an account ID.
struct Text {
  static constexpr std::uint32_t timer_update = 2;  ///< in flags: the message only changes the expiration timer

  std::string body = {};                     ///< UTF-8; at most 2,000 code points are sent (envelope.md section 7.1)
  std::uint32_t flags = 0;                   ///< bits as above; 0: an ordinary message
  std::string sync_target = {};              ///< only in messages to oneself: the conversation it belongs to
  std::vector<Attachment> attachments = {};  ///< at most 32
  std::optional<Quote> quote = {};
  std::vector<Preview> previews = {};  ///< at most 8 are read; the sender's clients make 0 or 1
  Profile profile = {};
  /// The time of the author's message that this body replaces; 0: none. An extension of Argot (DataMessage field
  /// 1001). A client that does not know it shows the new text as one more message, which quotes the old one: nothing
  /// is lost, and the reader sees what was corrected. Those copies have a time of their own (the edit's), by which
  /// they can be unsent.
  std::uint64_t edit_of_ms = 0;
};
/// One person's emoji on a message (envelope.md section 7.3).
struct Reaction {
  std::uint64_t timestamp_ms = 0;  ///< of the target
  std::string author = {};         ///< of the target
  std::string emoji = {};          ///< at most 64 bytes, not empty
  bool remove = false;
  std::string sync_target = {};  ///< as in Text
  Profile profile = {};
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
  Profile profile = {};
};
/// What two clients say to each other about a call (client/calls.md section 1).
struct Call {
  enum class Type { offer = 1, answer = 2, provisional_answer = 3, candidates = 4, end = 5, pre_offer = 6 };
  Type type = Type::offer;
  std::string id = {};                      ///< of the call, as it came; a UUID if its sender means well
  std::vector<std::string> lines = {};      ///< session descriptions, or candidates
  std::vector<std::uint32_t> indexes = {};  ///< of the media section that a candidate belongs to
  std::vector<std::string> sections = {};   ///< the same by name
};
/// A kind this build does not show (groups, the future): kept as bytes so that nothing is lost.
struct Unsupported {};

struct Content {
  enum class Expiry { unknown = 0, after_read = 1, after_send = 2 };
  std::uint64_t sent_at_ms = 0;  ///< Content.sigTimestamp, the author's clock; 0 when an old sender left it out
  Expiry expiry = Expiry::unknown;
  std::uint32_t expiry_seconds = 0;
  std::variant<Unsupported, Text, Reaction, Typing, Receipt, Unsend, DataExtraction, RequestResponse, Call> body;
};

/// Serialises in ascending field order; what is moved in is not copied. Throws Error(invalid_argument) on what cannot
/// be sent: no UTF-8, or over the limits of client/envelope.md section 7.
ARGOT_API Bytes encode(Content content);
/// Parses and checks as client/envelope.md section 8 says (first present kind wins; data messages with
/// unknown flags or more than 32 attachments are refused). Throws Error(corrupt).
ARGOT_API Content decode_content(ByteView bytes);
/// The account IDs that a text mentions ("@05..."), each once, in order.
ARGOT_API std::vector<std::string> mentions(std::string_view text);
/// One of them.
struct MentionAt {
  std::size_t offset = 0;  ///< of the "@", in bytes; the mention is 67 bytes long
  std::string id;
};
/// Every mention, in order.
ARGOT_API std::vector<MentionAt> find_mentions(std::string_view text);
/// A display name as it is kept (client/account.md section 6): white space and invisible characters at both ends gone,
/// at most 100 bytes, cut between code points. Nothing when that leaves nothing, or it is no UTF-8.
ARGOT_API std::optional<std::string> display_name(std::string_view typed);

}  // namespace argot
