#include "voice.h"

#include <decoder/file_name.h>
#include <decoder/sniff.h>
#include <decoder/summary.h>

namespace argot::media {
namespace {

Request request_of(Operation operation, MediaItem& item) {
  Request out;
  out.operation = operation;
  out.data = std::move(item.data);
  return out;
}

}  // namespace

Task<> Voice::start(Context& ctx) {
  sandbox_ = make_sandbox(ctx, "argot-decode-voice");
  co_return;
}

Task<> Voice::stop() {
  sandbox_->stop();
  co_return;
}

int Voice::claims(std::string_view content_type, ByteView first_bytes) const {
  if (content_type == "application/octet-stream") return 0;
  const std::string_view type = sniff(first_bytes);
  return type == "audio/wav" || (type == "audio/ogg" && text_of(first_bytes).find("OpusHead") != std::string_view::npos)
             ? 90
             : 0;
}

Task<MediaItem> Voice::prepare(MediaItem item) {
  Request what = request_of(Operation::prepare, item);
  Answer made = co_await sandbox_->run("The recording", std::move(what));
  MediaItem out;
  out.file_name = with_extension(clean_file_name(item.file_name), extension_of(made.text));
  out.content_type = std::move(made.text);
  out.data = std::move(made.data);
  co_return out;
}

Task<MediaDescription> Voice::describe(MediaItem item) {
  const std::size_t size = item.data.size();
  Request what = request_of(Operation::describe, item);
  Answer found = co_await sandbox_->run("The recording", std::move(what));
  MediaDescription out;
  out.length = Duration(static_cast<std::int64_t>(found.length_us));
  out.waveform = std::move(found.waveform);
  out.summary = "sound " + length_text(out.length) + ", " + size_text(size);
  out.content_type = std::move(found.text);
  co_return out;
}

}  // namespace argot::media
