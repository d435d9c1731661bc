#include "test_pictures.h"

#include <gif_lib.h>
#include <webp/mux.h>
#include <zlib.h>

#include <cstring>

namespace argot::media::test {
namespace {

void put(Bytes& out, std::uint32_t number, int bytes, bool little = false) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<Byte>(number >> 8 * (little ? i : bytes - 1 - i)));
}
void put(Bytes& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }
void put(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void segment(Bytes& out, Byte marker, std::string_view name, ByteView data) {
  out.push_back(0xFF);
  out.push_back(marker);
  put(out, static_cast<std::uint32_t>(2 + name.size() + data.size()), 2);
  put(out, name);
  put(out, data);
}

void chunk(Bytes& out, std::string_view name, ByteView data) {
  put(out, static_cast<std::uint32_t>(data.size()), 4);
  Bytes body;
  put(body, name);
  put(body, data);
  put(out, body);
  put(out, static_cast<std::uint32_t>(crc32(0, body.data(), static_cast<uInt>(body.size()))), 4);
}

}  // namespace

Pixels quarters(std::uint32_t width, std::uint32_t height, unsigned channels) {
  constexpr Byte colours[4][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
  Pixels out(width, height, channels);
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      Byte* p = out.row(y) + std::size_t{x} * channels;
      std::memcpy(p, colours[(y >= height / 2 ? 2 : 0) + (x >= width / 2 ? 1 : 0)], 3);
      if (channels == 4) p[3] = y < height / 2 ? 255 : 100;
    }
  return out;
}

Pixels noise(std::uint32_t width, std::uint32_t height) {
  Pixels out(width, height, 3);
  std::uint32_t state = 1;
  for (Byte& byte : out.data) byte = static_cast<Byte>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

Bytes exif(int orientation) {
  Bytes out, tail;
  put(out, "MM");
  put(out, 42, 2);
  put(out, 8, 4);
  const std::string camera = "SECRETCAMERA", serial = "SERIAL-4711";
  constexpr std::uint32_t entries = 4, tail_at = 8 + 2 + entries * 12 + 4;
  auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count, std::uint32_t value) {
    put(out, tag, 2);
    put(out, type, 2);
    put(out, count, 4);
    put(out, value, 4);
  };
  put(out, entries, 2);
  entry(0x010F, 2, 12, tail_at);
  entry(0x0112, 3, 1, static_cast<std::uint32_t>(orientation) << 16);
  entry(0x8825, 4, 1, tail_at + 24);
  entry(0xA431, 2, 11, tail_at + 12);
  put(out, 0, 4);
  put(out, camera);
  put(out, serial);
  put(out, 0, 1);
  put(out, 2, 2);  // the GPS directory: latitude as three fractions
  entry(0x0001, 2, 2, 'N' << 24);
  entry(0x0002, 5, 3, tail_at + 24 + 2 + 24 + 4);
  put(out, 0, 4);
  for (const std::uint32_t number : {48u, 1u, 51u, 1u, 0x12345678u, 0x00010203u}) put(out, number, 4);
  return out;
}

std::string xmp() {
  return "<x:xmpmeta xmlns:x='adobe:ns:meta/'><author>Alice Secretname</author><place>Secretville</place></x:xmpmeta>";
}

const std::vector<std::string>& secrets() {
  static const std::vector<std::string> all = {
      "SECRETCAMERA",  "SERIAL-4711", std::string("\x12\x34\x56\x78\x00\x01\x02\x03", 8),
      "Secretname",    "Secretville", "xmpmeta",
      "SECRETCOMMENT", "SECRETIPTC",  "SECRETTRAILER",
      "Exif",          "Photoshop",   "EXIF",
      "XMP",           "eXIf"};
  return all;
}

Bytes jpeg_with_metadata(const Pixels& pixels, int orientation) {
  const Bytes plain = encode_jpeg(pixels, 90);
  Bytes out(plain.begin(), plain.begin() + 2);
  using namespace std::string_view_literals;
  segment(out, 0xE1, "Exif\0\0"sv, exif(orientation));
  segment(out, 0xE1, "http://ns.adobe.com/xap/1.0/\0"sv, view(xmp()));
  segment(out, 0xED, "Photoshop 3.0\0"sv, view("SECRETIPTC"));
  segment(out, 0xFE, "SECRETCOMMENT", {});
  out.insert(out.end(), plain.begin() + 2, plain.end());
  put(out, "SECRETTRAILER");
  return out;
}

