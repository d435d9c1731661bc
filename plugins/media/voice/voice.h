// Voice messages: WAV recordings become Ogg Opus; Ogg Opus is freed of comments; both have a length and a waveform.
#pragma once
#include <decoder/sandbox.h>

#include <argot/media.h>
#include <argot/plugin.h>

namespace argot::media {

class Voice final : public PluginOf<Media> {
 public:
  Task<> start(Context& ctx) override;
  Task<> stop() override;
  int claims(std::string_view content_type, ByteView first_bytes) const override;
  Task<MediaItem> prepare(MediaItem item) override;
  Task<MediaDescription> describe(MediaItem item) override;

 private:
  std::unique_ptr<Sandbox> sandbox_;
};

}  // namespace argot::media
