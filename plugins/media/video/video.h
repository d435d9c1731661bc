// Videos: MP4, QuickTime, 3GP, WebM and Matroska without metadata, not encoded again.
#pragma once
#include <decoder/sandbox.h>

#include <argot/media.h>
#include <argot/plugin.h>

namespace argot::media {

class Video final : public PluginOf<Media> {
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
