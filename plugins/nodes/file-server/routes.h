#pragma once
// What a file server answers (attachments.md section 4), whether the request came through an onion or straight.
#include <argot/context.h>
#include <argot/http.h>
#include <argot/onion.h>

#include <map>

#include "file_store.h"

namespace argot::files {

struct Release {
  std::string version;
  std::int64_t updated_s = 0;
};

struct RouteOptions {
  std::uint64_t max_file = 10'000'000;
  std::int64_t ttl_s = 14 * 86'400;         ///< life of a file that asks for nothing, and the longest
  std::map<std::string, Release> releases;  ///< by platform: desktop, android, ios
};

class Routes {
 public:
  /// `store` must outlive the requests that run.
  Routes(Context& ctx, FileStore& store, RouteOptions options)
      : ctx_(ctx), store_(store), options_(std::move(options)) {}
  /// Throws nothing but cancellation.
  Task<onion::ServerReply> answer(onion::ServerRequest request);
  /// GET /file/ID without an onion: the file goes from the disk to the reader in pieces of 64 KiB. Nothing when the
  /// request is another one, the file is not there, or 256 are sent already: answer() says what is to be said then.
  Task<std::optional<http::Response>> stream(std::string method, std::string endpoint);
  static constexpr std::size_t max_streams = 256, piece = 64 * 1024;

 private:
  Task<onion::ServerReply> route(onion::ServerRequest request);
  Task<onion::ServerReply> upload(onion::ServerRequest request);
  Task<onion::ServerReply> download(std::string id);
  Task<onion::ServerReply> info(std::string id);
  Task<onion::ServerReply> extend(std::string id, onion::ServerRequest request);
  onion::ServerReply version(const onion::ServerRequest& request, std::string_view query) const;
  std::optional<std::int64_t> ttl_of(const onion::ServerRequest& request) const;
  std::int64_t now() const { return to_ms(ctx_.now()); }

  Context& ctx_;
  FileStore& store_;
  RouteOptions options_;
  std::shared_ptr<std::size_t> streams_ = std::make_shared<std::size_t>(0);
};

/// An Expires header: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::int64_t ms);

}  // namespace argot::files
