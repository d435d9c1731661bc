// Cases of the protobuf Content (client/envelope.md section 4). The lite runtime knows no field names, so the members
// of a case are filled in by hand; a member without a line here makes the case "not covered".
#include <argot/content.h>

#include "cases.h"
#include "session.pb.h"

namespace argot::vectors {
namespace {

using Value = boost::json::value;

/// A case has a member that no line below knows.
struct UnknownMember {};

std::string as_text(const Value& value) { return std::string(value.as_string()); }
std::string as_bytes(const Value& value) {
  const auto bytes = from_hex(value.as_string());
  if (!bytes) throw Error(Code::invalid_argument, "A byte string of the case is not hexadecimal.");
  return std::string(text_of(*bytes));
}
std::uint64_t as_number(const Value& value) { return number(value, "number"); }
std::uint32_t as_number32(const Value& value) { return static_cast<std::uint32_t>(as_number(value)); }

/// Every member of a JSON object goes to the function of its name.
template <class Message> struct Member {
  std::string_view name;
  void (*put)(Message&, const Value&);
};
template <class Message, std::size_t N> void fill(Message& to, const Value& from, const Member<Message> (&members)[N]) {
  for (const auto& [key, value] : from.as_object()) {
    bool known = false;
    for (const auto& member : members)
      if (member.name == key) known = true, member.put(to, value);
    if (!known) throw UnknownMember{};
  }
}

void put(wire::AttachmentPointer& to, const Value& from) {
  using M = wire::AttachmentPointer;
  static constexpr Member<M> members[] = {
      {"deprecated_id", [](M& m, const Value& v) { m.set_deprecated_id(as_number(v)); }},
      {"contentType", [](M& m, const Value& v) { m.set_contenttype(as_text(v)); }},
      {"key", [](M& m, const Value& v) { m.set_key(as_bytes(v)); }},
      {"size", [](M& m, const Value& v) { m.set_size(as_number32(v)); }},
      {"digest", [](M& m, const Value& v) { m.set_digest(as_bytes(v)); }},
      {"fileName", [](M& m, const Value& v) { m.set_filename(as_text(v)); }},
      {"flags", [](M& m, const Value& v) { m.set_flags(as_number32(v)); }},
      {"width", [](M& m, const Value& v) { m.set_width(as_number32(v)); }},
      {"height", [](M& m, const Value& v) { m.set_height(as_number32(v)); }},
      {"caption", [](M& m, const Value& v) { m.set_caption(as_text(v)); }},
      {"url", [](M& m, const Value& v) { m.set_url(as_text(v)); }},
  };
  fill(to, from, members);
}

void put(wire::Reaction& to, const Value& from) {
  using M = wire::Reaction;
  static constexpr Member<M> members[] = {
      {"id", [](M& m, const Value& v) { m.set_id(as_number(v)); }},
      {"author", [](M& m, const Value& v) { m.set_author(as_text(v)); }},
      {"emoji", [](M& m, const Value& v) { m.set_emoji(as_text(v)); }},
      {"action", [](M& m, const Value& v) { m.set_action(v == "REMOVE" ? M::REMOVE : M::REACT); }},
  };
  fill(to, from, members);
}

void put(wire::Quote& to, const Value& from) {
  using M = wire::Quote;
  static constexpr Member<M> members[] = {
      {"id", [](M& m, const Value& v) { m.set_id(as_number(v)); }},
      {"author", [](M& m, const Value& v) { m.set_author(as_text(v)); }},
      {"text", [](M& m, const Value& v) { m.set_text(as_text(v)); }},
  };
  fill(to, from, members);
}

void put(wire::LokiProfile& to, const Value& from) {
  using M = wire::LokiProfile;
  static constexpr Member<M> members[] = {
      {"displayName", [](M& m, const Value& v) { m.set_displayname(as_text(v)); }},
      {"profilePicture", [](M& m, const Value& v) { m.set_profilepicture(as_text(v)); }},
      {"lastProfileUpdateSeconds", [](M& m, const Value& v) { m.set_lastprofileupdateseconds(as_number(v)); }},
  };
  fill(to, from, members);
}

void put(wire::DataMessage& to, const Value& from) {
  using M = wire::DataMessage;
  static constexpr Member<M> members[] = {
      {"body", [](M& m, const Value& v) { m.set_body(as_text(v)); }},
      {"attachments",
       [](M& m, const Value& v) {
         for (const auto& a : v.as_array()) put(*m.add_attachments(), a);
       }},
      {"flags", [](M& m, const Value& v) { m.set_flags(as_number32(v)); }},
      {"profileKey", [](M& m, const Value& v) { m.set_profilekey(as_bytes(v)); }},
      {"quote", [](M& m, const Value& v) { put(*m.mutable_quote(), v); }},
      {"reaction", [](M& m, const Value& v) { put(*m.mutable_reaction(), v); }},
      {"profile", [](M& m, const Value& v) { put(*m.mutable_profile(), v); }},
      {"syncTarget", [](M& m, const Value& v) { m.set_synctarget(as_text(v)); }},
  };
  fill(to, from, members);
}

void put(wire::TypingMessage& to, const Value& from) {
  using M = wire::TypingMessage;
  static constexpr Member<M> members[] = {
      {"timestamp", [](M& m, const Value& v) { m.set_timestamp(as_number(v)); }},
      {"action", [](M& m, const Value& v) { m.set_action(v == "STARTED" ? M::STARTED : M::STOPPED); }},
  };
  fill(to, from, members);
}

void put(wire::ReceiptMessage& to, const Value& from) {
  using M = wire::ReceiptMessage;
  static constexpr Member<M> members[] = {
      {"type", [](M& m, const Value& v) { m.set_type(v == "READ" ? M::READ : M::DELIVERY); }},
      {"timestamp",
       [](M& m, const Value& v) {
         for (const auto& t : v.as_array()) m.add_timestamp(as_number(t));
       }},
  };
  fill(to, from, members);
}

void put(wire::UnsendRequest& to, const Value& from) {
  using M = wire::UnsendRequest;
  static constexpr Member<M> members[] = {
      {"timestamp", [](M& m, const Value& v) { m.set_timestamp(as_number(v)); }},
      {"author", [](M& m, const Value& v) { m.set_author(as_text(v)); }},
  };
  fill(to, from, members);
}

void put(wire::DataExtractionNotification& to, const Value& from) {
  using M = wire::DataExtractionNotification;
  static constexpr Member<M> members[] = {
      {"type", [](M& m, const Value& v) { m.set_type(v == "SCREENSHOT" ? M::SCREENSHOT : M::MEDIA_SAVED); }},
      {"timestamp", [](M& m, const Value& v) { m.set_timestamp(as_number(v)); }},
  };
  fill(to, from, members);
}

void put(wire::MessageRequestResponse& to, const Value& from) {
  using M = wire::MessageRequestResponse;
  static constexpr Member<M> members[] = {
      {"isApproved", [](M& m, const Value& v) { m.set_isapproved(v.as_bool()); }},
      {"profileKey", [](M& m, const Value& v) { m.set_profilekey(as_bytes(v)); }},
      {"profile", [](M& m, const Value& v) { put(*m.mutable_profile(), v); }},
  };
  fill(to, from, members);
}

void put(wire::CallMessage& to, const Value& from) {
  using M = wire::CallMessage;
  static constexpr Member<M> members[] = {
      {"type", [](M& m, const Value& v) { m.set_type(static_cast<M::Type>(as_number(v))); }},
      {"sdps",
       [](M& m, const Value& v) {
         for (const auto& line : v.as_array()) m.add_sdps(as_text(line));
       }},
      {"sdpMLineIndexes",
       [](M& m, const Value& v) {
         for (const auto& index : v.as_array()) m.add_sdpmlineindexes(as_number32(index));
       }},
      {"sdpMids",
       [](M& m, const Value& v) {
         for (const auto& section : v.as_array()) m.add_sdpmids(as_text(section));
       }},
      {"uuid", [](M& m, const Value& v) { m.set_uuid(as_text(v)); }},
  };
  fill(to, from, members);
}

wire::Content::ExpirationType expiration_type(const Value& value) {
  if (value == "DELETE_AFTER_READ") return wire::Content::DELETE_AFTER_READ;
  if (value == "DELETE_AFTER_SEND") return wire::Content::DELETE_AFTER_SEND;
  return wire::Content::UNKNOWN;
}

void put(wire::Content& to, const Value& from) {
  using M = wire::Content;
  static constexpr Member<M> members[] = {
      {"dataMessage", [](M& m, const Value& v) { put(*m.mutable_datamessage(), v); }},
      {"receiptMessage", [](M& m, const Value& v) { put(*m.mutable_receiptmessage(), v); }},
      {"typingMessage", [](M& m, const Value& v) { put(*m.mutable_typingmessage(), v); }},
      {"dataExtractionNotification", [](M& m, const Value& v) { put(*m.mutable_dataextractionnotification(), v); }},
      {"unsendRequest", [](M& m, const Value& v) { put(*m.mutable_unsendrequest(), v); }},
      {"messageRequestResponse", [](M& m, const Value& v) { put(*m.mutable_messagerequestresponse(), v); }},
      {"callMessage", [](M& m, const Value& v) { put(*m.mutable_callmessage(), v); }},
      {"expirationType", [](M& m, const Value& v) { m.set_expirationtype(expiration_type(v)); }},
      {"expirationTimer", [](M& m, const Value& v) { m.set_expirationtimer(as_number32(v)); }},
      {"sigTimestamp", [](M& m, const Value& v) { m.set_sigtimestamp(as_number(v)); }},
  };
  fill(to, from, members);
}

ByteView bytes_of(const std::string& text) { return view(text); }

/// Whether argot::Content holds all that the case says, so that its own encoder must give the same bytes.
bool is_whole(const Content& content) { return !std::holds_alternative<Unsupported>(content.body); }

}  // namespace

std::optional<VectorResult> run_protobuf(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  if (!expected.wants("content")) return std::nullopt;
  wire::Content message;
  try {
    put(message, inputs);
  } catch (const UnknownMember&) {
    return std::nullopt;
  }
  // Writing, reading what was written, and the value type that the rest of the program sees.
  const std::string written = message.SerializeAsString();
  expected.hex("content", bytes_of(written));
  const Bytes wanted = hex(expected_object, "content");
  wire::Content read;
  if (!read.ParseFromArray(wanted.data(), static_cast<int>(wanted.size())))
    return VectorResult{false, "The expected bytes cannot be read."};
  if (read.SerializeAsString() != written) return VectorResult{false, "The expected bytes read differently."};
  const Content content = decode_content(wanted);
  if (is_whole(content)) expected.hex("content", encode(content));
  return expected.result();
}

}  // namespace argot::vectors
