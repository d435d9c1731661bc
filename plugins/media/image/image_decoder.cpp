#include "image_decoder.h"

#include "codecs.h"

#include <decoder/sniff.h>

#include <algorithm>

namespace argot::media {
namespace {

constexpr std::uint32_t largest_thumbnail = 512;

Decoded decode(std::string_view type, ByteView file, std::uint32_t at_least, std::uint64_t max_pixels) {
  if (type == "image/jpeg") return decode_jpeg(file, at_least, max_pixels);
  if (type == "image/png") return decode_png(file, max_pixels);
  if (type == "image/gif") return decode_gif(file, max_pixels);
  if (type == "image/webp") return decode_webp(file, max_pixels);
  if (type.starts_with("image/"))
    throw Refusal(Status::unsupported, "is of the type " + std::string(type) + ", which cannot be freed of metadata");
  throw Refusal(Status::corrupt, "is not a picture");
}

Bytes thumbnail(const Pixels& pixels, std::uint32_t edge) {
  const Pixels small = without_idle_alpha(shrunk(pixels, std::clamp(edge, 16u, largest_thumbnail)));
  Bytes out = small.channels == 4 ? encode_webp(small, false, 80) : encode_jpeg(small, 80);
  if (out.size() > max_thumbnail) out = small.channels == 4 ? encode_webp(small, false, 30) : encode_jpeg(small, 30);
  if (out.size() > max_thumbnail) out.clear();
  return out;
}

void take(Answer& answer, std::string type, Bytes data) {
  answer.text = std::move(type);
  answer.data = std::move(data);
}

/// As good as it fits: first the quality goes, then the pixels.
void encode_to_fit(Answer& answer, Pixels pixels, std::uint64_t most) {
  for (;; pixels = shrunk(pixels, std::max(pixels.width, pixels.height) * 3 / 4)) {
    for (const int quality : {90, 80, 70}) {
      const bool clear = pixels.channels == 4;
      take(answer, clear ? "image/webp" : "image/jpeg",
           clear ? encode_webp(pixels, false, static_cast<float>(quality)) : encode_jpeg(pixels, quality));
      answer.width = pixels.width;
      answer.height = pixels.height;
      if (answer.data.size() <= most) return;
    }
    if (std::max(pixels.width, pixels.height) < 64) throw Refusal(Status::too_large, "cannot be made small enough");
  }
}

void encode_again(Answer& answer, std::string_view type, Decoded found, std::uint64_t most) {
  Pixels pixels = without_idle_alpha(std::move(found.pixels));
  answer.width = pixels.width;
  answer.height = pixels.height;
  if (type == "image/png")
    take(answer, "image/png", encode_png(pixels));
  else if (type == "image/webp")
    take(answer, "image/webp", encode_webp(pixels, found.lossless, 90));
  else
    take(answer, "image/jpeg", encode_jpeg(pixels, 90));
  if (answer.data.size() > most) encode_to_fit(answer, std::move(pixels), most);
}

Answer prepare(std::string_view type, const Request& request) {
  Answer out;
  Shape shape;
  std::optional<Bytes> bare;
  if (type == "image/jpeg") bare = bare_jpeg(request.data, request.max_pixels, shape);
  if (type == "image/webp") bare = bare_webp(request.data, request.max_pixels, shape);
  if (type == "image/gif") bare = bare_gif(request.data, request.max_pixels, shape);
  if (bare && bare->size() <= request.max_output) {
    take(out, std::string(type), std::move(*bare));
    out.width = shape.width;
    out.height = shape.height;
    out.frames = shape.frames;
    return out;
  }
  if (shape.frames > 1) throw Refusal(Status::too_large, "is an animation that does not fit into an attachment");
  encode_again(out, type, decode(type, request.data, 0, request.max_pixels), request.max_output);
  return out;
}

}  // namespace

Answer decode_image(Request request) {
  const std::string_view type = sniff(request.data);
  if (request.operation == Operation::prepare && type.starts_with("image/")) return prepare(type, request);
  const Decoded found = decode(type, request.data, request.thumbnail_edge, request.max_pixels);
  Answer out;
  out.text = type;
  out.width = found.shape.width;
  out.height = found.shape.height;
  out.frames = found.shape.frames;
  out.thumbnail = thumbnail(found.pixels, request.thumbnail_edge);
  return out;
}

}  // namespace argot::media
