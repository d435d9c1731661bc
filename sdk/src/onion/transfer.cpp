// What one node sends to the next: {data, enc_type, ephemeral_key, hop_no}, keys in this order.
#include "bencode.h"

#include <argot/onion.h>

namespace argot::onion {

std::string encode_transfer(const ForNode& next, int hop_no) {
  std::string out = "d";
  out.reserve(next.ciphertext.size() + 128);
  append_bencoded(out, "data");
  append_bencoded(out, text_of(next.ciphertext));
  append_bencoded(out, "enc_type");
  append_bencoded(out, name_of(next.cipher));
  append_bencoded(out, "ephemeral_key");
  append_bencoded(out, text_of(next.ephemeral_key));
  append_bencoded(out, "hop_no");
  out += "i" + std::to_string(hop_no + 1) + "ee";
  return out;
}

Layer parse_transfer(ByteView body) {
  auto corrupt = [](const char* what) { throw Error(Code::corrupt, what); };
  Bencode in(text_of(body));
  Layer out;
  out.hop_no = 1;
  bool has_data = false, has_key = false;
  std::string_view last;
  in.expect('d');
  while (!in.at('e')) {
    const std::string_view key = in.string();
    if (!last.empty() && key <= last) corrupt("its keys are not in order");
    last = key;
    if (key == "data") {
      out.ciphertext = view(in.string());
      has_data = true;
    } else if (key == "enc_type") {
      const auto cipher = cipher_named(in.string());
      if (!cipher) corrupt("\"enc_type\" names no cipher");
      out.cipher = *cipher;
    } else if (key == "ephemeral_key") {
      const std::string_view bytes = in.string();
      if (bytes.size() != 32) corrupt("\"ephemeral_key\" is not 32 bytes");
      std::copy(bytes.begin(), bytes.end(), out.ephemeral_key.begin());
      has_key = true;
    } else if (key == "hop_no") {
      out.hop_no = static_cast<int>(std::clamp<std::int64_t>(in.number(), 1, max_hops + 1));
    } else {
      in.skip();
    }
  }
  in.expect('e');
  if (!in.done()) corrupt("something follows it");
  if (!has_data || !has_key) corrupt("\"data\" or \"ephemeral_key\" is missing");
  return out;
}

}  // namespace argot::onion
