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

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

Attachment read_attachment(wire::AttachmentPointer& in) {
  Attachment out;
  out.id = in.deprecated_id();
  out.content_type = repair_utf8(std::move(*in.mutable_contenttype()));
  out.key = bytes_of(in.key());
  out.size = in.size();
  out.digest = bytes_of(in.digest());
  out.file_name = repair_utf8(std::move(*in.mutable_filename()));
  out.voice = in.flags() & wire::AttachmentPointer::VOICE_MESSAGE;
  out.width = in.width();
  out.height = in.height();
  out.caption = repair_utf8(std::move(*in.mutable_caption()));
  out.url = repair_utf8(std::move(*in.mutable_url()));
  return out;
}

Profile read_profile(wire::LokiProfile& in, const std::string& key) {
  Profile out;
  out.name = repair_utf8(std::move(*in.mutable_displayname()));
  out.picture_url = repair_utf8(std::move(*in.mutable_profilepicture()));
  out.updated_s = in.lastprofileupdateseconds();
  out.key = bytes_of(key);
  return out;
}

Reaction read_reaction(wire::DataMessage& data) {
  auto& in = *data.mutable_reaction();
  require_complete(in, "reaction");
  if (in.emoji().empty() || in.emoji().size() > max_emoji_bytes)
    throw Error(Code::corrupt, "A received reaction has no emoji, or one of " + std::to_string(in.emoji().size()) +
                                   " bytes; at most " + std::to_string(max_emoji_bytes) + " are possible.");
  Reaction out;
  out.timestamp_ms = in.id();
  out.author = repair_utf8(std::move(*in.mutable_author()));
  out.emoji = repair_utf8(std::move(*in.mutable_emoji()));
  out.remove = in.action() == wire::Reaction::REMOVE;
  out.sync_target = repair_utf8(std::move(*data.mutable_synctarget()));
  out.profile = read_profile(*data.mutable_profile(), data.profilekey());
  return out;
}

decltype(Content::body) read_data_message(wire::DataMessage& data) {
  if (data.flags() != 0 && !(data.flags() & Text::timer_update))
    throw Error(Code::corrupt,
                "A received message has flags of an unknown meaning (" + std::to_string(data.flags()) + ").");
  if (data.attachments_size() > max_attachments)
    throw Error(Code::corrupt, "A received message has " + std::to_string(data.attachments_size()) +
                                   " attachments, but at most " + std::to_string(max_attachments) + " are allowed.");
  if (data.has_groupupdatemessage()) return Unsupported{};
  // A reaction comes alone; whatever is beside it belongs to older clients' fallbacks.
  if (data.has_reaction()) return read_reaction(data);
  if (data.has_quote()) require_complete(data.quote(), "quote");
  for (const auto& attachment : data.attachments()) require_complete(attachment, "attachment");
  if (data.has_communityinvitation() && data.body().empty()) return Unsupported{};
  Text text;
  text.body = repair_utf8(std::move(*data.mutable_body()));
  text.flags = data.flags();
  text.sync_target = repair_utf8(std::move(*data.mutable_synctarget()));
  for (auto& attachment : *data.mutable_attachments()) text.attachments.push_back(read_attachment(attachment));
  if (data.has_quote()) {
    auto& quote = *data.mutable_quote();
    text.quote.emplace();
    text.quote->timestamp_ms = quote.id();
    text.quote->author = repair_utf8(std::move(*quote.mutable_author()));
    text.quote->text = repair_utf8(std::move(*quote.mutable_text()));
  }
  for (auto& preview : *data.mutable_preview()) {
    // A preview is an ornament: a bad one must not cost the text.
    if (text.previews.size() == max_previews || !preview.IsInitialized()) continue;
    Preview& p = text.previews.emplace_back();
    p.url = repair_utf8(std::move(*preview.mutable_url()));
    p.title = repair_utf8(std::move(*preview.mutable_title()));
    if (preview.has_image()) p.image = read_attachment(*preview.mutable_image());
  }
  text.profile = read_profile(*data.mutable_profile(), data.profilekey());
  text.edit_of_ms = data.argoteditof();
  return text;
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
  if (in.has_callmessage()) {
    auto& call = *in.mutable_callmessage();
    if (!call.IsInitialized()) return Unsupported{};  // a type of the future, or no call that could be told from others
    Call out;
    out.type = static_cast<Call::Type>(call.type());
    out.id = repair_utf8(std::move(*call.mutable_uuid()));
    for (auto& line : *call.mutable_sdps()) out.lines.push_back(repair_utf8(std::move(line)));
    out.indexes.assign(call.sdpmlineindexes().begin(), call.sdpmlineindexes().end());
    for (auto& section : *call.mutable_sdpmids()) out.sections.push_back(repair_utf8(std::move(section)));
    return out;
  }
  // A missing isApproved counts as false (section 7.4).
  if (in.has_messagerequestresponse()) {
    auto& response = *in.mutable_messagerequestresponse();
    return RequestResponse{response.isapproved(), read_profile(*response.mutable_profile(), response.profilekey())};
  }
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
