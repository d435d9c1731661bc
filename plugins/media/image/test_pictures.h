// Pictures made on the spot, with everything in them that must not get out.
#pragma once
#include "codecs.h"

#include <string>

namespace argot::media::test {

/// Four quarters: red, green / blue, white; so that one sees which way is up.
Pixels quarters(std::uint32_t width, std::uint32_t height, unsigned channels = 3);
/// No two neighbours alike: does not compress.
Pixels noise(std::uint32_t width, std::uint32_t height);

/// A TIFF structure with camera, serial number, GPS position and an orientation.
Bytes exif(int orientation);
/// XMP with a name and a place.
std::string xmp();
/// What must not be found anywhere: parts of exif() and xmp() and of what with_metadata() adds.
const std::vector<std::string>& secrets();

/// The picture with EXIF, XMP, IPTC and a comment as its format carries them, and bytes after its end.
Bytes jpeg_with_metadata(const Pixels& pixels, int orientation);
Bytes png_with_metadata(const Pixels& pixels, int orientation);
Bytes webp_with_metadata(const Pixels& pixels, int orientation);
/// Two frames of 40x30, looping for ever, 70 ms each.
Bytes gif_with_metadata();
Bytes webp_animation();
/// Header and first bytes only: says that it has so many pixels.
Bytes png_bomb(std::uint32_t width, std::uint32_t height);

}  // namespace argot::media::test
