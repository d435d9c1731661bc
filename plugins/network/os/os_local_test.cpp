// Unix sockets, and this process's own input and output put in place of pipes, files and nothing.
#include "os_test.h"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace argot::os {
namespace {

namespace fs = std::filesystem;

class OsLocalTest : public OsNetworkTest {
 protected:
  OsLocalTest() {
    std::string name = (fs::temp_directory_path() / "argot-local-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~OsLocalTest() override { fs::remove_all(folder); }
  std::string address(const std::string& name = "door") const { return "unix:" + (folder / name).string(); }

  /// Reads until `size` bytes or the end.
  std::string read(Stream& stream, std::size_t size) {
    auto reading = [](Stream& from, std::size_t wanted) -> Task<std::string> {
      std::string text(wanted, '\0');
      error_code failure;
      auto token = asio::redirect_error(asio::use_awaitable, failure);
      const auto into = asio::buffer(text);
      const std::size_t n = co_await asio::async_read(from, into, token);
      text.resize(n);
      if (failure && failure != asio::error::eof) text += "<" + failure.message() + ">";
      co_return text;
    };
    return run(reading(stream, size));
  }
  std::string write(Stream& stream, std::string text) {
    auto writing = [](Stream& to, std::string all) -> Task<std::string> {
      error_code failure;
      auto token = asio::redirect_error(asio::use_awaitable, failure);
      const auto from = asio::buffer(all);
      co_await asio::async_write(to, from, token);
      co_return failure ? failure.message() : std::string();
    };
    return run(writing(stream, std::move(text)));
  }
  fs::path folder;
};

TEST_F(OsLocalTest, CarriesBytesBothWays) {
  auto listener = run(network.listen(address()));
  EXPECT_EQ(listener->address(), address());
  Stream here = run(network.connect(address()));
  Stream there = run(listener->accept());
  EXPECT_EQ(here.peer(), address());
  EXPECT_EQ(write(here, "question"), "");
  EXPECT_EQ(read(there, 8), "question");
  EXPECT_EQ(write(there, "answer"), "");
  there.close();
  EXPECT_EQ(read(here, 100), "answer") << "and then the end";
}

TEST_F(OsLocalTest, TheSocketIsForThisUserAndGoesWithTheListener) {
  const mode_t before = ::umask(0);
  auto listener = run(network.listen(address()));
  struct stat found {};
  ASSERT_EQ(::stat((folder / "door").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_EQ(::umask(before), 0u) << "the process's own mask is as it was";
  listener.reset();
  EXPECT_FALSE(fs::exists(folder / "door"));
}

TEST_F(OsLocalTest, SaysThatNobodyListens) {
  const Error error = error_of(network.connect(address("nowhere")));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("Nobody listens at " + address("nowhere") + ": No such file"));
  std::ofstream(folder / "file") << "x";
  EXPECT_EQ(error_of(network.connect(address("file"))).code(), Code::unavailable);
}

TEST_F(OsLocalTest, SaysThatSomebodyListensAlready) {
  auto listener = run(network.listen(address()));
  EXPECT_EQ(error_of(network.listen(address())).code(), Code::already_exists);
  Stream here = run(network.connect(address()));
  EXPECT_TRUE(here) << "the first one still listens";
}

TEST_F(OsLocalTest, TakesThePlaceOfOneThatWasKilled) {
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  (folder / "door").string().copy(at.sun_path, sizeof at.sun_path - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ::close(dead);
  ASSERT_TRUE(fs::exists(folder / "door"));
  auto listener = run(network.listen(address()));
  EXPECT_TRUE(run(network.connect(address())));
}

TEST_F(OsLocalTest, NeverTakesThePlaceOfAFile) {
  std::ofstream(folder / "diary") << "dear diary";
  fs::create_symlink(folder / "diary", folder / "link");
  fs::create_directory(folder / "folder");
  for (const char* name : {"diary", "link", "folder"}) {
    const Error error = error_of(network.listen(address(name)));
    EXPECT_EQ(error.code(), Code::already_exists) << name;
    EXPECT_THAT(error.what(), HasSubstr((folder / name).string()));
  }
  EXPECT_EQ(fs::file_size(folder / "diary"), 10u);
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
}

TEST_F(OsLocalTest, RefusesPathsThatAreNoSockets) {
  for (const std::string& wrong : {std::string("unix:"), "unix:" + std::string(108, 'x')}) {
    EXPECT_EQ(error_of(network.connect(wrong)).code(), Code::invalid_argument);
    EXPECT_EQ(error_of(network.listen(wrong)).code(), Code::invalid_argument);
  }
  EXPECT_EQ(error_of(network.listen("unix:" + (folder / "none" / "door").string())).code(), Code::permission_denied);
  EXPECT_EQ(error_of(network.listen("stdio:")).code(), Code::invalid_argument);
}

TEST_F(OsLocalTest, ClosingOrDestroyingAListenerEndsItsAccept) {
  for (const bool destroy : {false, true})
    for (const bool before : {false, true}) {
      auto listener = run(network.listen(address()));
      auto accept = listener->accept();
      auto end = [&] {
        if (destroy)
          listener.reset();
        else
          listener->close();
      };
      before ? end() : asio::post(loop, end);
      EXPECT_EQ(error_of(std::move(accept)).code(), Code::cancelled);
    }
}

TEST_F(OsLocalTest, WaitsWhenDescriptorsRunOutAndGoesOnLater) {
  auto listener = run(network.listen(address()));
  Stream first = run(network.connect(address()));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::fcntl(0, F_DUPFD, 0);
  ::close(lowest_free);
  const rlimit none{static_cast<rlim_t>(lowest_free), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  auto accepted = std::make_shared<bool>(false);
  auto accept = [](Listener& l, std::shared_ptr<bool> done) -> Task<> {
    co_await l.accept();
    *done = true;
  };
  ctx.spawn("accept", accept(*listener, accepted));
  loop.restart();
  while (ctx.lines.empty()) loop.run_one();
  EXPECT_THAT(ctx.lines.front(), HasSubstr("Raise the limit of open files"));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  while (!*accepted) loop.run_one();
}

TEST_F(OsLocalTest, ClosingAStreamEndsWhatIsPending) {
  auto listener = run(network.listen(address()));
  Stream stream = run(network.connect(address()));
  char byte;
  std::optional<error_code> result;
  stream.async_read_some(asio::buffer(&byte, 1), [&](error_code e, std::size_t) { result = e; });
  stream.close();
  stream.close();
  EXPECT_FALSE(result) << "never from inside the call";
  loop.restart();
  loop.poll();
  EXPECT_EQ(result, asio::error::operation_aborted);
}

/// Something else in the place of a standard descriptor, until destroyed.
class InPlaceOf {
 public:
  InPlaceOf(int descriptor, int other) : descriptor_(descriptor), kept_(::dup(descriptor)) {
    ::dup2(other, descriptor);
  }
  ~InPlaceOf() { restore(); }
  void restore() {
    if (kept_ < 0) return;
    ::dup2(kept_, descriptor_);
    ::close(std::exchange(kept_, -1));
  }

 private:
  int descriptor_, kept_;
};

struct Ends {
  int read = -1, write = -1;
  explicit Ends(bool sockets = false) {
    int ends[2];
    if ((sockets ? ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : ::pipe2(ends, O_CLOEXEC)) != 0) return;
    read = ends[0];
    write = ends[1];
  }
  ~Ends() {
    ::close(read);
    ::close(write);
  }
};

TEST_F(OsLocalTest, StandardInputAndOutputCanBePipesOrSockets) {
  for (const bool sockets : {false, true}) {
    Ends in(sockets), out(sockets);
    InPlaceOf input(0, in.read), output(1, out.write);
    Stream stream = run(network.connect("stdio:"));
    EXPECT_EQ(stream.peer(), "stdio:");
    ASSERT_EQ(::write(in.write, "typed\n", 6), 6);
    EXPECT_EQ(read(stream, 6), "typed\n");
    const std::string shown = write(stream, "shown\n");
    stream.close();
    const int input_flags = ::fcntl(0, F_GETFL), output_flags = ::fcntl(1, F_GETFL);
    output.restore();
    EXPECT_EQ(shown, "");
    char text[7] = {};
    EXPECT_EQ(::read(out.read, text, 6), 6);
    EXPECT_STREQ(text, "shown\n");
    EXPECT_EQ((input_flags | output_flags) & O_NONBLOCK, 0) << "whoever shares them would be surprised";
  }
}

TEST_F(OsLocalTest, TheTerminalOfTheShellIsNotMadeNonBlockingWhileItIsUsed) {
  Ends in, out;
  InPlaceOf input(0, in.read), output(1, out.write);
  Stream stream = run(network.connect("stdio:"));
  char byte;
  stream.async_read_some(asio::buffer(&byte, 1), [](error_code, std::size_t) {});
  loop.restart();
  loop.poll();
  const int flags = ::fcntl(0, F_GETFL) | ::fcntl(1, F_GETFL);
  output.restore();
  EXPECT_EQ(flags & O_NONBLOCK, 0);
}

TEST_F(OsLocalTest, TheEndOfStandardInputIsTheEndOfTheStream) {
  Ends in;
  InPlaceOf input(0, in.read);
  Stream stream = run(network.connect("stdio:"));
  ASSERT_EQ(::write(in.write, "last", 4), 4);
  ::close(std::exchange(in.write, -1));
  EXPECT_EQ(read(stream, 100), "last");
}

TEST_F(OsLocalTest, StandardInputCanBeAFileOrNothing) {
  std::ofstream(folder / "script") << "from a file";
  const int file = ::open((folder / "script").c_str(), O_RDONLY | O_CLOEXEC);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int directory = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  for (const auto& [descriptor, text] : {std::pair{file, "from a file"}, {nothing, ""}, {directory, ""}}) {
    InPlaceOf input(0, descriptor);
    Stream stream = run(network.connect("stdio:"));
    EXPECT_EQ(read(stream, 100), text);
    ::close(descriptor);
  }
}

TEST_F(OsLocalTest, StandardOutputCanBeAFileAndGoesOnWhereItWas) {
  const int file = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(file, "before ", 7), 7);
  {
    InPlaceOf output(1, file);
    Stream stream = run(network.connect("stdio:"));
    write(stream, "after");
  }
  ::close(file);
  std::ifstream in(folder / "log");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "before after");
}

TEST_F(OsLocalTest, SaysThatNobodyReadsStandardOutput) {
  ::signal(SIGPIPE, SIG_IGN);
  Ends out;
  ::close(std::exchange(out.read, -1));
  std::string said;
  {
    InPlaceOf output(1, out.write);
    Stream stream = run(network.connect("stdio:"));
    said = write(stream, "hello?");
  }
  EXPECT_EQ(said, "Broken pipe");
}

TEST_F(OsLocalTest, AClosedStreamOfTheTerminalDoesNothingMore) {
  Ends in;
  InPlaceOf input(0, in.read);
  Stream stream = run(network.connect("stdio:"));
  char byte;
  std::optional<error_code> pending;
  stream.async_read_some(asio::buffer(&byte, 1), [&](error_code e, std::size_t) { pending = e; });
  stream.close();
  stream.close();
  loop.restart();
  loop.poll();
  EXPECT_EQ(pending, asio::error::operation_aborted);
  EXPECT_EQ(write(stream, "x"), make_error_code(asio::error::operation_aborted).message());
}

}  // namespace
}  // namespace argot::os
