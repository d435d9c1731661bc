#include "seed_address.h"
#include "seed_reply.h"

#include <argot/error.h>
#include <argot/identity.h>

#include <gmock/gmock.h>

namespace argot::seed_directory {
namespace {

using testing::HasSubstr;

const std::string pin = "mlYTXvkmIEYcpswANTpnBwlz9Cswi0py/RQKkbdQOZQ=";

std::string problem(const std::string& text) {
  try {
    parse_seed(text);
    return "none";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    EXPECT_FALSE(error.remedy().empty());
    return error.what();
  }
}

TEST(SeedAddress, HasAHostAPortAndPins) {
  const Seed seed = parse_seed("https://seed1.getsession.org:4443 key=" + pin +
                               " certificate=36:EA:0B:25:35:37:98:85:51:EE:85:6E:4F:D2:0D:55:01:1E:9C:8B:27:EA:A2:F3:"
                               "4B:8F:32:A0:BD:F0:4F:2D");
  EXPECT_EQ(seed.address, "seed1.getsession.org:4443");
  EXPECT_TRUE(seed.tls);
  EXPECT_EQ(to_base64(*seed.key_sha256), pin);
  http::PeerCertificate shown;
  EXPECT_FALSE(seed.accepts(shown));
  shown.key_sha256 = *seed.key_sha256;
  EXPECT_TRUE(seed.accepts(shown)) << "the same key in a new certificate";
  shown = {};
  shown.sha256 = *seed.certificate_sha256;
  EXPECT_TRUE(seed.accepts(shown));
}

TEST(SeedAddress, KnowsUsualPortsAndPlainHttp) {
  EXPECT_EQ(parse_seed("https://a.b").address, "a.b:443");
  EXPECT_EQ(parse_seed("http://127.0.0.1:22020/json_rpc").address, "127.0.0.1:22020");
  EXPECT_EQ(parse_seed("http://a/").address, "a:80");
  EXPECT_FALSE(parse_seed("http://a").tls);
}

TEST(SeedAddress, SaysWhatIsWrong) {
  EXPECT_THAT(problem(""), HasSubstr("is empty"));
  EXPECT_THAT(problem("seed.org:1"), HasSubstr("begins neither"));
  EXPECT_THAT(problem("https://:1"), HasSubstr("no usable host"));
  EXPECT_THAT(problem("https://a:0"), HasSubstr("port"));
  EXPECT_THAT(problem("https://a:99999"), HasSubstr("port"));
  EXPECT_THAT(problem("https://a/other"), HasSubstr("path"));
  EXPECT_THAT(problem("https://a key=abc"), HasSubstr("key="));
  EXPECT_THAT(problem("https://a certificate=00"), HasSubstr("certificate="));
  EXPECT_THAT(problem("https://a trust=me"), HasSubstr("trust=me"));
  EXPECT_THAT(problem("http://a key=" + pin), HasSubstr("shows no certificate"));
}

// --- replies ---

boost::json::object entry(Byte n) {
  const auto keys = make_identity(Secret(Bytes(32, n)));
  return {{"public_ip", "10.0." + std::to_string(n) + ".1"},
          {"storage_port", 22021},
          {"pubkey_ed25519", to_hex(keys->ed25519_public())},
          {"pubkey_x25519", to_hex(keys->x25519_public())},
          {"swarm_id", 9223372036854775807ull + n}};
}

std::string reply(boost::json::array states) {
  return boost::json::serialize(
      boost::json::object{{"result", {{"height", 7}, {"service_node_states", std::move(states)}}}});
}

std::string trouble(const std::string& body) {
  try {
    parse_reply(body);
    return "none";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::corrupt);
    return error.what();
  }
}

TEST(SeedReply, IsAListOfNodesWithTheirSwarms) {
  const NodeList list = parse_reply(reply({entry(1), entry(2)}));
  ASSERT_EQ(list.nodes.size(), 2u);
  EXPECT_EQ(list.nodes[0].address(), "10.0.1.1:22021");
  EXPECT_EQ(list.nodes[1].swarm, 9223372036854775809ull);
  EXPECT_EQ(list.height, 7u);
  EXPECT_EQ(from_file(to_file(list, 99)).list.nodes, list.nodes);
  EXPECT_EQ(from_file(to_file(list, 99)).fetched_ms, 99);
}

TEST(SeedReply, LeavesOutWhatCannotBeUsed) {
  auto nowhere = entry(1), portless = entry(2), keyless = entry(3), stolen = entry(4), twice = entry(6),
       elsewhere = entry(7);
  nowhere["public_ip"] = "0.0.0.0";
  portless.erase("storage_port");
  keyless["pubkey_ed25519"] = "00";
  stolen["pubkey_x25519"] = entry(5).at("pubkey_x25519");
  elsewhere["public_ip"] = "10.0.6.1";  // the address of another
  const NodeList list = parse_reply(reply({nowhere, portless, keyless, stolen, entry(6), twice, elsewhere, 7, "x"}));
  EXPECT_EQ(list.nodes.size(), 1u);
  EXPECT_EQ(list.left_out, 8u);
}

TEST(SeedReply, SaysWhatIsWrongWithIt) {
  EXPECT_THAT(trouble("<html>"), HasSubstr("is not JSON"));
  EXPECT_THAT(trouble("[]"), HasSubstr("no object"));
  EXPECT_THAT(trouble("{}"), HasSubstr("no \"result\""));
  EXPECT_THAT(trouble(R"({"result":{}})"), HasSubstr("service_node_states"));
  EXPECT_THAT(trouble(R"({"result":{"service_node_states":{}}})"), HasSubstr("service_node_states"));
  EXPECT_THAT(trouble(reply({})), HasSubstr("no usable node"));
  EXPECT_THAT(trouble(R"({"error":{"code":-32601,"message":"no\nsuch"}})"), HasSubstr("refusal: \"no?such\""));
  EXPECT_THAT(trouble(std::string(100'000, '[')), HasSubstr("JSON"));
  EXPECT_THAT(trouble(std::string(max_body + 1, ' ')), HasSubstr("16 MiB"));
}

}  // namespace
}  // namespace argot::seed_directory
