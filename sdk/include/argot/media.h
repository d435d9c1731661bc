#pragma once
// What goes into and comes out of attachments.
#include <argot/bytes.h>
#include <argot/task.h>

#include <optional>
#include <string>
#include <vector>

namespace argot {

/// An attachment before sending or after receiving. Data is held in memory: at most 10 MB.
struct MediaItem {
  std::string file_name;
  std::string content_type;  ///< MIME type; may be empty before prepare()
  Bytes data;
};

struct MediaDescription {
  std::string content_type;
  std::uint32_t width = 0, height = 0;  ///< pixels; 0: not a picture
  Duration length{};                    ///< of sound or video
  Bytes thumbnail;                      ///< small picture (JPEG, or WebP where it is transparent), or empty
  Bytes waveform;                       ///< loudness of equal parts of a sound, 0 to 255 each; empty: no sound
  std::string summary;                  ///< one line for people: "photo 4000×3000, 2.1 MB"
};

class ARGOT_API Media {
 public:
  static constexpr std::string_view interface_id = "media/1";
  static constexpr std::string_view kind = "media";
  virtual ~Media();
  /// How sure this plugin is that the item is its business: 0 no, 100 certain.
  virtual int claims(std::string_view content_type, ByteView first_bytes) const = 0;
  /// Makes an item fit to send: metadata stripped, name cleaned, type filled in. What it makes it takes again.
  /// Throws Error: corrupt (cannot be decoded, or crashed the decoder), resource_exhausted (more pixels, bytes or
  /// memory than allowed, or too many at once), timeout (the decoder took too long), invalid_argument (a kind of
  /// file that cannot be cleaned), cancelled (the plugin stops). Another item is not harmed by any of them.
  virtual Task<MediaItem> prepare(MediaItem item) = 0;
  /// What an item is and looks like, for showing. Throws as prepare() does.
  virtual Task<MediaDescription> describe(MediaItem item) = 0;
};

}  // namespace argot
