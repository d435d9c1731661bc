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

  void operator()(const RequestResponse& response) const {
    out.mutable_messagerequestresponse()->set_isapproved(response.approved);
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
