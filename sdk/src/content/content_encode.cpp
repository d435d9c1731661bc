// Content as the Session protocol's protobuf (client/envelope.md section 4).
#include <argot/content.h>
#include <argot/error.h>

#include "limits.h"
#include "session.pb.h"
#include "utf8.h"

namespace argot {
namespace {

/// Refuses what other clients could not show.
void require_text(std::string_view text, const char* name) {
  if (!count_code_points(text))
    throw Error(Code::invalid_argument, std::string(name) + " is not UTF-8.",
                "Convert the text to UTF-8 before sending it.");
}

void put_text(std::string& to, std::string& from, const char* name) {
  require_text(from, name);
  to = std::move(from);
}

std::string text_in(const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); }

// Ascending field numbers are the serialiser's work; what is empty is left out.
void put_attachment(wire::AttachmentPointer& to, Attachment& from) {
  to.set_deprecated_id(from.id);  // even 0: old decoders fail without it
  if (!from.content_type.empty()) put_text(*to.mutable_contenttype(), from.content_type, "The type of an attachment");
  if (!from.key.empty()) to.set_key(text_in(from.key));
  if (from.size) to.set_size(from.size);
  if (!from.digest.empty()) to.set_digest(text_in(from.digest));
  if (!from.file_name.empty()) put_text(*to.mutable_filename(), from.file_name, "The name of a file");
  if (from.voice) to.set_flags(wire::AttachmentPointer::VOICE_MESSAGE);
  if (from.width) to.set_width(from.width);
  if (from.height) to.set_height(from.height);
  if (!from.caption.empty()) put_text(*to.mutable_caption(), from.caption, "The caption of a file");
  if (!from.url.empty()) put_text(*to.mutable_url(), from.url, "The address of a file");
}

template <class Message> void put_profile(Message& to, Profile& from) {
  if (!from.key.empty()) to.set_profilekey(text_in(from.key));
  if (from.name.empty() && from.picture_url.empty() && from.updated_s == 0) return;
  auto& profile = *to.mutable_profile();
  if (!from.name.empty()) put_text(*profile.mutable_displayname(), from.name, "The own name");
  if (!from.picture_url.empty())
    put_text(*profile.mutable_profilepicture(), from.picture_url, "The address of the own picture");
  if (from.updated_s) profile.set_lastprofileupdateseconds(from.updated_s);
}

struct Fill {
  wire::Content& out;

  void operator()(const Unsupported&) const {
    throw Error(Code::invalid_argument, "A message of a kind that this build does not know cannot be encoded.",
                "Send one of the kinds of argot::Content.");
  }

  void operator()(Text& text) const {
    const auto length = count_code_points(text.body);
    if (!length) require_text(text.body, "The message's text");
    if (*length > max_sent_code_points)
      throw Error(Code::invalid_argument,
                  "The message has " + std::to_string(*length) + " characters, but at most " +
                      std::to_string(max_sent_code_points) + " can be sent.",
                  "Split it into several messages.");
    auto& data = *out.mutable_datamessage();
    if (!text.body.empty()) data.set_body(std::move(text.body));
    if (text.flags != 0) data.set_flags(text.flags);
    if (!text.sync_target.empty()) {
      require_text(text.sync_target, "The conversation of a synchronised message");
      data.set_synctarget(std::move(text.sync_target));
    }
    if (text.attachments.size() > std::size_t(max_attachments))
      throw Error(Code::invalid_argument,
                  "The message has " + std::to_string(text.attachments.size()) + " attachments, but at most " +
                      std::to_string(max_attachments) + " can be sent.",
                  "Split it into several messages.");
    for (Attachment& attachment : text.attachments) put_attachment(*data.add_attachments(), attachment);
    if (text.quote) {
      auto& quote = *data.mutable_quote();
      quote.set_id(text.quote->timestamp_ms);
      put_text(*quote.mutable_author(), text.quote->author, "The author of a quoted message");
      if (!text.quote->text.empty()) put_text(*quote.mutable_text(), text.quote->text, "The quoted text");
    }
    for (Preview& preview : text.previews) {
      auto& to = *data.add_preview();
      put_text(*to.mutable_url(), preview.url, "The address of a link preview");
      if (!preview.title.empty()) put_text(*to.mutable_title(), preview.title, "The title of a link preview");
      if (preview.image) put_attachment(*to.mutable_image(), *preview.image);
    }
    put_profile(data, text.profile);
    if (text.edit_of_ms) data.set_argoteditof(text.edit_of_ms);
  }

