// Files that are no plugins, plugins of another build, and the catalog of what is there.
#include <kernel/host/note_reader.h>
#include <tests/host/host_fixture.h>

#include <fstream>

#include <unistd.h>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LibraryTest : public HostTest {
 protected:
  LibraryTest() : place_(fs::temp_directory_path() / ("argot-library-" + std::to_string(::getpid()))) {
    fs::create_directories(place_ / "transport");
  }
  ~LibraryTest() override { fs::remove_all(place_); }

  static std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path write(const std::string& name, const std::string& bytes) {
    std::ofstream out(place_ / name, std::ios::binary | std::ios::trunc);
    out << bytes;
    return place_ / name;
  }
  /// left.so with its note changed by `change`.
  template <class F> fs::path patched(F change) {
    std::string bytes = bytes_of(fixtures() / "usual/transport/left.so");
    std::size_t at = bytes.find(std::string_view(note::magic, sizeof note::magic));
    while (at != std::string::npos) {  // the reader's own text may be there too: the note has the right size
      note::Note note;
      std::memcpy(&note, bytes.data() + at, std::min(sizeof note, bytes.size() - at));
      if (note.size == sizeof note) {
        change(note);
        std::memcpy(bytes.data() + at, &note, sizeof note);
        break;
      }
      at = bytes.find(std::string_view(note::magic, sizeof note::magic), at + 1);
    }
    return write("transport/left.so", bytes);
  }
  /// What a kernel says when it is told to load this file.
  std::string refusal(const fs::path& file) {
    Kernel kernel = make("plugins: {transport: " + file.string() + "}");
    return sentence_of([&] { world.run(kernel.start()); });
  }
  fs::path place_;
};

TEST_F(LibraryTest, EveryFixturesNoteParses) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fixtures())) {
    if (entry.path().extension() != ".so" || entry.path().stem() == "plain") continue;
    PluginInfo info = read_note(entry.path());
    EXPECT_NO_THROW(check_build(info, entry.path().string()));
    ++count;
  }
  EXPECT_GE(count, 14u);
}

TEST_F(LibraryTest, FilesThatAreNoPluginsAreEachOneClearSentence) {
  EXPECT_THAT(refusal(place_ / "none.so"), HasSubstr("There is no file " + (place_ / "none.so").string()));
  EXPECT_THAT(refusal(write("empty.so", "")), HasSubstr("empty.so is empty, so it is no plugin."));
  EXPECT_THAT(refusal(write("text.so", "hello")), HasSubstr("text.so is not a shared library"));
  EXPECT_THAT(refusal(fixtures() / "plain.so"),
              HasSubstr("plain.so is a shared library but no Argot plugin: it carries no plugin note."));
  std::string whole = bytes_of(fixtures() / "usual/transport/left.so");
  EXPECT_THAT(refusal(write("half.so", whole.substr(0, whole.size() / 2))),
              HasSubstr("half.so is truncated or damaged"));
}

TEST_F(LibraryTest, APluginOfAnotherBuildIsRefusedBeforeItsCodeIsLoaded) {
  fs::path file = patched([](note::Note& n) {
    std::string fingerprint = n.fingerprint;
    std::size_t at = fingerprint.rfind("sdk ");
    ASSERT_NE(at, std::string::npos);
    fingerprint.replace(at + 4, 12, "0123456789ab");
    std::memcpy(n.fingerprint, fingerprint.data(), fingerprint.size());
  });
  std::string sentence = refusal(file);
  EXPECT_THAT(sentence, HasSubstr("Plugin transport/left 1.0.0 (" + file.string() +
                                  ") was built differently from this program: "
                                  "SDK headers 0123456789ab (this program: " ARGOT_SDK_HASH "). "
                                  "Build it again with the SDK headers of this program."));
}

TEST_F(LibraryTest, APluginOfAnotherAbiNumberIsRefused) {
  fs::path file = patched([](note::Note& n) { n.magic_[7] = '9'; });
  EXPECT_THAT(refusal(file), HasSubstr("its note begins with \"ARGOTNT9\", this program reads \"ARGOTNT1\""));
}

TEST_F(LibraryTest, ALibraryWithANoteButNoDoorIsRefused) {
  EXPECT_THAT(refusal(fixtures() / "doorless.so"),
              HasSubstr("has a note but no door: the symbol argot_door_1 is missing"));
}

TEST_F(LibraryTest, AFileUnderTheWrongKindIsRefused) {
  Kernel kernel = make("plugins: {network: " + (fixtures() / "usual/transport/left.so").string() + "}");
  EXPECT_THAT(sentence_of([&] { kernel.host().check(); }),
              HasSubstr("left.so is of kind transport, but stands under network: in the profile."));
}

TEST_F(LibraryTest, TheSameFileIsLoadedOnceAndAChangedOneAnew) {
  fs::path file = write("transport/left.so", bytes_of(fixtures() / "usual/transport/left.so"));
  PluginInfo info = read_note(file);
  auto first = Library::load(file, info), again = Library::load(file, info);
  EXPECT_EQ(first, again);
  write("transport/left.so", bytes_of(fixtures() / "newer/transport/left-2.so"));
  auto changed = Library::load(file, read_note(file));
  EXPECT_NE(first, changed);
  EXPECT_EQ(changed->info().version, "2.0.0");
}

