// Files with messages: uploaded before the message goes, fetched when somebody asks, whatever goes wrong in between.
#include <kernel/messenger/talk_test.h>
#include <kernel/messenger/uploads.h>

#include <kernel/host/library.h>

#include <argot/file_store.h>

#include <fstream>

#include <unistd.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// What a test does to the file server.
struct Server {
  std::size_t uploads = 0, downloads = 0;
  int unavailable = 0;   ///< so many uploads find nobody
  bool refuses = false;  ///< all of them are refused for good
  Duration takes{};      ///< an upload
  bool damages = false;  ///< what it hands out has a bit changed
  bool gone = false;     ///< it has nothing any more
};

class ShakyFiles final : public FileStore {
 public:
  ShakyFiles(Server& server, FileStore& inner) : server_(server), inner_(inner) {}
  void start(Context& ctx) { ctx_ = &ctx; }
  FileStoreTraits traits() const override { return inner_.traits(); }
  Task<KeptFile> upload(std::shared_ptr<const Bytes> file, Duration ttl, FileProgress progress) override {
    ++server_.uploads;
    co_await ctx_->sleep(server_.takes);
    if (server_.refuses) throw Error(Code::invalid_argument, "The server does not like the file.");
    if (server_.unavailable > 0) {
      --server_.unavailable;
      throw Error(Code::unavailable, "The server is away.");
    }
    co_return co_await inner_.upload(std::move(file), ttl, std::move(progress));
  }
  Task<Bytes> download(std::string url, std::uint64_t most, FileProgress progress) override {
    ++server_.downloads;
    if (server_.gone) throw Error(Code::not_found, "The file is gone.");
    Bytes out = co_await inner_.download(std::move(url), most, std::move(progress));
    if (server_.damages) out[out.size() / 2] ^= 1;
    co_return out;
  }
  Task<KeptFile> info(std::string url) override { return inner_.info(std::move(url)); }
  Task<KeptFile> extend(std::string url, Duration ttl) override { return inner_.extend(std::move(url), ttl); }

 private:
  Server& server_;
  FileStore& inner_;
  Context* ctx_ = nullptr;
};

/// transport/loopback with a file server that has bad days.
class Shaky final : public PluginOf<Transport> {
 public:
  explicit Shaky(Server& server) {
    const CatalogEntry& entry = built_plugins()->find("transport", "loopback");
    plugin_ = Library::load(entry.file, entry.info)->create();
    inner_ = static_cast<Transport*>(plugin_->interface(Transport::interface_id));
    files_ =
        std::make_unique<ShakyFiles>(server, *static_cast<FileStore*>(plugin_->interface(FileStore::interface_id)));
  }
  void* interface(std::string_view id) noexcept override {
    if (id == FileStore::interface_id) return static_cast<FileStore*>(files_.get());
    return PluginOf<Transport>::interface(id);
  }
  Task<> start(Context& ctx) override {
    files_->start(ctx);
    return plugin_->start(ctx);
  }
  Task<> stop() override { return plugin_->stop(); }
  TransportTraits traits() const override { return inner_->traits(); }
  Task<StoreReceipt> store(StoreRequest request) override { return inner_->store(std::move(request)); }
  Task<Batch> receive(ReceiveRequest request) override { return inner_->receive(std::move(request)); }
  Task<> remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) override {
    return inner_->remove(owner, mailbox, std::move(hashes));
  }
  Task<> expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) override {
    return inner_->expire(owner, mailbox, std::move(hashes), at);
  }

 private:
  PluginPtr plugin_;
  Transport* inner_ = nullptr;
  std::unique_ptr<ShakyFiles> files_;
};

