#pragma once
// What the checks of the storage kit have in common.
#include "storage_kit.h"

#include <string>
#include <vector>

namespace argot::kit {

class StorageScene {
 public:
  StorageScene(Context& ctx, StorageUnderTest& subject) : ctx(ctx), subject(subject) {}

  /// A path where no store is yet.
  std::filesystem::path fresh_path();
  Task<std::unique_ptr<Store>> open(std::filesystem::path path, Byte key = 7);
  /// A new store at a fresh path.
  Task<std::unique_ptr<Store>> fresh();
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(ctx.random_below(bound)); }

  Context& ctx;
  StorageUnderTest& subject;

 private:
  int stores_ = 0;
};

struct StorageCheck {
  const char* name;
  Task<> (*run)(StorageScene&, Finding&);
};
using StorageChecks = std::vector<StorageCheck>;
StorageChecks storage_message_checks();
StorageChecks storage_query_checks();
StorageChecks storage_table_checks();
StorageChecks storage_durability_checks();

/// An account id, the same for the same number.
std::string account_id(int number);
/// A plain text message of `author` in the conversation of account 0.
StoredMessage plain_message(std::int64_t sent_at_ms, std::string text, int author = 0, int conversation = 0);
StoredConversation plain_conversation(int number);
/// A store with something of everything, committed.
void furnish(Store& store, std::size_t messages = 20);
/// Everything in a store as text, one thing a line: equal texts mean equal contents.
std::string contents_of(Store& store);
std::string line_of(const StoredMessage& message);
/// "the same" or the first line that differs, without its content.
std::string difference(const std::string& expected, const std::string& found);
std::vector<MessageId> ids_of(const std::vector<StoredMessage>& messages);

}  // namespace argot::kit
