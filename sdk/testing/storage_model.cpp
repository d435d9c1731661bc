#include "storage_model.h"

#include <algorithm>
#include <sstream>

namespace argot::kit {
namespace {

bool has_word(const std::string& text, const std::string& begin) {
  std::istringstream words(text);
  for (std::string word; words >> word;)
    if (word.starts_with(begin)) return true;
  return false;
}

bool matches(const std::string& text, const std::string& wanted) {
  std::istringstream words(wanted);
  for (std::string word; words >> word;)
    if (!has_word(text, word)) return false;
  return true;
}

std::pair<std::int64_t, MessageId> place(const StoredMessage& m) { return {m.sent_at_ms, m.id}; }

}  // namespace

bool StorageModel::has(const std::string& author, std::int64_t sent_at_ms) const {
  return std::any_of(messages_.begin(), messages_.end(), [&](auto& entry) {
    return entry.second.author == author && entry.second.sent_at_ms == sent_at_ms;
  });
}

std::vector<StoredMessage> StorageModel::messages(const MessageQuery& query) const {
  std::vector<StoredMessage> out;
  for (auto& [id, m] : messages_) {
    if (!query.conversation.empty() && m.conversation != query.conversation) continue;
    if (!matches(m.text, query.match)) continue;
    if (query.before && !(place(m) < place(messages_.at(*query.before)))) continue;
    if (query.after && !(place(messages_.at(*query.after)) < place(m))) continue;
    out.push_back(m);
  }
  std::sort(out.begin(), out.end(),
            [&](auto& a, auto& b) { return query.newest_first ? place(b) < place(a) : place(a) < place(b); });
  if (out.size() > query.limit) out.resize(query.limit);
  return out;
}

}  // namespace argot::kit
