#include <kernel/messenger/trace.h>

namespace argot::kernel {
namespace {

constexpr std::size_t max_trace = 8 * 1024, max_detail = 300, max_stage = 32;

void put_text(Bytes& out, std::string_view text) {
  out.push_back(Byte(text.size() >> 8));
  out.push_back(Byte(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

bool take_text(ByteView& in, std::string& text) {
  if (in.size() < 2) return false;
  std::size_t size = std::size_t(in[0]) << 8 | in[1];
  if (in.size() < 2 + size) return false;
  text = text_of(in.subspan(2, size));
  in = in.subspan(2 + size);
  return true;
}

}  // namespace

// One step: 8 bytes of microseconds since 1970, big endian; stage; detail (each a 16-bit length and bytes).
void append_step(Bytes& trace, std::string_view stage, Time at, std::string_view detail) {
  stage = stage.substr(0, max_stage);
  detail = detail.substr(0, max_detail);
  if (trace.size() + 12 + stage.size() + detail.size() > max_trace) return;
  const auto micros = std::uint64_t(at.time_since_epoch().count());
  for (int shift = 56; shift >= 0; shift -= 8) trace.push_back(Byte(micros >> shift));
  put_text(trace, stage);
  put_text(trace, detail);
}

std::vector<TraceStep> read_trace(ByteView in) {
  std::vector<TraceStep> steps;
  while (in.size() >= 8) {
    std::uint64_t micros = 0;
    for (int i = 0; i < 8; ++i) micros = micros << 8 | in[i];
    in = in.subspan(8);
    TraceStep step;
    step.at = Time(Duration(std::int64_t(micros)));
    if (!take_text(in, step.stage) || !take_text(in, step.detail)) break;
    steps.push_back(std::move(step));
  }
  std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return steps;
}

std::string describe(const Route& route) {
  std::string out;
  for (const std::string& hop : route) out += (out.empty() ? "" : ", then ") + hop;
  return out;
}

}  // namespace argot::kernel
