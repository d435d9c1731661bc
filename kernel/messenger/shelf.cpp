#include <kernel/messenger/shelf.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

Error unknown(const AccountId& account) {
  return Error(Code::not_found, "There is no account " + account.brief() + " here.",
               "See the list of accounts, or restore it from its recovery phrase.");
}

[[noreturn]] void fail(const fs::path& path, const char* doing) {
  const int why = errno;
  throw Error(why == ENOSPC || why == EDQUOT ? Code::resource_exhausted : Code::permission_denied,
              std::string("Cannot ") + doing + " " + path.string() + ": " + std::strerror(why) + ".",
              "Make room or check the permissions of the folder, then try again. Nothing was changed.");
}

class DiskShelf final : public Shelf {
 public:
  explicit DiskShelf(Context& ctx) : root_(ctx.data_dir()) {}

  std::vector<AccountId> list() override {
    std::vector<AccountId> out;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(root_, failure)) {
      if (!fs::exists(entry.path() / "account.json")) continue;
      auto bytes = fixed_from_hex<AccountId::size>(entry.path().filename().string());
      if (bytes) out.emplace_back(*bytes);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  std::string read(const AccountId& account) override {
    std::ifstream file(folder(account) / "account.json", std::ios::binary);
    if (!file) throw unknown(account);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void write(const AccountId& account, std::string_view text) override {
    const fs::path dir = folder(account), path = dir / "account.json", fresh = dir / "account.json.new";
    std::error_code failure;
    fs::create_directories(dir, failure);
    ::chmod(dir.c_str(), 0700);
    int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) fail(fresh, "write");
    bool ok = ::write(fd, text.data(), text.size()) == ssize_t(text.size()) && ::fsync(fd) == 0;
    if (!ok) {
      int why = errno;
      ::close(fd);
      ::unlink(fresh.c_str());
      errno = why;
      fail(fresh, "write");
    }
    ::close(fd);
    if (::rename(fresh.c_str(), path.c_str()) != 0) fail(path, "replace");
    if (int d = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); d >= 0) {
      ::fsync(d);  // the name itself must survive a power cut
      ::close(d);
    }
  }

  fs::path folder(const AccountId& account) override { return root_ / account.text(); }

 private:
  fs::path root_;
};

class MemoryShelf final : public Shelf {
 public:
  explicit MemoryShelf(Context& ctx) : root_(ctx.data_dir()) {
    auto& place = ctx.shared("accounts:" + root_.string());
    if (!place) place = std::make_shared<Texts>();
    texts_ = std::static_pointer_cast<Texts>(place);
  }
  std::vector<AccountId> list() override {
    std::vector<AccountId> out;
    for (const auto& [id, text] : *texts_) out.push_back(id);
    return out;
  }
  std::string read(const AccountId& account) override {
    auto it = texts_->find(account);
    if (it == texts_->end()) throw unknown(account);
    return it->second;
  }
  void write(const AccountId& account, std::string_view text) override { (*texts_)[account] = text; }
  fs::path folder(const AccountId& account) override { return root_ / account.text(); }

 private:
  using Texts = std::map<AccountId, std::string>;
  fs::path root_;
  std::shared_ptr<Texts> texts_;
};

}  // namespace

std::unique_ptr<Shelf> make_disk_shelf(Context& ctx) { return std::make_unique<DiskShelf>(ctx); }
std::unique_ptr<Shelf> make_memory_shelf(Context& ctx) { return std::make_unique<MemoryShelf>(ctx); }

}  // namespace argot::kernel
