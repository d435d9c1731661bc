#include <kernel/messenger/prepare.h>

namespace argot::kernel {
namespace {

constexpr std::size_t enough_to_see = 512;  // what plugins look at to know a kind of file

std::optional<Handle<Media>> surest(Context& ctx, const MediaItem& item) {
  const ByteView first = ByteView(item.data).first(std::min(item.data.size(), enough_to_see));
  std::optional<Handle<Media>> out;
  int most = 0;
  for (Handle<Media>& each : ctx.services<Media>()) {
    const int sure = each.lease()->claims(item.content_type, first);
    if (sure <= most) continue;
    most = sure;
    out = each;
  }
  return out;
}

bool is_seen(const std::string& type) { return type.starts_with("image/") || type.starts_with("video/"); }

}  // namespace

bool prepares_media(Context& ctx) { return !ctx.slots(Media::interface_id).empty(); }

Task<Prepared> prepare_item(Context& ctx, MediaItem item) {
  const auto handle = surest(ctx, item);
  Prepared out;
  if (!handle) {
    out.item = std::move(item);
    co_return out;
  }
  const std::string name = item.file_name;
  try {
    auto media = handle->lease();
    out.item = co_await media->prepare(std::move(item));
    if (is_seen(out.item.content_type)) {
      MediaItem shown = out.item;
      const MediaDescription found = co_await media->describe(std::move(shown));
      out.width = found.width;
      out.height = found.height;
    }
  } catch (const Error& error) {
    if (error.code() == Code::cancelled || error.code() == Code::unavailable) throw;
    throw Error(Code::invalid_argument, "The file " + name + " cannot be made fit to send: " + error.what(),
                "Send another one, or this one as it is, with everything that it says of who made it, and where.");
  }
  co_return out;
}

}  // namespace argot::kernel
