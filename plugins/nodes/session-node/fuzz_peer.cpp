// Any bytes as what other nodes and seeds' clients send: handed-over messages, forwarded calls, frames, lists of nodes.
#include <cstdlib>
#include <string_view>

#include "bencode.h"
#include "handover.h"
#include "noise.h"
#include "registry.h"
#include "swarm.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  using namespace argot::node;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      if (const auto messages = decode_handover(bytes)) {
        std::size_t again = 0;
        for (const auto& batch : encode_handover(*messages)) {
          const auto back = decode_handover(batch);
          if (!back) std::abort();
          again += back->size();
        }
        if (again > messages->size()) std::abort();
      }
      break;
    case 1:
      if (const auto value = bencode::decode(bytes)) {
        const std::string once = bencode::encode(*value);
        const auto back = bencode::decode(once);
        if (!back || bencode::encode(*back) != once) std::abort();
      }
      break;
    case 2: {
      RegistryFacts facts;
      (void)answer_json_rpc(bytes, NodeList(), facts, [](std::uint64_t n) { return n - 1; });
      break;
    }
    default: try { (void)NodeList::parse(bytes, "fuzz");
      } catch (const Error&) {
      }
      if (bytes.size() >= NoiseHandshake::first_size) {
        const Fixed<32> key{9};
        NoiseHandshake handshake("fuzz", key, key, key, key);
        if (handshake.read_first(view(bytes.substr(0, NoiseHandshake::first_size)))) std::abort();
      }
  }
  return 0;
}
