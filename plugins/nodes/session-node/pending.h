#pragma once
// The messages that are in the journal and not yet in the database's tables: readers look here too.
#include <deque>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "journal.h"

namespace argot::node {

/// In the order of their rows. Its bound is its owner's to keep.
class Pending {
 public:
  using Box = std::pair<AccountId, std::int16_t>;

  bool empty() const { return all_.empty(); }
  std::size_t count() const { return all_.size(); }
  const std::deque<PendingMessage>& all() const { return all_; }
  /// Memory that they take, about.
  std::size_t bytes() const { return bytes_; }
  /// Space that they will take in the database, at most.
  std::int64_t space() const { return space_; }
  static std::int64_t space_of(std::size_t data) { return 2 * static_cast<std::int64_t>(data) + 1'000; }

  /// Null when it is not here. Valid until a change, as the pointers of in().
  const PendingMessage* find(std::string_view hash) const {
    const auto found = by_hash_.find(hash);
    return found == by_hash_.end() ? nullptr : &all_[found->second];
  }
  /// Those of a mailbox, oldest first.
  std::vector<const PendingMessage*> in(const AccountId& account, std::int16_t ns) const {
    std::vector<const PendingMessage*> out;
    if (const auto box = boxes_.find({account, ns}); box != boxes_.end())
      for (const std::size_t at : box->second) out.push_back(&all_[at]);
    return out;
  }

  void add(PendingMessage each) {
    all_.push_back(std::move(each));
    const StoredMessage& message = all_.back().message;
    by_hash_[message.hash] = all_.size() - 1;
    boxes_[{message.account, message.ns}].push_back(all_.size() - 1);
    count_in(message, 1);
  }
  /// Takes the newest out until `count` are left; they are returned in their order.
  std::vector<PendingMessage> cut(std::size_t count) {
    std::vector<PendingMessage> out;
    while (all_.size() > count) {
      const StoredMessage& message = all_.back().message;
      by_hash_.erase(message.hash);
      const auto box = boxes_.find({message.account, message.ns});
      box->second.pop_back();
      if (box->second.empty()) boxes_.erase(box);
      count_in(message, -1);
      out.push_back(std::move(all_.back()));
      all_.pop_back();
    }
    return {std::make_move_iterator(out.rbegin()), std::make_move_iterator(out.rend())};
  }
  void clear() {
    by_hash_.clear();
    boxes_.clear();
    all_.clear();
    bytes_ = 0;
    space_ = 0;
  }

 private:
  void count_in(const StoredMessage& message, int sign) {
    const std::size_t size = message.data.size() + message.hash.size() + 300;  // with the places in two maps
    bytes_ += sign > 0 ? size : 0 - size;
    space_ += sign * space_of(message.data.size());
  }

  std::deque<PendingMessage> all_;
  std::unordered_map<std::string_view, std::size_t> by_hash_;  ///< the text is the message's own
  std::map<Box, std::vector<std::size_t>> boxes_;
  std::size_t bytes_ = 0;
  std::int64_t space_ = 0;
};

}  // namespace argot::node
