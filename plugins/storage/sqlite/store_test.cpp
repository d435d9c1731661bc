// The store as its users see it.
#include "store.h"

#include <sdk/testing/bare_context.h>

#include <gtest/gtest.h>

namespace argot::sqlite {
namespace {

TEST(Store, remembers_a_message_across_a_reopen) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "argot-store-smoke";
  std::filesystem::remove_all(folder);
  Secret key(32);
  {
    auto store = open_store(folder, key);
    auto tx = store->begin();
    StoredConversation c;
    c.id = "05aa";
    tx->put(c);
    StoredMessage m;
    m.conversation = m.author = "05aa";
    m.sent_at_ms = 1'700'000'000'000;
    m.text = "Crème brûlée at the Łódź lighthouse";
    EXPECT_EQ(tx->insert(m), 1);
    EXPECT_EQ(tx->insert(m), std::nullopt);
    tx->commit();
  }
  auto store = open_store(folder, key);
  auto tx = store->begin();
  for (std::string word : {"creme", "BRULEE", "light", "lighthouse creme"}) {
    MessageQuery q;
    q.match = word;
    EXPECT_EQ(tx->messages(q).size(), 1u) << word;
    q.conversation = "05aa";
    EXPECT_EQ(tx->messages(q).size(), 1u) << word;
    q.match += " dark";
    EXPECT_EQ(tx->messages(q).size(), 0u) << word;
  }
}

}  // namespace
}  // namespace argot::sqlite