Bytes png_with_metadata(const Pixels& pixels, int orientation) {
  const Bytes plain = encode_png(pixels);
  constexpr std::size_t after_header = 8 + 25;
  Bytes out(plain.begin(), plain.begin() + after_header);
  using namespace std::string_view_literals;
  chunk(out, "eXIf", exif(orientation));
  chunk(out, "tEXt", view("Comment\0SECRETCOMMENT"sv));
  chunk(out, "iTXt", view(std::string("XML:com.adobe.xmp\0\0\0\0\0"sv) + xmp()));
  chunk(out, "prVt", view("SECRETIPTC"));
  out.insert(out.end(), plain.begin() + after_header, plain.end());
  put(out, "SECRETTRAILER");
  return out;
}

Bytes webp_with_metadata(const Pixels& pixels, int orientation) {
  const Bytes plain = encode_webp(pixels, true, 0), tiff = exif(orientation);
  const std::string about = xmp();
  const WebPData image{plain.data(), plain.size()}, exif_data{tiff.data(), tiff.size()},
      xmp_data{reinterpret_cast<const Byte*>(about.data()), about.size()},
      own{reinterpret_cast<const Byte*>("SECRETIPTC"), 10};
  WebPMux* mux = WebPMuxCreate(&image, 1);
  WebPMuxSetChunk(mux, "EXIF", &exif_data, 1);
  WebPMuxSetChunk(mux, "XMP ", &xmp_data, 1);
  WebPMuxSetChunk(mux, "OWN ", &own, 1);
  WebPData made{};
  WebPMuxAssemble(mux, &made);
  Bytes out(made.bytes, made.bytes + made.size);
  WebPDataClear(&made);
  WebPMuxDelete(mux);
  return out;
}

Bytes webp_animation() {
  WebPMux* mux = WebPMuxNew();
  for (int i = 0; i < 3; ++i) {
    const Bytes still = encode_webp(i == 1 ? noise(40, 30) : quarters(40, 30), true, 0);
    WebPMuxFrameInfo frame{};
    frame.bitstream = {still.data(), still.size()};
    frame.duration = 70;
    frame.id = WEBP_CHUNK_ANMF;
    WebPMuxPushFrame(mux, &frame, 1);
  }
  const Bytes tiff = exif(1);
  const WebPData exif_data{tiff.data(), tiff.size()};
  WebPMuxSetChunk(mux, "EXIF", &exif_data, 1);
  const WebPMuxAnimParams params{0, 5};
  WebPMuxSetAnimationParams(mux, &params);
  WebPData made{};
  WebPMuxAssemble(mux, &made);
  Bytes out(made.bytes, made.bytes + made.size);
  WebPDataClear(&made);
  WebPMuxDelete(mux);
  return out;
}

Bytes gif_with_metadata() {
  Bytes out;
  auto write = [](GifFileType* gif, const GifByteType* from, int size) {
    put(*static_cast<Bytes*>(gif->UserData), ByteView(from, static_cast<std::size_t>(size)));
    return size;
  };
  GifFileType* gif = EGifOpen(&out, write, nullptr);
  EGifSetGifVersion(gif, true);
  const GifColorType colours[2] = {{255, 0, 0}, {0, 0, 255}};
  ColorMapObject* map = GifMakeMapObject(2, colours);
  EGifPutScreenDesc(gif, 40, 30, 8, 0, map);
  EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE);
  EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0");
  EGifPutExtensionBlock(gif, 3, "\1\0\0");
  EGifPutExtensionTrailer(gif);
  EGifPutComment(gif, "SECRETCOMMENT");
  EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE);
  EGifPutExtensionBlock(gif, 11, "XMP DataXMP");
  EGifPutExtensionBlock(gif, static_cast<int>(xmp().size()), xmp().data());
  EGifPutExtensionTrailer(gif);
  for (int frame = 0; frame < 2; ++frame) {
    const Byte control[4] = {0, 7, 0, 0};
    EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, control);
    EGifPutImageDesc(gif, 0, 0, 40, 30, frame == 1, nullptr);
    GifPixelType line[40];
    std::memset(line, frame, sizeof line);
    for (int y = 0; y < 30; ++y) EGifPutLine(gif, line, 40);
  }
  EGifCloseFile(gif, nullptr);
  GifFreeMapObject(map);
  put(out, "SECRETTRAILER");
  return out;
}

Bytes png_bomb(std::uint32_t width, std::uint32_t height) {
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, header;
  put(header, width, 4);
  put(header, height, 4);
  put(header, ByteView(reinterpret_cast<const Byte*>("\10\6\0\0\0"), 5));
  chunk(out, "IHDR", header);
  // The zeros of all rows compress a thousandfold.
  Bytes zeros(std::min<std::size_t>(std::size_t{width} * 4 * height, 64 << 20)), packed(zeros.size() / 500 + 1000);
  uLongf size = packed.size();
  compress(packed.data(), &size, zeros.data(), zeros.size());
  packed.resize(size);
  chunk(out, "IDAT", packed);
  chunk(out, "IEND", {});
  return out;
}

}  // namespace argot::media::test
