#pragma once
// Changes to standard maps and sets that can be taken back: the cost is that of the changes, not of the containers.
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace argot::memory {

class Undo {
 public:
  template <class Map, class Key, class Value> void put(Map& map, const Key& key, Value value) {
    auto at = map.find(key);
    if (at == map.end()) {
      steps_.push_back(nullptr);  // room first: after the change nothing may throw
      auto* entry = &*map.emplace(key, std::move(value)).first;
      steps_.back() = [&map, entry] { map.erase(map.find(entry->first)); };
    } else {
      auto* entry = &*at;
      auto old = std::make_shared<typename Map::mapped_type>(std::move(value));
      steps_.push_back([entry, old] { std::swap(entry->second, *old); });
      std::swap(entry->second, *old);
    }
  }

  template <class Set, class Value> void add(Set& set, Value value) {
    steps_.push_back(nullptr);
    auto [at, fresh] = set.insert(std::move(value));
    if (fresh) steps_.back() = [&set, entry = &*at] { set.erase(set.find(*entry)); };
  }

  /// Of a map or a set, by iterator. Earlier steps remember entries by address: the node comes back where it was.
  template <class Container> void take(Container& from, typename Container::const_iterator at) {
    using Node = typename Container::node_type;
    auto node = std::make_shared<Node>();
    steps_.push_back([&from, node] { from.insert(std::move(*node)); });
    *node = from.extract(at);
  }

  template <class Container, class Key> bool take_key(Container& from, const Key& key) {
    auto at = from.find(key);
    if (at == from.end()) return false;
    take(from, at);
    return true;
  }

  template <class Value> void set(Value& place, Value value) {
    steps_.push_back([&place, old = place] { place = old; });
    place = std::move(value);
  }

  void roll_back() noexcept {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
      if (*step) (*step)();
    steps_.clear();
  }
  void keep() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace argot::memory
