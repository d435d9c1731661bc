#include "guard_file.h"

#include <fstream>

namespace argot::swarm {

namespace fs = std::filesystem;
constexpr std::size_t most_guards = 16;

std::vector<Fixed<32>> GuardFile::read() const {
  std::vector<Fixed<32>> out;
  std::ifstream in(file_);
  for (std::string line; out.size() < most_guards && std::getline(in, line);) {
    const auto key = fixed_from_hex<32>(line.substr(0, 64));
    if (!key || line.size() > 64) {
      ctx_.warn("The list of guards " + file_.string() + " is damaged; other guards are chosen.");
      return {};
    }
    if (std::find(out.begin(), out.end(), *key) == out.end()) out.push_back(*key);
  }
  return out;
}

void GuardFile::write(const std::vector<Fixed<32>>& guards) const {
  const fs::path fresh = file_.string() + ".new";
  std::error_code failure;
  {
    std::ofstream out(fresh, std::ios::trunc);
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, failure);
    for (const Fixed<32>& key : guards) out << to_hex(key) << "\n";
    out.flush();
    if (!out) failure = std::make_error_code(std::errc::io_error);
  }
  if (!failure) fs::rename(fresh, file_, failure);
  if (failure)
    ctx_.warn("The list of guards cannot be kept in " + file_.string() + ": " + failure.message() +
              ". After the next start other guards are chosen.");
}

}  // namespace argot::swarm
