// Files on a Session file server (client/attachments.md section 4), asked through whatever reaches servers.
#pragma once
#include <argot/context.h>
#include <argot/file_store.h>
#include <argot/file_url.h>

#include "server_caller.h"

namespace argot::swarm {

/// Who is asked, and how it calls itself in the addresses of files.
struct FileServer {
  FileUrl address;  ///< without an id
  Fixed<32> ed25519{}, x25519{};

  /// `url`: "http://host:port"; `key`: Ed25519, 64 hex digits; empty: the official server's. Throws
  /// Error(invalid_argument).
  static FileServer read(const std::string& url, const std::string& key);
};

class FileClient final : public FileStore {
 public:
  static constexpr std::string_view official_host = "filev2.getsession.org",
                                    official_key = "b8eef9821445ae16e2e97ef8aa6fe782fd11ad5253cd6723b281341dba22e371";
  /// Of an encrypted file: what fits an onion, with room for its layers.
  static constexpr std::uint64_t max_file = 10 * 1024 * 1024 - 64 * 1024;

  /// `own`: where files are uploaded to; none: nowhere. Call again after stop().
  void start(Context& ctx, std::optional<FileServer> own);
  /// Null: nobody is reached any more.
  void reach_servers_through(ServerCaller* caller) { caller_ = caller; }

  FileStoreTraits traits() const override;
  Task<KeptFile> upload(std::shared_ptr<const Bytes> file, Duration ttl, FileProgress progress) override;
  Task<Bytes> download(std::string url, std::uint64_t most, FileProgress progress) override;
  Task<KeptFile> info(std::string url) override;
  Task<KeptFile> extend(std::string url, Duration ttl) override;

  /// The server that an address names: by its key, as our own, or as the official one. Throws Error(invalid_argument).
  FileServer server_of(const FileUrl& url) const;

 private:
  ServerCaller& caller() const;
  Task<onion::ServerReply> ask(FileServer server, ServerCall call);

  Context* ctx_ = nullptr;
  std::optional<FileServer> own_;
  ServerCaller* caller_ = nullptr;
};

}  // namespace argot::swarm