  void operator()(Reaction& reaction) const {
    if (reaction.emoji.empty() || reaction.emoji.size() > max_emoji_bytes)
      throw Error(Code::invalid_argument,
                  "A reaction is one emoji of at most " + std::to_string(max_emoji_bytes) + " bytes; this one has " +
                      std::to_string(reaction.emoji.size()) + ".",
                  "Choose one emoji.");
    auto& data = *out.mutable_datamessage();
    auto& to = *data.mutable_reaction();
    to.set_id(reaction.timestamp_ms);
    put_text(*to.mutable_author(), reaction.author, "The author of the message reacted to");
    put_text(*to.mutable_emoji(), reaction.emoji, "The emoji");
    to.set_action(reaction.remove ? wire::Reaction::REMOVE : wire::Reaction::REACT);
    if (!reaction.sync_target.empty())
      put_text(*data.mutable_synctarget(), reaction.sync_target, "The conversation of a synchronised reaction");
    put_profile(data, reaction.profile);
  }

  void operator()(const Typing& typing) const {
    auto& to = *out.mutable_typingmessage();
    to.set_timestamp(typing.timestamp_ms);
    to.set_action(typing.started ? wire::TypingMessage::STARTED : wire::TypingMessage::STOPPED);
  }

  void operator()(const Receipt& receipt) const {
    auto& to = *out.mutable_receiptmessage();
    to.set_type(receipt.type == Receipt::Type::read ? wire::ReceiptMessage::READ : wire::ReceiptMessage::DELIVERY);
    to.mutable_timestamp()->Assign(receipt.timestamps_ms.begin(), receipt.timestamps_ms.end());
  }

  void operator()(const Unsend& unsend) const {
    require_text(unsend.author, "The author of a deleted message");
    auto& to = *out.mutable_unsendrequest();
    to.set_timestamp(unsend.timestamp_ms);
    to.set_author(unsend.author);
  }

  void operator()(const DataExtraction& extraction) const {
    auto& to = *out.mutable_dataextractionnotification();
    to.set_type(extraction.type == DataExtraction::Type::media_saved ? wire::DataExtractionNotification::MEDIA_SAVED
                                                                     : wire::DataExtractionNotification::SCREENSHOT);
    if (extraction.timestamp_ms != 0) to.set_timestamp(extraction.timestamp_ms);
  }

  void operator()(Call& call) const {
    auto& to = *out.mutable_callmessage();
    to.set_type(static_cast<wire::CallMessage::Type>(call.type));
    for (std::string& line : call.lines) put_text(*to.add_sdps(), line, "The description of a call");
    for (std::uint32_t index : call.indexes) to.add_sdpmlineindexes(index);
    for (std::string& section : call.sections) put_text(*to.add_sdpmids(), section, "The description of a call");
    put_text(*to.mutable_uuid(), call.id, "The number of a call");
  }

  void operator()(RequestResponse& response) const {
    auto& to = *out.mutable_messagerequestresponse();
    to.set_isapproved(response.approved);
    put_profile(to, response.profile);
  }
};

}  // namespace

Bytes encode(Content content) {
  wire::Content out;
  std::visit(Fill{out}, content.body);
  if (content.expiry != Content::Expiry::unknown)
    out.set_expirationtype(static_cast<wire::Content::ExpirationType>(content.expiry));
  if (content.expiry_seconds != 0) out.set_expirationtimer(content.expiry_seconds);
  if (content.sent_at_ms != 0) out.set_sigtimestamp(content.sent_at_ms);

  const std::size_t size = out.ByteSizeLong();
  if (size > max_content_bytes)
    throw Error(Code::invalid_argument,
                "The message takes " + std::to_string(size) + " bytes, but at most " +
                    std::to_string(max_content_bytes) + " fit into one envelope.",
                "Split it into several messages.");
  Bytes bytes(size);
  out.SerializeWithCachedSizesToArray(bytes.data());
  return bytes;
}

}  // namespace argot
