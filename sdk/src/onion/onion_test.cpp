// A client's onion, peeled as nodes peel it, with everything in between that can go wrong.
#include <argot/onion.h>
#include <argot/vectors.h>

#include "../../../tests/support/vector_file.h"

#include <gmock/gmock.h>
#include <sodium.h>

namespace argot::onion {
namespace {

using ::testing::HasSubstr;

struct Keys {
  Fixed<32> secret, x25519, ed25519;
  explicit Keys(Byte n) {
    secret.fill(n);
    ed25519.fill(static_cast<Byte>(n + 100));
    crypto_scalarmult_curve25519_base(x25519.data(), secret.data());
  }
  Hop hop() const { return {ed25519, x25519}; }
};

struct Open {
  Layer layer;
  Channel channel;
  Bytes plain;
  Step step() const { return parse_step(plain).value(); }
};

std::optional<Open> peel(const Layer& layer, const Keys& keys) {
  const auto channel = Channel::of_node(layer.cipher, keys.secret, keys.x25519, layer.ephemeral_key);
  const auto plain = channel ? channel->open(layer.ciphertext) : std::nullopt;
  if (!plain) return std::nullopt;
  return Open{layer, *channel, *plain};
}

class Onion : public ::testing::TestWithParam<Cipher> {
 public:
  Wrapped wrap_rpc(std::string_view rpc, WrapOptions options = {}) const {
    options.cipher = GetParam();
    return wrap(path_, destination_.hop(), rpc, options);
  }
  /// Peels the layers of the three hops; what the last one passes on to the destination.
  std::optional<Open> deliver(std::string_view body) const {
    const Bytes bytes = to_bytes(view(body));
    Layer layer = parse_request(bytes);
    Bytes wire;
    const Keys* const all[] = {&guard_, &middle_, &exit_, &destination_};
    for (const Keys* keys : all) {
      auto open = peel(layer, *keys);
      if (!open || keys == &destination_) return open;
      const auto step = parse_step(open->plain);
      const auto* next = step ? std::get_if<ForNode>(&*step) : nullptr;
      if (!next) return std::nullopt;
      const std::string text = encode_transfer(*next, layer.hop_no);
      wire = to_bytes(view(text));
      layer = parse_transfer(wire);
    }
    return std::nullopt;
  }