TEST_F(LibraryTest, ALibraryInUseIsNotUnmapped) {
  fs::path file = write("transport/left.so", bytes_of(fixtures() / "usual/transport/left.so"));
  auto library = Library::load(file, read_note(file));
  PluginPtr plugin = library->create();
  EXPECT_FALSE(Library::unmap(library));
  EXPECT_NE(plugin->interface("transport/1"), nullptr);
}

TEST_F(LibraryTest, TheCatalogFindsPluginsByKindAndName) {
  EXPECT_EQ(catalog()->find("transport", "left").info.version, "1.0.0");
  EXPECT_THAT(catalog()->names("directory"), ElementsAre("circle", "good", "thrower"));
  EXPECT_EQ(
      sentence_of([&] { catalog()->find("transport", "lefft"); }).substr(0, 106),
      "There is no transport plugin called \"lefft\". Did you mean \"left\"? Allowed: hungry, left, right, round. Sea");
  EXPECT_THAT(sentence_of([&] { catalog()->find("transport", "good"); }),
              HasSubstr("The plugin of this name is of kind directory."));
  EXPECT_THAT(catalog()->list(), HasSubstr("directory/good     1.2.3     A directory for tests"));
  EXPECT_THAT(catalog()->list(), HasSubstr("(lab only)"));
}

TEST_F(LibraryTest, TwoPluginsOfOneNameAreAnErrorThatNamesBothFiles) {
  Catalog twins({fixtures() / "twins-a", fixtures() / "twins-b"});
  std::string sentence = sentence_of([&] { twins.find("app", "twin"); });
  EXPECT_THAT(sentence, HasSubstr("Two files carry the app plugin \"twin\": "));
  EXPECT_THAT(sentence, HasSubstr("twins-a/app/twin-a.so"));
  EXPECT_THAT(sentence, HasSubstr("twins-b/app/twin-b.so"));
  EXPECT_THAT(twins.list(), HasSubstr("two files carry this name"));
  Catalog same({fixtures() / "twins-a", fixtures() / "twins-a"});
  EXPECT_NO_THROW(same.find("app", "twin")) << "one file by two ways is one file";
}

TEST_F(LibraryTest, ABadFileInASearchPathHarmsOnlyWhoWantsIt) {
  write("transport/bad.so", "hello");
  write("transport/left.so", bytes_of(fixtures() / "usual/transport/left.so"));
  Catalog mixed({place_, "/nowhere"});
  EXPECT_NO_THROW(mixed.find("transport", "left"));
  EXPECT_THAT(sentence_of([&] { mixed.find("transport", "bad"); }), HasSubstr("bad.so is not a shared library"));
  EXPECT_THAT(mixed.list(), HasSubstr("cannot be loaded: "));
}

TEST_F(LibraryTest, InfoTellsAPersonWhatThePluginIs) {
  const CatalogEntry& good = catalog()->find("directory", "good");
  std::string text = describe(good.info, good.file.string());
  EXPECT_THAT(text, HasSubstr("directory/good 1.2.3\n  A directory for tests\n"));
  EXPECT_THAT(text, HasSubstr("provides  directory/1"));
  EXPECT_THAT(text, HasSubstr("option    nodes: a list of texts; required. Host names."));
  EXPECT_THAT(text,
              HasSubstr("option    pause: a duration (like 250ms, 5s, 2h); default 10ms. How long refresh() takes."));
}

TEST_F(LibraryTest, TwoInstancesOfOnePluginNeedTwoNames) {
  Kernel kernel = make("plugins: {app: [actor, actor]}");
  EXPECT_THAT(sentence_of([&] { kernel.host().check(); }),
              HasSubstr("test.yaml:1:24: Two app plugins are called \"actor\" (the other at test.yaml:1:17). Give one "
                        "another name with \"as: NAME\"."));
}

TEST_F(LibraryTest, TheReadyProfilesAreValid) {
  const char* source = std::getenv("ARGOT_SOURCE_DIR");
  const char* build = std::getenv("ARGOT_BUILD_DIR");
  ASSERT_TRUE(source && build);
  Catalog built({fs::path(build) / "plugins"});
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(source) / "config")) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    Profile profile = Profile::load(entry.path());
    EXPECT_TRUE(profile.problems.empty()) << entry.path();
    // In a build of a part of the tree some plugins are missing: then the rest is checked.
    std::erase_if(profile.plugins, [&](const PluginUse& use) {
      std::vector<std::string> names = built.names(use.kind);
      return std::find(names.begin(), names.end(), use.use) == names.end();
    });
    EXPECT_EQ(sentence_of([&] { check_profile(profile, built, {}); }), "") << entry.path();
  }
  EXPECT_GE(count, 3u);
}

}  // namespace
}  // namespace argot::kernel
