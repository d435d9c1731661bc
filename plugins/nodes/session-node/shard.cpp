#include "shard.h"

#include <charconv>

namespace argot::node {
namespace {

constexpr unsigned json_bit = 0x8000;

std::string option(const Settings& settings, std::string_view name) {
  return settings.has(name) ? settings.text(name) : std::string();
}

/// The text up to a line's end, which is taken off `rest`. Nothing when there is none.
std::optional<std::string> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string line(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string ShardPlace::text() const { return "shard " + std::to_string(number) + " of " + std::to_string(count); }

ShardPlace shard_place(const Settings& settings) {
  ShardPlace out;
  const std::string text = option(settings, "shard");
  if (text.empty()) return out;
  const char *at = text.data(), *end = at + text.size();
  auto [slash, failure] = std::from_chars(at, end, out.number);
  bool good = failure == std::errc() && slash != end && *slash == '/';
  if (good) {
    const auto [rest, also] = std::from_chars(slash + 1, end, out.count);
    good = also == std::errc() && rest == end && out.number >= 1 && out.number <= out.count && out.count <= 64;
  }
  if (!good)
    throw Error(Code::invalid_argument, "The option shard, \"" + text + "\", is not like 2/3.",
                "Leave it out: \"workers: 3\" in the profile sets it.");
  return out;
}

std::string shards_meet_at(Context& ctx) {
  const std::string given = option(ctx.settings(), "shards_meet");
  return given.empty() ? "unix:" + (ctx.data_dir() / "shards").string() : given;
}

std::string encode(const ShardNews& news) { return news.version + "\n" + news.address + "\n" + news.lines; }

std::optional<ShardNews> decode_news(std::string_view text) {
  auto version = take_line(text), address = take_line(text);
  if (!version || !address) return std::nullopt;
  ShardNews out;
  out.version = std::move(*version);
  out.address = std::move(*address);
  out.lines = text;
  return out;
}

//   checked u8 | length of source u8 | source | text
std::string encode_shard_call(const RpcCall& call, bool checked) {
  const std::string_view source = std::string_view(call.source).substr(0, 255);
  std::string out;
  out.reserve(2 + source.size() + call.text.size());
  out += static_cast<char>(checked);
  out += static_cast<char>(source.size());
  out += source;
  out += call.text;
  return out;
}

std::optional<ShardCall> decode_shard_call(std::string body) {
  if (body.size() < 2) return std::nullopt;
  const std::size_t length = static_cast<Byte>(body[1]);
  if (body.size() < 2 + length) return std::nullopt;
  auto keep = std::make_shared<const std::string>(std::move(body));
  ShardCall out;
  out.checked = keep->front() == 1;
  out.call.source = keep->substr(2, length);
  out.call.text = std::string_view(*keep).substr(2 + length);
  out.call.keeps = std::move(keep);
  return out;
}

LinkAnswer to_link(RpcAnswer answer) {
  LinkAnswer out;
  out.status = answer.status | (answer.is_json ? json_bit : 0);
  out.body = std::move(answer.body);
  return out;
}

RpcAnswer from_link(LinkAnswer answer) {
  RpcAnswer out;
  out.status = answer.status & ~json_bit;
  out.is_json = (answer.status & json_bit) != 0;
  out.body = std::move(answer.body);
  return out;
}

std::string encode_shard_peer(Endpoint endpoint, std::string_view body) {
  std::string out(1, static_cast<char>(endpoint));
  out += body;
  return out;
}

std::optional<std::pair<Endpoint, std::string>> decode_shard_peer(std::string body) {
  if (body.empty()) return std::nullopt;
  const auto endpoint = static_cast<Endpoint>(static_cast<Byte>(body[0]));
  if (endpoint < Endpoint::storage_cc || endpoint > Endpoint::storage_batch) return std::nullopt;
  body.erase(0, 1);
  return std::pair(endpoint, std::move(body));
}

}  // namespace argot::node
