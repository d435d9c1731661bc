#include "video.h"

#include <decoder/file_name.h>
#include <decoder/sniff.h>
#include <decoder/summary.h>

namespace argot::media {

Task<> Video::start(Context& ctx) {
  const std::int64_t megapixels = ctx.settings().number("megapixels"), edge = ctx.settings().number("thumbnail");
  if (megapixels < 1 || megapixels > 1000)
    throw Error(Code::invalid_argument, "The option megapixels of " + ctx.name() + " is not between 1 and 1000.");
  if (edge < 16 || edge > 512)
    throw Error(Code::invalid_argument, "The option thumbnail of " + ctx.name() + " is not between 16 and 512.");
  max_pixels_ = static_cast<std::uint64_t>(megapixels) * 1'000'000;
  thumbnail_ = static_cast<std::uint32_t>(edge);
  sandbox_ = make_sandbox(ctx, "argot-decode-video");
  co_return;
}

Task<> Video::stop() {
  sandbox_->stop();
  co_return;
}

int Video::claims(std::string_view content_type, ByteView first_bytes) const {
  // Whoever says "just bytes" wants them as they are.
  if (content_type == "application/octet-stream") return 0;
  const std::string_view type = sniff(first_bytes);
  if (type == "video/mp4" || type == "video/quicktime" || type == "video/3gpp" || type == "video/webm" ||
      type == "video/x-matroska")
    return 95;
  // To say no: what looks like a video and cannot be cleaned must not slip through as some file.
  if (type.starts_with("video/")) return 60;
  return type.empty() && content_type.starts_with("video/") ? 40 : 0;
}

Request Video::request(Operation operation, MediaItem& item) const {
  Request out;
  out.operation = operation;
  out.thumbnail_edge = thumbnail_;
  out.max_pixels = max_pixels_;
  out.content_type = sniff(item.data);
  out.data = std::move(item.data);
  return out;
}

Task<MediaItem> Video::prepare(MediaItem item) {
  Request what = request(Operation::prepare, item);
  Answer made = co_await sandbox_->run("The video", std::move(what));
  MediaItem out;
  out.file_name = with_extension(clean_file_name(item.file_name), extension_of(made.text));
  out.content_type = std::move(made.text);
  out.data = std::move(made.data);
  co_return out;
}

Task<MediaDescription> Video::describe(MediaItem item) {
  const std::size_t size = item.data.size();
  Request what = request(Operation::describe, item);
  Answer found = co_await sandbox_->run("The video", std::move(what));
  MediaDescription out;
  out.width = found.width;
  out.height = found.height;
  out.length = Duration(static_cast<std::int64_t>(found.length_us));
  out.thumbnail = std::move(found.thumbnail);
  out.summary = "video " + std::to_string(found.width) + "\u00d7" + std::to_string(found.height) + ", " +
                length_text(out.length) + ", " + size_text(size);
  out.content_type = std::move(found.text);
  co_return out;
}

}  // namespace argot::media
