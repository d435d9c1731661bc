#include <kernel/host/profile.h>
#include <kernel/host/resolver.h>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace argot::kernel {
namespace {

bool has(const std::vector<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

std::size_t rank(const Wanted& w) {
  const auto& kinds = profile_kinds();
  auto at = std::find(kinds.begin(), kinds.end(), w.kind);
  if (at == kinds.end()) return 2 * kinds.size() - 3;  // the kernel's own: just before apps
  return 2 * static_cast<std::size_t>(at - kinds.begin());
}

class Sorter {
 public:
  Sorter(const std::vector<Wanted>& all, const std::vector<std::string>& given,
         const std::function<std::vector<std::string>(const std::string&)>& suggest)
      : all_(all), given_(given), suggest_(suggest), done_(all.size()), by_rank_(all.size()) {
    std::iota(by_rank_.begin(), by_rank_.end(), 0);
    std::stable_sort(by_rank_.begin(), by_rank_.end(),
                     [&](std::size_t a, std::size_t b) { return rank(all_[a]) < rank(all_[b]); });
  }

  std::vector<std::size_t> run() {
    for (std::size_t i : by_rank_) visit(i);
    return std::move(order_);
  }
  /// Only to find out what is wrong: begins with those whom nobody needs, so that chains are told from their beginning.
  void check() {
    for (auto i = by_rank_.rbegin(); i != by_rank_.rend(); ++i) visit(*i);
  }

 private:
  /// "app/echo 1.0.0 needs messenger/1, which messenger needs ..." from the outermost to the innermost.
  std::string chain(std::size_t from) const {
    std::string text;
    for (std::size_t i = from; i < path_.size(); ++i) {
      if (i > from) text += fmt::format(", which {} provides, which ", all_[path_[i].first].title);
      if (i == from) text += all_[path_[i].first].title + " ";
      text += fmt::format("needs {}", path_[i].second);
    }
    return text;
  }

  void visit(std::size_t i) {
    if (done_[i]) return;
    for (std::size_t k = 0; k < path_.size(); ++k)
      if (path_[k].first == i)
        throw Error(
            Code::invalid_argument,
            fmt::format("The plugins need each other in a circle: {}, which {} provides.", chain(k), all_[i].title),
            "Load another plugin in place of one of them.");
    for (const std::string& id : all_[i].needs) {
      path_.emplace_back(i, id);
      bool met = has(given_, id);
      for (std::size_t k : by_rank_)
        if (has(all_[k].provides, id)) {
          met = true;
          visit(k);
        }
      if (!met) {
        std::vector<std::string> known = suggest_ ? suggest_(id) : std::vector<std::string>{};
        throw Error(Code::not_found, fmt::format("{}, which nothing in the profile provides.", chain(0)),
                    known.empty() ? fmt::format("No plugin that provides {} was found; install one.", id)
                                  : fmt::format("Add one of these to the profile: {}.", fmt::join(known, ", ")));
      }
      path_.pop_back();
    }
    done_[i] = true;
    order_.push_back(i);
  }

  const std::vector<Wanted>& all_;
  const std::vector<std::string>& given_;
  const std::function<std::vector<std::string>(const std::string&)>& suggest_;
  std::vector<bool> done_;
  std::vector<std::size_t> by_rank_, order_;
  std::vector<std::pair<std::size_t, std::string>> path_;  ///< who is being visited, and for which need
};

}  // namespace

std::vector<std::size_t> start_order(const std::vector<Wanted>& all, const std::vector<std::string>& given,
                                     const std::function<std::vector<std::string>(const std::string&)>& suggest) {
  Sorter(all, given, suggest).check();
  return Sorter(all, given, suggest).run();
}

std::vector<std::size_t> joining(const std::vector<Wanted>& listed, const std::vector<Wanted>& optional,
                                 const std::vector<std::string>& given) {
  std::vector<std::string> there = given, wanted;
  for (const Wanted& w : listed) {
    there.insert(there.end(), w.provides.begin(), w.provides.end());
    wanted.insert(wanted.end(), w.needs.begin(), w.needs.end());
  }
  std::vector<std::size_t> in;
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < optional.size(); ++i) {
      const Wanted& w = optional[i];
      if (std::find(in.begin(), in.end(), i) != in.end()) continue;
      bool replaced = std::any_of(w.provides.begin(), w.provides.end(), [&](const auto& id) { return has(there, id); });
      bool asked = std::any_of(w.provides.begin(), w.provides.end(), [&](const auto& id) { return has(wanted, id); });
      bool met = std::all_of(w.needs.begin(), w.needs.end(), [&](const auto& id) { return has(there, id); });
      if (replaced || !(asked || met)) continue;
      in.push_back(i);
      there.insert(there.end(), w.provides.begin(), w.provides.end());
      wanted.insert(wanted.end(), w.needs.begin(), w.needs.end());
      again = true;
    }
  }
  return in;
}

}  // namespace argot::kernel
