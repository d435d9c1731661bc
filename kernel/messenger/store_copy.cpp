#include <kernel/messenger/store_copy.h>

namespace argot::kernel {

void copy_store(Store& from, Store& to) {
  auto source = from.begin();
  auto target = to.begin();
  target->clear();
  for (const StoredConversation& conversation : source->conversations()) target->put(conversation);
  MessageQuery query;
  query.newest_first = false;
  query.limit = 1000;
  for (std::vector<StoredMessage> page; !(page = source->messages(query)).empty(); query.after = page.back().id)
    for (const StoredMessage& message : page) target->insert(message);
  for (const OutboxEntry& entry : from.outbox()) target->put(entry);
  for (const auto& [hash, expires] : from.seen()) target->see(hash, expires);
  for (const std::string& owner : from.owners())
    for (const auto& [key, value] : source->scan(owner, "")) target->put(owner, key, value);
  target->commit();
}

}  // namespace argot::kernel
