// The Session protocol's protobuf Content as a value, with the checks of client/envelope.md section 8.
#include <argot/content.h>
#include <argot/error.h>

#include "limits.h"
#include "session.pb.h"
#include "utf8.h"

namespace argot {
namespace {

static_assert(Text::timer_update == wire::DataMessage::EXPIRATION_TIMER_UPDATE);

/// Required fields are asked of the kind that is read and of no other: a new value in a kind that this build does
/// not show must not cost the whole message.
template <class Message> void require_complete(const Message& message, const char* name) {
  if (!message.IsInitialized())
    throw Error(Code::corrupt, std::string("A received ") + name + " lacks a field that it must have.");
}

decltype(Content::body) read_data_message(wire::DataMessage& data) {
  if (data.flags() != 0 && !(data.flags() & Text::timer_update))
    throw Error(Code::corrupt,
                "A received message has flags of an unknown meaning (" + std::to_string(data.flags()) + ").");
  if (data.attachments_size() > max_attachments)
    throw Error(Code::corrupt, "A received message has " + std::to_string(data.attachments_size()) +
                                   " attachments, but at most " + std::to_string(max_attachments) + " are allowed.");
  if (data.has_groupupdatemessage() || data.has_reaction()) return Unsupported{};
  require_complete(data, "message");
  const bool shows_only_later_kinds =
      data.body().empty() && data.flags() == 0 &&
      (data.attachments_size() > 0 || data.has_quote() || data.preview_size() > 0 || data.has_communityinvitation());
  if (shows_only_later_kinds) return Unsupported{};
  return Text{repair_utf8(std::move(*data.mutable_body())), data.flags(),
              repair_utf8(std::move(*data.mutable_synctarget()))};
}

/// The first kind that is present, in the order of section 8.6; the others are ignored.
decltype(Content::body) read_body(wire::Content& in) {
  if (in.has_datamessage()) return read_data_message(*in.mutable_datamessage());
  if (in.has_receiptmessage()) {
    const auto& receipt = in.receiptmessage();
    require_complete(receipt, "receipt");
    return Receipt{static_cast<Receipt::Type>(receipt.type()),
                   {receipt.timestamp().begin(), receipt.timestamp().end()}};
  }
  if (in.has_typingmessage()) {
    require_complete(in.typingmessage(), "typing notice");
    return Typing{in.typingmessage().action() == wire::TypingMessage::STARTED, in.typingmessage().timestamp()};
  }
  if (in.has_dataextractionnotification()) {
    const auto& extraction = in.dataextractionnotification();
    require_complete(extraction, "data extraction notice");
    return DataExtraction{static_cast<DataExtraction::Type>(extraction.type()), extraction.timestamp()};
  }
  if (in.has_unsendrequest()) {
    require_complete(in.unsendrequest(), "deletion request");
    return Unsend{in.unsendrequest().timestamp(), repair_utf8(in.unsendrequest().author())};
  }
  if (in.has_callmessage()) return Unsupported{};
  // A missing isApproved counts as false (section 7.4).
  if (in.has_messagerequestresponse()) return RequestResponse{in.messagerequestresponse().isapproved()};
  return Unsupported{};
}

}  // namespace

Content decode_content(ByteView bytes) {
  if (bytes.size() > max_content_bytes)
    throw Error(Code::corrupt, "A received message has " + std::to_string(bytes.size()) +
                                   " bytes of content, but at most " + std::to_string(max_content_bytes) +
                                   " are possible.");
  wire::Content in;
  if (!in.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw Error(Code::corrupt, "A received message is no Content of the Session protocol (" +
                                   std::to_string(bytes.size()) + " bytes that are not its protobuf).");
  Content content;
  content.body = read_body(in);
  content.sent_at_ms = in.sigtimestamp();
  content.expiry = static_cast<Content::Expiry>(in.expirationtype());
  content.expiry_seconds = in.expirationtimer();
  return content;
}

}  // namespace argot
