// Runs the plugin that docs/first-plugin.md shows.
#include <argot/plugin.h>
#include <argot/testing/fake_messenger.h>
#include <argot/testing/load_plugin.h>

#include <gtest/gtest.h>

namespace argot {
namespace {

TEST(FirstPlugin, AnswersInCapitals) {
  kit::BareWorld world;
  kit::BareContext ctx(world);
  kit::FakeMessenger messenger(ctx);
  auto plugin = kit::load_plugin(kit::built_plugin("bots/shout"));
  ctx.run(plugin->start(ctx));
  messenger.receive("is anybody there?");
  world.run();
  ctx.run(plugin->stop());
  ASSERT_EQ(messenger.sent().size(), 1u);
  EXPECT_EQ(messenger.sent()[0].text, "IS ANYBODY THERE?");
}

}  // namespace
}  // namespace argot