  Keys guard_{1}, middle_{2}, exit_{3}, destination_{4};
  std::vector<Hop> path_{guard_.hop(), middle_.hop(), exit_.hop()};
};

INSTANTIATE_TEST_SUITE_P(Ciphers, Onion, ::testing::Values(Cipher::xchacha20, Cipher::aes_gcm, Cipher::aes_cbc));

TEST_P(Onion, BringsARequestToItsDestinationThroughThreeHops) {
  const auto arrived = deliver(wrap_rpc(R"({"method":"info","params":{}})").body);
  ASSERT_TRUE(arrived);
  EXPECT_EQ(arrived->layer.hop_no, 3);
  EXPECT_EQ(arrived->layer.cipher, GetParam());
  const auto mine = std::get<ForMe>(arrived->step());
  EXPECT_EQ(mine.rpc, R"({"method":"info","params":{}})");
  EXPECT_FALSE(mine.json);
  EXPECT_TRUE(mine.base64);
}

TEST_P(Onion, BringsTheReplyBackHoweverItIsPacked) {
  for (bool raw : {false, true})
    for (bool as_json : {false, true}) {
      WrapOptions options;
      options.raw_reply = raw;
      options.json_reply = as_json;
      const Wrapped request = wrap_rpc("{}", options);
      const auto arrived = deliver(request.body);
      ASSERT_TRUE(arrived);
      const auto how = std::get<ForMe>(arrived->step());
      const std::string body = encode_node_reply(arrived->channel, how, 421, R"({"snodes":[]})", true);
      const NodeReply reply = open_node_reply(request, body);
      EXPECT_EQ(reply.status, 421u);
      EXPECT_EQ(reply.body, R"({"snodes":[]})");
      EXPECT_EQ(reply.from, 0u);
      if (!raw) {
        EXPECT_EQ(open_node_reply(request, body + "\n").status, 421u);
        EXPECT_EQ(open_node_reply(request, R"({"result":")" + body + "\"}").status, 421u);
      }
    }
}

TEST_P(Onion, CarriesTextsOfErrorsAsTheyAre) {
  const Wrapped request = wrap_rpc("{}");
  const auto arrived = deliver(request.body);
  ForMe how;
  how.json = true;
  const std::string text = "\"quoted\" \\ and\nlines, ünïcode";
  EXPECT_EQ(open_node_reply(request, encode_node_reply(arrived->channel, how, 400, text, false)).body, text);
}

TEST_P(Onion, ReadsTheRefusalOfAHopInBetween) {
  if (GetParam() == Cipher::aes_cbc) GTEST_SKIP() << "whatever opens without authentication says nothing";
  const Wrapped request = wrap_rpc("{}");
  const auto at_guard = peel(parse_request(view(request.body)), guard_);
  ASSERT_TRUE(at_guard);
  const std::string body = encode_node_reply(at_guard->channel, {}, invalid_step_status, invalid_step_text, false);
  const NodeReply reply = open_node_reply(request, body);
  EXPECT_EQ(reply.from, 3u);
  EXPECT_EQ(reply.body, "Invalid json");
}

TEST_P(Onion, TakesLargeRequestsAndRefusesTooLargeOnes) {
  const std::string large(9'000'000, 'x');
  const auto arrived = deliver(wrap_rpc(large).body);
  ASSERT_TRUE(arrived);
  EXPECT_EQ(std::get<ForMe>(arrived->step()).rpc.size(), large.size());
  EXPECT_THROW(wrap_rpc(std::string(max_request - 100, 'x')), Error);
  EXPECT_THROW(wrap_rpc(std::string(max_request + 1, 'x')), Error);
}

TEST_P(Onion, NothingOfALayerSurvivesAFlippedBit) {
  if (GetParam() == Cipher::aes_cbc) GTEST_SKIP() << "aes-cbc is not authenticated";
  const Wrapped request = wrap_rpc(R"({"method":"info","params":{}})");
  for (std::size_t i = 0; i < request.body.size(); i += 7) {
    std::string flipped = request.body;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    try {
      const auto arrived = deliver(flipped);
      // What accompanies the outermost ciphertext is not authenticated; it can change where nothing depends on it.
      if (arrived) {
        EXPECT_EQ(std::get<ForMe>(arrived->step()).rpc, R"({"method":"info","params":{}})") << i;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::corrupt);
    }
  }
}

TEST_P(Onion, TruncationAnywhereIsNoticed) {
  const Wrapped request = wrap_rpc("{}");
  for (std::size_t size = 0; size < request.body.size(); size += 5) try {
      EXPECT_FALSE(deliver(request.body.substr(0, size))) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::corrupt);
    }
}

TEST_P(Onion, AReplyThatWasTamperedWithIsNone) {
  if (GetParam() == Cipher::aes_cbc) GTEST_SKIP() << "aes-cbc is not authenticated";
  const Wrapped request = wrap_rpc("{}");
  const auto arrived = deliver(request.body);
  ForMe how;
  how.base64 = false;
  const std::string body = encode_node_reply(arrived->channel, how, 200, "{}", true);
  for (std::size_t i = 0; i < body.size(); ++i) {
    std::string flipped = body;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x80);
    EXPECT_THROW(open_node_reply(request, flipped), Error) << i;
    EXPECT_THROW(open_node_reply(request, body.substr(0, i)), Error) << i;
  }
  EXPECT_THROW(open_node_reply(wrap_rpc("{}"), body), Error) << "it belongs to another request";
}

