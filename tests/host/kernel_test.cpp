// Starting and stopping a kernel.
#include <kernel/host/kernel.h>
#include <tests/host/fixtures/ledger.h>
#include <tests/host/host_fixture.h>

#include <argot/directory.h>
#include <argot/transport.h>

namespace argot::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(HostTest, StartsPluginsInOrderAndGivesTheirServices) {
  Kernel kernel = make(R"(
plugins:
  app: courier
  transport: left
  directory: {use: good, nodes: [alpha, beta]}
)");
  world.run(kernel.start());
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start courier"));
  EXPECT_EQ(kernel.service<Directory>().lease()->nodes().size(), 2u);
  EXPECT_EQ(kernel.service<Transport>().provider(), "left");
  world.run(kernel.stop());
  EXPECT_THAT(events(), ElementsAre("start left 1.0.0", "start courier", "stop courier", "stop left 1.0.0"));
  EXPECT_TRUE(kernel.host().leftovers().empty());
}

}  // namespace
}  // namespace argot::kernel