struct FilesTest : testing::Test {
  FilesTest()
      : t(1, "shaky", [this](Person&, Kernel& kernel) {
          kernel.host().add_builtin(Descriptor{.name = "shaky",
                                               .version = "1.0.0",
                                               .summary = "Has bad days",
                                               .kind = "transport",
                                               .provides = "transport/1 file-store/1"},
                                    [this](Host&) { return std::make_unique<Shaky>(server); });
        }) {
    std::string name = (fs::temp_directory_path() / "argot-files-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~FilesTest() override { fs::remove_all(folder); }

  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }
  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static Draft draft(std::vector<DraftFile> files, std::string text = "look") {
    Draft out(std::move(text));
    out.files = std::move(files);
    return out;
  }
  static DraftFile named(fs::path path) {
    DraftFile out;
    out.path = std::move(path);
    return out;
  }
  static DraftFile given(std::string name, std::string text) {
    DraftFile out;
    out.name = std::move(name);
    out.data = to_bytes(view(text));
    return out;
  }
  MessageId send(std::vector<DraftFile> files, std::string text = "look") {
    return t.alice.messenger()->send(t.alice.id(), t.bob.id(), draft(std::move(files), std::move(text)));
  }
  Message sent(MessageId id) { return t.alice.messenger()->find(t.alice.id(), id).value(); }
  bool until_bob_has(std::size_t count) {
    return t.until([&] { return t.bob.messages().size() == count; });
  }
  void download(std::size_t index, const fs::path& to) {
    auto m = t.bob.messenger();
    t.sim.run(t.bob.host(), m->download(t.bob.id(), Talk::last(t.bob).id, index, to));
  }
  Code refusal(std::size_t index, const fs::path& to) {
    try {
      download(index, to);
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "no error came";
    return Code::internal;
  }
  Code send_refusal(std::vector<DraftFile> files) {
    try {
      send(std::move(files));
    } catch (const Error& error) {
      EXPECT_FALSE(error.remedy().empty());
      return error.code();
    }
    ADD_FAILURE() << "it was accepted";
    return Code::internal;
  }
  std::size_t in_folder() const {
    return std::size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  Server server;
  fs::path folder;
  Talk t;
};

TEST_F(FilesTest, SeveralGoWithAMessageAndComeOutAsTheyWere) {
  const std::string large(300'000, 'x');
  DraftFile picture = given("../cat\n.png", "meow");
  picture.content_type = "image/png";
  picture.width = 640;
  std::vector<std::string> moves;
  auto listening = t.alice.messenger()->subscribe([&](const Event& e) {
    if (e.kind == Event::Kind::file_moved && e.transfer.done == e.transfer.total)
      moves.push_back(std::to_string(e.message.id) + "/" + std::to_string(e.transfer.index));
  });
  const MessageId id = send({named(write("big.bin", large)), picture});
  EXPECT_EQ(sent(id).attachments.size(), 2u) << "known at once";
  ASSERT_TRUE(until_bob_has(1));
  ASSERT_TRUE(t.until([&] { return sent(id).state == MessageState::sent; }));
  EXPECT_EQ(moves, (std::vector<std::string>{std::to_string(id) + "/0", std::to_string(id) + "/1"}));
  const Message got = Talk::last(t.bob);
  EXPECT_EQ(got.text, "look");
  ASSERT_EQ(got.attachments.size(), 2u);
  EXPECT_EQ(got.attachments[0].file_name, "big.bin");
  EXPECT_EQ(got.attachments[0].size, 300'000u);
  EXPECT_EQ(got.attachments[0].key.size(), 64u);
  EXPECT_EQ(got.attachments[0].digest.size(), 32u);
  EXPECT_EQ(got.attachments[1].file_name, "..cat.png") << "no way out of a folder, no control characters";
  EXPECT_EQ(got.attachments[1].content_type, "image/png");
  EXPECT_EQ(got.attachments[1].width, 640u);
  t.sim.step_for(1min);
  EXPECT_EQ(server.downloads, 0u) << "nothing is fetched without being asked for";
  download(0, folder / "a");
  download(1, folder / "b");
  EXPECT_EQ(read(folder / "a"), large);
  EXPECT_EQ(read(folder / "b"), "meow");
}

TEST_F(FilesTest, AFileNeedsNoText) {
  send({given("a", "b")}, "");
  ASSERT_TRUE(until_bob_has(1));
  EXPECT_EQ(Talk::last(t.bob).text, "");
  EXPECT_THROW(t.alice.send(t.bob.id(), ""), Error) << "without a file it does";
}

TEST_F(FilesTest, OtherMessagesDoNotWaitForThem) {
  server.takes = 1min;
  send({given("a", "b")}, "slow");
  t.alice.send(t.bob.id(), "quick");
  ASSERT_TRUE(until_bob_has(1));
  EXPECT_EQ(Talk::last(t.bob).text, "quick");
  ASSERT_TRUE(until_bob_has(2));
}

TEST_F(FilesTest, AServerThatIsAwayIsTriedAgain) {
  server.unavailable = 3;
  const MessageId id = send({given("a", "b")});
  ASSERT_TRUE(until_bob_has(1));
  EXPECT_EQ(server.uploads, 4u);
  const auto stages = t.alice.stages(id);
  EXPECT_EQ(std::ranges::count(stages, "uploaded"), 1);
  ASSERT_TRUE(t.until([&] { return sent(id).state == MessageState::sent; }));
  EXPECT_EQ(sent(id).failure, "");
}

TEST_F(FilesTest, ARestartLosesNothingAndUploadsNothingTwice) {
  server.takes = 10s;
  const MessageId id = send({given("a", "first"), given("b", "second")});
  t.sim.step_for(15s);  // in the middle of the second one
  EXPECT_EQ(server.uploads, 2u);
  const AccountId alice = t.alice.id();
  t.alice.restart();
  t.alice.set_id(alice);
  ASSERT_TRUE(until_bob_has(1));
  EXPECT_EQ(server.uploads, 3u);
  ASSERT_TRUE(t.until([&] { return sent(id).state == MessageState::sent; }));
  download(0, folder / "a");
  download(1, folder / "b");
  EXPECT_EQ(read(folder / "a") + read(folder / "b"), "firstsecond");
}

TEST_F(FilesTest, APowerCutLosesNothing) {
  server.takes = 10s;
  send({given("a", "first")});
  t.sim.step_for(5s);
  const AccountId alice = t.alice.id();
  t.alice.kill();
  t.alice.start();
  t.alice.set_id(alice);
  ASSERT_TRUE(until_bob_has(1));
}

TEST_F(FilesTest, ARefusedOneFailsTheMessageUntilItIsTriedAgain) {
  server.refuses = true;
  const MessageId id = send({given("a", "b")});
  ASSERT_TRUE(t.until([&] { return sent(id).state == MessageState::failed; }));
  EXPECT_NE(sent(id).failure.find("does not like"), std::string::npos);
  EXPECT_EQ(server.uploads, 1u);
  server.refuses = false;
  t.alice.messenger()->retry(t.alice.id(), id);
  ASSERT_TRUE(until_bob_has(1));
}

TEST_F(FilesTest, AFileThatChangesOrVanishesBeforeItGoesFailsTheMessage) {
  server.takes = 1min;
  send({given("a", "keeps the uploader busy")});
  const MessageId changed = send({named(write("changed", "before"))}), gone = send({named(write("gone", "x"))});
  write("changed", "after!!");
  fs::remove(folder / "gone");
  ASSERT_TRUE(t.until([&] { return sent(gone).state == MessageState::failed; }));
  EXPECT_EQ(sent(changed).state, MessageState::failed);
  EXPECT_NE(sent(changed).failure.find("has changed"), std::string::npos) << sent(changed).failure;
  EXPECT_NE(sent(gone).failure.find("not there any more"), std::string::npos) << sent(gone).failure;
  EXPECT_EQ(server.uploads, 1u);
}

TEST_F(FilesTest, WhatCannotBeSentIsRefusedAtOnce) {
  EXPECT_EQ(send_refusal({named(folder / "nothing")}), Code::invalid_argument);
  EXPECT_EQ(send_refusal({named(folder)}), Code::invalid_argument);
  EXPECT_EQ(send_refusal({given("empty", "")}), Code::invalid_argument);
  EXPECT_EQ(send_refusal({given("large", std::string(10'000'001, 'x'))}), Code::invalid_argument);
  EXPECT_EQ(send_refusal(std::vector<DraftFile>(33, given("a", "b"))), Code::invalid_argument);
  EXPECT_TRUE(t.alice.messages().empty());
}

TEST_F(FilesTest, TakingTheMessageBackEndsItsUpload) {
  server.takes = 1min;
  const MessageId id = send({given("a", "b")});
  t.sim.step_for(10s);
  t.alice.messenger()->unsend(t.alice.id(), id);
  EXPECT_TRUE(t.alice.messages().empty());
  t.alice.send(t.bob.id(), "instead");
  send({given("c", "d")}, "and this");
  ASSERT_TRUE(until_bob_has(2));
  t.sim.step_for(5min);
  EXPECT_EQ(t.bob.texts(), (std::vector<std::string>{"instead", "and this"}));
}

TEST_F(FilesTest, ADamagedOneIsRefusedAndLeavesNothingOnTheDisk) {
  send({given("a", std::string(100'000, 'x'))});
  ASSERT_TRUE(until_bob_has(1));
  server.damages = true;
  EXPECT_EQ(refusal(0, folder / "a"), Code::unauthenticated);
  EXPECT_EQ(in_folder(), 0u);
  server.damages = false;
  download(0, folder / "a");
  EXPECT_EQ(in_folder(), 1u);
}

TEST_F(FilesTest, NothingIsOverwrittenAndNothingFetchedInVain) {
  send({given("a", "new")});
  ASSERT_TRUE(until_bob_has(1));
  EXPECT_EQ(refusal(0, write("a", "old")), Code::already_exists);
  EXPECT_EQ(refusal(0, folder / "no" / "such" / "folder"), Code::invalid_argument);
  EXPECT_EQ(refusal(1, folder / "b"), Code::not_found);
  EXPECT_EQ(server.downloads, 0u);
  EXPECT_EQ(read(folder / "a"), "old");
}

TEST_F(FilesTest, PointersThatCannotBeAreRefusedAndNothingIsFetched) {
  send({given("a", "genuine")});
  ASSERT_TRUE(until_bob_has(1));
  const Attachment good = Talk::last(t.bob).attachments.at(0);
  Context& ctx = t.bob.kernel().host().context("messenger", "messenger");
  Events events(ctx);
  auto account = std::make_shared<Account>(ctx, events, make_identity(Secret(16)), folder);
  const auto code_of = [&](std::function<void(Attachment&)> change) {
    Attachment pointer = good;
    change(pointer);
    try {
      t.sim.run(t.bob.host(), fetch_file(account, std::move(pointer), folder / "x", {}));
    } catch (const Error& error) {
      EXPECT_FALSE(fs::exists(folder / "x") || fs::exists(folder / "x.part"));
      return error.code();
    }
    fs::remove(folder / "x");
    return Code::internal;  // there was no error
  };
  EXPECT_EQ(code_of([](Attachment& a) { a.url.clear(); }), Code::invalid_argument);
  EXPECT_EQ(code_of([](Attachment& a) { a.url = "file:///etc/passwd"; }), Code::invalid_argument);
  EXPECT_EQ(code_of([](Attachment& a) { a.url += "#d"; }), Code::invalid_argument) << "a key of the other format";
  EXPECT_EQ(code_of([](Attachment& a) { a.key.pop_back(); }), Code::invalid_argument);
  EXPECT_EQ(code_of([](Attachment& a) { a.digest.clear(); }), Code::invalid_argument);
  EXPECT_EQ(code_of([](Attachment& a) { a.size = 0; }), Code::invalid_argument);
  EXPECT_EQ(server.downloads, 0u);
  EXPECT_EQ(code_of([](Attachment& a) { a.key[40] ^= 1; }), Code::unauthenticated);
  EXPECT_EQ(code_of([](Attachment& a) { a.key[0] ^= 1; }), Code::unauthenticated);
  EXPECT_EQ(code_of([](Attachment& a) { a.digest[0] ^= 1; }), Code::unauthenticated);
  EXPECT_EQ(code_of([](Attachment& a) { a.size = 4'000'000'000; }), Code::corrupt);
  EXPECT_EQ(code_of([](Attachment&) {}), Code::internal);
}

TEST_F(FilesTest, ALinkInThePlaceOfTheUnfinishedFileIsNotFollowed) {
  send({given("a", "new")});
  ASSERT_TRUE(until_bob_has(1));
  fs::create_symlink(write("victim", "precious"), folder / "a.part");
  EXPECT_EQ(refusal(0, folder / "a"), Code::permission_denied);
  EXPECT_EQ(read(folder / "victim"), "precious");
}

TEST_F(FilesTest, OneThatTheServerHasNoMoreIsGone) {
  send({given("a", "b")});
  ASSERT_TRUE(until_bob_has(1));
  server.gone = true;
  EXPECT_EQ(refusal(0, folder / "a"), Code::not_found);
  EXPECT_EQ(in_folder(), 0u);
}

}  // namespace
}  // namespace argot::kernel
