#pragma once
// What is sent is made fit to send first (argot/media.h): no place, no camera, no author's name leaves with a picture.
#include <argot/context.h>
#include <argot/media.h>

namespace argot::kernel {

struct Prepared {
  MediaItem item;
  std::uint32_t width = 0, height = 0;  ///< of a picture or a video, pixels; 0: it is none
};

/// Whether a media plugin is loaded at all. A profile without one sends files as they are.
bool prepares_media(Context& ctx);

/// By the plugin that is surest of the item; as it is when no plugin claims it. Throws Error: invalid_argument when it
/// cannot be made fit, with what can be done (the same file would fail again, however often it is tried); cancelled or
/// unavailable when the plugin goes away.
Task<Prepared> prepare_item(Context& ctx, MediaItem item);

}  // namespace argot::kernel
