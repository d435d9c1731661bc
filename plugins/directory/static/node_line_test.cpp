#include "node_line.h"

#include <argot/error.h>
#include <argot/identity.h>

#include <gmock/gmock.h>

namespace argot::static_directory {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string key = to_hex(make_identity(Secret(Bytes(32, 7)))->ed25519_public());

std::string error_of(std::string_view text) {
  try {
    parse_node_lines(text, "the list");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    EXPECT_FALSE(error.remedy().empty()) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(NodeLine, ReadsAddressKeyAndSwarm) {
  const ServiceNode node = parse_node_line("  127.0.0.1:4101\t" + key + "  1a\r");
  EXPECT_EQ(node.address(), "127.0.0.1:4101");
  EXPECT_EQ(to_hex(node.ed25519), key);
  EXPECT_EQ(node.x25519, keys::x25519_from_ed25519(node.ed25519));
  EXPECT_EQ(node.swarm, 0x1au);
}

TEST(NodeLine, NeedsNoSwarm) { EXPECT_EQ(parse_node_line("node-3:22021 " + key).swarm, ~0ull); }

TEST(NodeLine, TakesASwarmThatTheNodesFindOutThemselves) {
  EXPECT_EQ(parse_node_line("node-3:22021 " + key + " auto").swarm, ~0ull);
}

TEST(NodeLine, TakesAnIpv6AddressInBrackets) { EXPECT_EQ(parse_node_line("[::1]:80 " + key).host, "[::1]"); }

TEST(NodeLine, SkipsCommentsAndEmptyLines) {
  EXPECT_EQ(parse_node_lines("# nodes\n\n  \na:1 " + key + " # first\n", "the list").size(), 1u);
}

TEST(NodeLine, NamesTheLineAndWhatIsWrongWithIt) {
  EXPECT_EQ(error_of("\nhost " + key), "Line 2 of the list has no port: \"host\".");
  EXPECT_EQ(error_of("host:0 " + key), "Line 1 of the list has a port that is not 1 to 65535: \"0\".");
  EXPECT_THAT(error_of("host:65536 " + key), HasSubstr("65536"));
  EXPECT_THAT(error_of("host:+1 " + key), HasSubstr("port"));
  EXPECT_EQ(error_of("host:1"), "Line 1 of the list has no key.");
  EXPECT_THAT(error_of("host:1 abcd"), HasSubstr("not 64 hex digits: \"abcd\""));
  EXPECT_THAT(error_of("host:1 " + std::string(64, 'f')), HasSubstr("no Ed25519 key"));
  EXPECT_THAT(error_of("host:1 " + key + " xyz"), HasSubstr("swarm"));
  EXPECT_THAT(error_of("host:1 " + key + " 12345678901234567"), HasSubstr("swarm"));
  EXPECT_THAT(error_of("host:1 " + key + " 1 2"), HasSubstr("goes on after the swarm"));
  EXPECT_THAT(error_of("::1:80 " + key), HasSubstr("no usable host"));
  EXPECT_THAT(error_of("a b:1 " + key), HasSubstr("no port"));
  EXPECT_THAT(error_of(":1 " + key), HasSubstr("no usable host"));
}

TEST(NodeLine, RefusesANodeThatIsThereTwice) {
  EXPECT_THAT(error_of("a:1 " + key + "\nb:2 " + key), StartsWith("Line 2 of the list names the node "));
}

TEST(NodeLine, DoesNotPrintControlCharactersOfABadLine) {
  EXPECT_THAT(error_of("ho\x1bst:1 " + key), testing::Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace argot::static_directory
