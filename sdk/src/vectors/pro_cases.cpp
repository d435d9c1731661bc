// Cases of the paid service's proofs (client/envelope.md sections 4.8 and 11). Argot neither has nor checks any: a
// message that carries one is the message without it. So a case passes when its proof, in the older layout and in the
// newer one, changes nothing of what is read.
#include <argot/content.h>

#include "cases.h"
#include "session.pb.h"

namespace argot::vectors {
namespace {

std::string bytes_or(const Object& from, std::string_view key, std::size_t size) {
  return has(from, key) ? std::string(text_of(hex(from, key))) : std::string(size, '\x5a');
}

wire::Content plain() {
  wire::Content out;
  out.mutable_datamessage()->set_body("hello");
  out.set_sigtimestamp(1761884113627);
  return out;
}

wire::ProMessage older(const Object& inputs) {
  wire::ProMessage out;
  wire::ProProof& proof = *out.mutable_proof();
  proof.set_version(has(inputs, "version") ? std::uint32_t(number(inputs.at("version"), "version")) : 0);
  proof.set_revocationtag(bytes_or(inputs, "gen_index_hash", 32));
  proof.set_rotatingpublickey(bytes_or(inputs, "rotating_pkey", 32));
  proof.set_expiryunixts(has(inputs, "expiry_unix_ts_ms") ? number(inputs.at("expiry_unix_ts_ms"), "expiry_unix_ts_ms")
                                                          : 1762473660000);
  proof.set_sig(bytes_or(inputs, "signature", 64));
  out.set_profilebitset(3);
  out.set_messagebitset(1);
  return out;
}

wire::ProMessage newer(const Object& inputs) {
  wire::ProMessage out = older(inputs);
  wire::ProProof& proof = *out.mutable_proof();
  proof.clear_version();
  proof.set_revocationtag(bytes_or(inputs, "revocation_tag", 32));
  proof.set_expiryunixts(has(inputs, "expiry_unix_ts") ? number(inputs.at("expiry_unix_ts"), "expiry_unix_ts")
                                                       : 1704067200);
  return out;
}

/// Sizes that no proof has, and no proof at all.
wire::ProMessage broken(const Object& inputs) {
  wire::ProMessage out = older(inputs);
  out.mutable_proof()->set_sig("short");
  out.mutable_proof()->set_rotatingpublickey(std::string(4096, 'x'));
  return out;
}

Bytes read_again(const wire::Content& message) {
  const std::string written = message.SerializeAsString();
  return encode(decode_content(view(written)));
}

}  // namespace

std::optional<VectorResult> run_pro(const Object& inputs, const Object&) {
  const Bytes without = read_again(plain());
  for (const wire::ProMessage& pro : {older(inputs), newer(inputs), broken(inputs), wire::ProMessage()}) {
    wire::Content with = plain();
    *with.mutable_promessage() = pro;
    with.set_prosigforcommunitymessageonly(std::string(64, 's'));
    if (read_again(with) != without)
      return VectorResult{false, "The message reads differently because a proof is attached to it."};
  }
  return VectorResult{true, {}};
}

}  // namespace argot::vectors
