// Pictures: JPEG, PNG, GIF and WebP without metadata and the right way up.
#pragma once
#include <decoder/sandbox.h>

#include <argot/media.h>
#include <argot/plugin.h>

namespace argot::media {

class Image final : public PluginOf<Media> {
 public:
  Task<> start(Context& ctx) override;
  Task<> stop() override;
  int claims(std::string_view content_type, ByteView first_bytes) const override;
  Task<MediaItem> prepare(MediaItem item) override;
  Task<MediaDescription> describe(MediaItem item) override;

 private:
  Request request(Operation operation, MediaItem& item) const;

  std::unique_ptr<Sandbox> sandbox_;
  std::uint64_t max_pixels_ = 0;
  std::uint32_t thumbnail_ = 0;
};

}  // namespace argot::media