TEST_P(Onion, RepliesOfNodesThatMeanHarmAreRefused) {
  const Wrapped request = wrap_rpc("{}");
  const auto arrived = deliver(request.body);
  for (const char* plain : {"", "null", "[]", "{}", R"({"status":200})", R"({"body":"x"})",
                            R"({"status":"200","body":""})", R"({"status":-1,"body":""})",
                            R"({"status":99999999999,"body":""})", R"({"status":2e2,"body":""})", "\xff\xfe"}) {
    const Bytes sealed = arrived->channel.seal(view(plain));
    EXPECT_THROW(open_node_reply(request, text_of(sealed)), Error) << plain;
  }
  const std::string deep = std::string(100'000, '[');
  EXPECT_THROW(open_node_reply(request, text_of(arrived->channel.seal(view(deep)))), Error);
}

TEST(OnionChannel, EveryLayerHasKeysOfItsOwn) {
  const Keys guard(1), destination(2);
  const Hop path[] = {guard.hop()};
  const Wrapped one = wrap(path, destination.hop(), "{}"), two = wrap(path, destination.hop(), "{}");
  std::set<Bytes> keys;
  for (const Wrapped* each : {&one, &two})
    for (const Channel& channel : each->channels) keys.insert(to_bytes(channel.key()));
  EXPECT_EQ(keys.size(), 4u);
  EXPECT_NE(one.body, two.body);
}

TEST(OnionChannel, OldNodesMayAnswerInAesGcm) {
  const Keys guard(1), destination(2);
  const Hop path[] = {guard.hop()};
  const Wrapped request = wrap(path, destination.hop(), "{}");
  const auto at_guard = peel(parse_request(view(request.body)), guard);
  const auto step = std::get<ForNode>(at_guard->step());
  const auto gcm = Channel::of_node(Cipher::aes_gcm, destination.secret, destination.x25519, step.ephemeral_key);
  EXPECT_EQ(open_node_reply(request, encode_node_reply(*gcm, {}, 200, "ok", false)).body, "ok");
}

TEST(OnionChannel, RefusesKeysThatAreNoKeys) {
  const Keys guard(1);
  const Hop path[] = {guard.hop()};
  EXPECT_FALSE(Channel::of_node(Cipher::xchacha20, guard.secret, guard.x25519, Fixed<32>{}));
  EXPECT_FALSE(Channel::of_node(Cipher::xchacha20, guard.secret, guard.x25519, Bytes(31, 1)));
  try {
    wrap(path, Hop{}, "{}");
    ADD_FAILURE() << "it was wrapped";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("is no key"));
  }
  EXPECT_THROW(wrap({}, guard.hop(), "{}"), Error);
  EXPECT_THROW(wrap(std::vector<Hop>(16, guard.hop()), guard.hop(), "{}"), Error);
}

TEST(OnionServer, GetsWhatWasSentAndIsUnderstood) {
  const Keys guard(1), exit(2), server(9);
  const Hop path[] = {guard.hop(), exit.hop()};
  Server where;
  where.host = "files.example";
  where.port = 8080;
  where.tls = false;
  where.x25519 = server.x25519;
  ServerRequest asked;
  asked.method = "POST";
  asked.endpoint = "/file?x=1";
  asked.headers = {{"Content-Type", "application/octet-stream"}};
  asked.body = std::string("\0binary e:4", 11);
  const Wrapped request = wrap(path, where, encode(asked));

  const auto at_guard = peel(parse_request(view(request.body)), guard);
  const auto to_exit = std::get<ForNode>(at_guard->step());
  const auto at_exit = peel({to_exit.ciphertext, to_exit.ephemeral_key, to_exit.cipher, 1}, exit);
  const auto outside = std::get<ForServer>(at_exit->step());
  EXPECT_EQ(outside.protocol + "://" + outside.host + ":" + std::to_string(outside.port) + outside.target,
            "http://files.example:8080/oxen/v4/lsrpc");

  const auto at_server = peel(parse_request(at_exit->plain), server);
  ASSERT_TRUE(at_server);
  const ServerRequest got = decode_server_request(at_server->plain);
  EXPECT_EQ(got.method, "POST");
  EXPECT_EQ(got.endpoint, "/file?x=1");
  EXPECT_EQ(got.headers.at(0), (std::pair<std::string, std::string>("content-type", "application/octet-stream")));
  EXPECT_EQ(got.body, asked.body);

  ServerReply answer;
  answer.code = 404;
  answer.headers = {{"content-type", "text/plain"}};
  answer.body = std::string("gone\0e", 6);
  const Bytes sealed = at_server->channel.seal(view(encode(answer)));
  const ServerReply reply = open_server_reply(request, text_of(sealed));
  EXPECT_EQ(reply.code, 404u);
  EXPECT_EQ(reply.header("content-type"), "text/plain");
  EXPECT_EQ(reply.body, answer.body);
}

std::string refusal(std::string_view plain) {
  try {
    decode_server_reply(view(plain));
    return "none";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::corrupt);
    return error.what();
  }
}

