#include "journal.h"

#include <argot/error.h>

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

namespace argot::node {
namespace {

constexpr std::string_view family = "argot journal ", magic = "argot journal 1\n";
constexpr std::size_t header_size = 48;  ///< magic, identity, key
constexpr std::size_t length_size = 4, tag_size = 16, fixed_payload = 8 + 33 + 2 + 8 + 8 + 1;
/// A file that grows by as much at once costs the file system less than one that grows with each record.
constexpr std::uint64_t step = 256 * 1024;

template <class T> void put_number(Bytes& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    out.push_back(static_cast<Byte>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * i)));
}
template <class T> T number(ByteView& in) {
  std::make_unsigned_t<T> out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out = static_cast<decltype(out)>(out | decltype(out)(in[i]) << (8 * i));
  in = in.subspan(sizeof out);
  return static_cast<T>(out);
}

std::optional<PendingMessage> parse(ByteView payload) {
  if (payload.size() < fixed_payload) return std::nullopt;
  PendingMessage out;
  out.row = number<std::int64_t>(payload);
  Fixed<AccountId::size> account;
  std::copy_n(payload.begin(), account.size(), account.begin());
  payload = payload.subspan(account.size());
  out.message.account = AccountId(account);
  out.message.ns = number<std::int16_t>(payload);
  out.message.timestamp = number<std::int64_t>(payload);
  out.message.expiry = number<std::int64_t>(payload);
  const auto hash = number<std::uint8_t>(payload);
  if (payload.size() < hash || payload.size() - hash > Journal::max_data) return std::nullopt;
  out.message.hash = text_of(payload.first(hash));
  out.message.data = to_bytes(payload.subspan(hash));
  return out;
}

}  // namespace

Journal::Tag Journal::tag(const Tag& before, ByteView payload) const {
  Tag out;
  crypto_generichash_state state;
  crypto_generichash_init(&state, key_.data(), key_.size(), out.size());
  crypto_generichash_update(&state, before.data(), before.size());
  crypto_generichash_update(&state, payload.data(), payload.size());
  crypto_generichash_final(&state, out.data(), out.size());
  return out;
}

Journal::Content Journal::read(std::int64_t applied) {
  const Bytes file = file_->read(max_file);
  written_ = file.size();
  Content out;
  if (file.empty()) return out;
  if (file.size() >= header_size && std::equal(family.begin(), family.end(), file.begin()) &&
      !std::equal(magic.begin(), magic.end(), file.begin()))
    throw Error(Code::incompatible, "The journal of messages was written by a newer version.", "Update this node.");
  if (file.size() < header_size || !std::equal(magic.begin(), magic.end(), file.begin()) ||
      !std::equal(identity_.begin(), identity_.end(), file.begin() + magic.size())) {
    // A header is written when all that matters is in the database; a torn one has nothing to lose.
    out.torn = file.size() < header_size;
    out.foreign = !out.torn;
    return out;
  }
  std::copy_n(file.begin() + magic.size() + identity_.size(), key_.size(), key_.begin());
  Tag last{};
  ByteView rest = ByteView(file).subspan(header_size);
  std::int64_t row = 0;
  while (rest.size() >= length_size) {
    ByteView head = rest;
    const auto length = number<std::uint32_t>(head);
    if (length == 0) return out;
    out.torn = true;  // unless this one is whole
    if (length > fixed_payload + max_hash + max_data || head.size() < tag_size + length) return out;
    const ByteView payload = head.subspan(tag_size, length);
    last = tag(last, payload);
    if (sodium_memcmp(last.data(), head.data(), tag_size) != 0) return out;
    auto message = parse(payload);
    if (!message || message->row <= row) return out;
    out.torn = false;
    row = message->row;
    if (row <= applied && out.messages.empty()) return out;
    out.messages.push_back(std::move(*message));
    rest = head.subspan(tag_size + length);
  }
  out.torn = out.torn || !rest.empty();
  return out;
}

std::string Journal::set_aside() {
  written_ = 0;
  usable_ = false;
  return file_->set_aside();
}

void Journal::renew() {
  usable_ = false;
  Fixed<16> key;
  randombytes_buf(key.data(), key.size());  // of the world, as all of libsodium's randomness
  Bytes header = to_bytes(view(magic));
  header.insert(header.end(), identity_.begin(), identity_.end());
  header.insert(header.end(), key.begin(), key.end());
  put_number(header, std::uint32_t{0});
  file_->write(0, header);
  file_->sync();
  written_ = std::max<std::uint64_t>(written_, header.size());
  key_ = key;
  usable_ = true;
  rewind();
}

void Journal::rewind() {
  at_ = header_size;
  last_ = {};
}

void Journal::put(Bytes& out, const PendingMessage& each) {
  const StoredMessage& message = each.message;
  const std::size_t length = fixed_payload + message.hash.size() + message.data.size();
  put_number(out, static_cast<std::uint32_t>(length));
  const std::size_t at = out.size();
  out.resize(at + tag_size);
  put_number(out, each.row);
  out.insert(out.end(), message.account.bytes().begin(), message.account.bytes().end());
  put_number(out, message.ns);
  put_number(out, message.timestamp);
  put_number(out, message.expiry);
  put_number(out, static_cast<std::uint8_t>(message.hash.size()));
  out.insert(out.end(), message.hash.begin(), message.hash.end());
  out.insert(out.end(), message.data.begin(), message.data.end());
  last_ = tag(last_, ByteView(out).subspan(at + tag_size));
  std::copy(last_.begin(), last_.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

void Journal::append(const std::vector<const PendingMessage*>& messages) {
  usable_ = false;  // unless all goes well
  Bytes out;
  for (const PendingMessage* each : messages) put(out, *each);
  const std::uint64_t next = at_ + out.size();
  put_number(out, std::uint32_t{0});  // the end, for now
  std::uint64_t end = at_ + out.size();
  if (end > written_) end = (end + step - 1) / step * step;
  out.resize(static_cast<std::size_t>(end - at_));
  file_->write(at_, out);
  file_->sync();
  written_ = std::max(written_, end);
  at_ = next;
  usable_ = true;
}

}  // namespace argot::node
