#include "loopback_files.h"

#include <argot/file_url.h>

namespace argot::loopback {
namespace {

std::string id_of(const std::string& text) {
  const FileUrl url = FileUrl::parse(text);
  if (url.host != "loopback")
    throw Error(Code::invalid_argument, "The file is on " + url.host + ", where the loopback transport does not reach.",
                "Use a transport with a network.");
  return url.id;
}

[[noreturn]] void gone() {
  throw Error(Code::not_found, "The loopback transport has the file no more.", "Ask for it to be sent again.");
}

Duration life(Duration wanted) { return wanted > Duration::zero() ? std::min(wanted, max_ttl) : file_ttl; }

}  // namespace

void LoopbackFiles::start(Context& ctx, std::shared_ptr<Hub> hub) {
  ctx_ = &ctx;
  hub_ = std::move(hub);
}

FileStoreTraits LoopbackFiles::traits() const {
  FileStoreTraits out;
  out.max_file = max_file;
  out.hides_address = true;  // there are no addresses
  return out;
}

Task<KeptFile> LoopbackFiles::upload(std::shared_ptr<const Bytes> file, Duration ttl, FileProgress progress) {
  const std::uint64_t size = file->size();
  if (size == 0 || size > max_file)
    throw Error(Code::resource_exhausted,
                "A file of " + std::to_string(size) + " bytes cannot be sent; the most are 10 MiB.",
                "Send a smaller one.");
  if (progress) progress(0, size);
  co_await ctx_->sleep(Duration(0));  // as over a network: never inside the call
  KeptFile out = hub_->put(std::move(file), ctx_->now(), life(ttl));
  if (progress) progress(size, size);
  co_return out;
}

Task<Bytes> LoopbackFiles::download(std::string url, std::uint64_t most, FileProgress progress) {
  const std::string id = id_of(url);
  co_await ctx_->sleep(Duration(0));
  const std::shared_ptr<const Bytes> file = hub_->file(id, ctx_->now());
  if (!file) gone();
  if (file->size() > most)
    throw Error(Code::resource_exhausted,
                "A file is larger than the " + std::to_string(most) + " bytes that it may be.",
                "It is not what its sender described.");
  if (progress) progress(file->size(), file->size());
  co_return *file;
}

Task<KeptFile> LoopbackFiles::info(std::string url) {
  auto found = hub_->info(id_of(url), ctx_->now());
  if (!found) gone();
  co_return std::move(*found);
}

Task<KeptFile> LoopbackFiles::extend(std::string url, Duration ttl) {
  auto found = hub_->extend(id_of(url), ctx_->now(), life(ttl));
  if (!found) gone();
  co_return std::move(*found);
}

}  // namespace argot::loopback
