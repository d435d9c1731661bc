// Files between the kernels of one process: what one uploads, another downloads at once. Never farther than the
// process.
#pragma once
#include <argot/context.h>
#include <argot/file_store.h>

#include "hub.h"

namespace argot::loopback {

class LoopbackFiles final : public FileStore {
 public:
  void start(Context& ctx, std::shared_ptr<Hub> hub);
  FileStoreTraits traits() const override;
  Task<KeptFile> upload(std::shared_ptr<const Bytes> file, Duration ttl, FileProgress progress) override;
  Task<Bytes> download(std::string url, std::uint64_t most, FileProgress progress) override;
  Task<KeptFile> info(std::string url) override;
  Task<KeptFile> extend(std::string url, Duration ttl) override;

 private:
  Context* ctx_ = nullptr;
  std::shared_ptr<Hub> hub_;
};

}  // namespace argot::loopback
