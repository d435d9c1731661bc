// Files that are not looked into: a clean name, a type by their first bytes, the content as it is.
#pragma once
#include <argot/media.h>
#include <argot/plugin.h>

namespace argot::media {

class File final : public PluginOf<Media> {
 public:
  /// 10 for everything: better than nobody, worse than anybody.
  int claims(std::string_view content_type, ByteView first_bytes) const override;
  Task<MediaItem> prepare(MediaItem item) override;
  Task<MediaDescription> describe(MediaItem item) override;
};

}  // namespace argot::media
