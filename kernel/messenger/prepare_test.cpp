// What is sent is made fit to send by a media plugin first; one of the test's own here, whose files are texts.
#include <kernel/messenger/talk_test.h>

#include <argot/media.h>

#include <fstream>

#include <unistd.h>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

/// Takes texts that begin with "photo": leaves out what is in brackets. "photo broken" and "photo endless" fail.
class Darkroom final : public PluginOf<Media> {
 public:
  explicit Darkroom(int& prepared) : prepared_(prepared) {}
  Task<> start(Context&) override { co_return; }
  Task<> stop() override { co_return; }
  int claims(std::string_view content_type, ByteView first) const override {
    return content_type != "application/octet-stream" && text_of(first).starts_with("photo") ? 90 : 0;
  }
  Task<MediaItem> prepare(MediaItem item) override {
    ++prepared_;
    std::string text(text_of(item.data));
    if (text == "photo broken") throw Error(Code::corrupt, "The photo cannot be read.");
    if (text == "photo endless") throw Error(Code::timeout, "The decoder took too long.");
    if (text == "photo empty") text.clear();
    if (const auto open = text.find('['); open != std::string::npos) text.erase(open, text.find(']', open) - open + 1);
    item.data = to_bytes(view(text));
    item.content_type = "image/png";
    item.file_name = "clean.png";
    co_return item;
  }
  Task<MediaDescription> describe(MediaItem) override {
    MediaDescription out;
    out.width = 30;
    out.height = 20;
    co_return out;
  }

 private:
  int& prepared_;
};

struct PrepareTest : testing::Test {
  PrepareTest() {
    for (Person* p : {&t.alice, &t.bob}) {
      p->media = "darkroom";
      p->prepare = [this](Kernel& kernel) {
        kernel.host().add_builtin(Descriptor{.name = "darkroom",
                                             .version = "1.0.0",
                                             .summary = "Makes photos fit",
                                             .kind = "media",
                                             .provides = "media/1"},
                                  [this](Host&) { return std::make_unique<Darkroom>(prepared); });
      };
    }
    t.bring_up();
    std::string name = (fs::temp_directory_path() / "argot-prepare-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~PrepareTest() override { fs::remove_all(folder); }

  MessageId send(std::string text, bool as_it_is = false, std::string type = {}) {
    DraftFile file;
    file.name = "holiday.photo";
    file.data = to_bytes(view(text));
    file.as_it_is = as_it_is;
    file.content_type = std::move(type);
    return send(std::move(file));
  }
  MessageId send(DraftFile file) {
    Draft draft("look");
    draft.files.push_back(std::move(file));
    return t.alice.messenger()->send(t.alice.id(), t.bob.id(), std::move(draft));
  }
  Message sent(MessageId id) { return t.alice.messenger()->find(t.alice.id(), id).value(); }
  /// What arrives of the one file.
  std::string arrives() {
    if (!t.until([&] { return !t.bob.messages().empty(); })) return "nothing";
    auto m = t.bob.messenger();
    const fs::path to = folder / "got";
    t.sim.run(t.bob.host(), m->download(t.bob.id(), t.bob.messages().back().id, 0, to));
    std::ifstream in(to, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  int prepared = 0;
  fs::path folder;
  TwoPeople t;
};

TEST_F(PrepareTest, NothingOfThePlaceLeavesWithAPhoto) {
  send("photo of a cat[52.52 N 13.40 E]");
  EXPECT_EQ(arrives(), "photo of a cat");
  const Attachment got = t.bob.messages().back().attachments.at(0);
  EXPECT_EQ(got.file_name, "clean.png");
  EXPECT_EQ(got.content_type, "image/png");
  EXPECT_EQ(got.size, 14u);
  EXPECT_EQ(got.width, 30u);
  EXPECT_EQ(got.height, 20u);
}

TEST_F(PrepareTest, AFileOfADiskIsPreparedAndStaysAsItIsThere) {
  std::ofstream(folder / "a.photo") << "photo[place]";
  DraftFile file;
  file.path = folder / "a.photo";
  send(std::move(file));
  EXPECT_EQ(arrives(), "photo");
  std::ifstream in(folder / "a.photo");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "photo[place]");
}

TEST_F(PrepareTest, WhoAsksForItSendsEveryByte) {
  send("photo[place]", true);
  EXPECT_EQ(arrives(), "photo[place]");
  EXPECT_EQ(prepared, 0);
}

TEST_F(PrepareTest, JustBytesAreJustBytes) {
  send("photo[place]", false, "application/octet-stream");
  EXPECT_EQ(arrives(), "photo[place]");
}

TEST_F(PrepareTest, WhatNoPluginClaimsGoesAsItIs) {
  send("a text [with brackets]");
  EXPECT_EQ(arrives(), "a text [with brackets]");
  EXPECT_EQ(t.bob.messages().back().attachments.at(0).file_name, "holiday.photo");
}

TEST_F(PrepareTest, WhatCannotBePreparedFailsItsMessageOnceAndNoOther) {
  for (const char* text : {"photo broken", "photo endless", "photo empty"}) {
    prepared = 0;
    const MessageId bad = send(text);
    ASSERT_TRUE(t.until([&] { return sent(bad).state == MessageState::failed; })) << text;
    EXPECT_EQ(prepared, 1) << text << ": trying again changes nothing";
    EXPECT_FALSE(sent(bad).failure.empty());
    t.sim.step_for(std::chrono::hours(1));
    EXPECT_EQ(prepared, 1);
  }
  send("photo of a dog");
  EXPECT_EQ(arrives(), "photo of a dog");
}

TEST_F(PrepareTest, AfterARestartItIsPreparedAgain) {
  send("photo[place]");
  t.alice.kill();
  t.alice.start();
  EXPECT_EQ(arrives(), "photo");
}

}  // namespace
}  // namespace argot::kernel