TEST(OnionServer, RefusesRepliesThatAreNotAsTheyShouldBe) {
  const std::string head = R"(12:{"code":200})";
  EXPECT_EQ(refusal("l" + head + "0:e"), "none");
  for (const std::string& bad : std::vector<std::string>{
           std::string(), std::string("l"), std::string("le"), "l" + head + "e", "l" + head + "0:0:e",
           "l" + head + "0:ex", "l" + head + "1:e", "l" + head + "99999999999999999999999:e", "l" + head + "-1:e",
           "l" + head + "01:xe", "l012:{\"code\":200}0:e", "d" + head + "0:e", std::string("l2:{}0:e"),
           std::string("l4:null0:e"), std::string(R"(l14:{"code":"200"}0:e)"), std::string(R"(l10:{"code":1}0:e)"),
           std::string("l12:{\"code\":200]0:e")})
    EXPECT_NE(refusal(bad), "none") << bad;
}

TEST(OnionTransfer, RefusesWhatIsNotInOrder) {
  const std::string key = "13:ephemeral_key32:" + std::string(32, 'k');
  auto parse = [](const std::string& text) { return parse_transfer(view(text)); };
  EXPECT_EQ(parse("d4:data1:x" + key + "e").hop_no, 1);
  EXPECT_EQ(parse("d4:data1:x" + key + "6:hop_noi-5ee").hop_no, 1);
  EXPECT_EQ(parse("d4:data1:x" + key + "6:hop_noi16ee").hop_no, 16);
  EXPECT_EQ(parse("d4:data1:x" + key + "3:fooli1e1:aee").ciphertext.size(), 1u);
  for (const std::string& bad : std::vector<std::string>{
           "d" + key + "4:data1:xe", "d4:data1:x4:data1:x" + key + "e", "d4:data1:xe", "d" + key + "e",
           "d4:data9:x" + key + "e", "d4:data1:x13:ephemeral_key31:" + std::string(31, 'k') + "e",
           "d4:data1:x8:enc_type3:rot" + key + "e", "d4:data1:x" + key + "ex", "d4:data1:x" + key + "6:hop_noi1e",
           "d4:data1:x" + key + "6:hop_no1:1e", "d4:data1:x" + key + "3:foo" + std::string(1000, 'l')})
    EXPECT_THROW(parse(bad), Error) << bad;
}

TEST(OnionRequest, SaysWhatIsWrongWithIt) {
  auto detail = [](std::string_view json) -> std::string {
    try {
      parse_request(join({}, json));
      return "none";
    } catch (const Error& error) {
      return error.what();
    }
  };
  const std::string key(64, 'a');
  EXPECT_EQ(detail(R"({"ephemeral_key":")" + key + "\"}"), "none");
  EXPECT_THAT(detail("{}"), HasSubstr("ephemeral_key"));
  EXPECT_THAT(detail(R"({"ephemeral_key":"aa"})"), HasSubstr("64 hex digits"));
  EXPECT_THAT(detail(R"({"ephemeral_key":")" + key + R"(","enc_type":"rot13"})"), HasSubstr("enc_type"));
  EXPECT_THAT(detail(R"({"ephemeral_key":")" + key + R"(","hop_no":"1"})"), HasSubstr("hop_no"));
  EXPECT_THAT(detail(R"({"ephemeral_key":")" + key + "\"}x"), HasSubstr("JSON"));
  EXPECT_THAT(detail(std::string(20'000, ' ') + "{}"), HasSubstr("16 KiB"));
  EXPECT_THROW(parse_request(Bytes{1, 0, 0}), Error);
  EXPECT_THROW(parse_request(Bytes{255, 255, 255, 255, 0}), Error);
}

TEST(OnionRequest, HopNumbersStayInTheirRange) {
  const std::string key = R"("ephemeral_key":")" + std::string(64, 'a') + "\"";
  auto hop = [&](std::string number) {
    const Bytes body = join({}, "{" + key + ",\"hop_no\":" + number + "}");
    return parse_request(body).hop_no;
  };
  EXPECT_EQ(hop("-3"), 0);
  EXPECT_EQ(hop("15"), 15);
  EXPECT_EQ(hop("99999999999"), max_hops + 1);
  EXPECT_EQ(hop("18446744073709551615"), max_hops + 1);
}

TEST(OnionVectors, AllCasesPass) {
  for (const char* file : {"client.json", "network.json"})
    for (const auto& [category, count] :
         argot::testing::run_vector_file(vectors(), file,
                                         {"onion_hop", "onion_request", "onion_outer", "onion_inner_parse",
                                          "onion_target", "onion_chain", "channel_encryption"})) {
      EXPECT_GT(count.passed, 0) << category;
      EXPECT_EQ(count.not_covered, 0) << category;
    }
}

}  // namespace
}  // namespace argot::onion
