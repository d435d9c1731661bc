#include "file_formats.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "session_files.h"

namespace argot::session {
namespace {

Bytes bytes_of(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<Byte>(i * 31 + i / 256);
  return out;
}

template <class Machine> Bytes pass(Machine& machine, ByteView bytes, std::size_t piece) {
  Bytes out;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    machine.add(bytes.subspan(at, std::min(piece, bytes.size() - at)), out);
  machine.finish(out);
  return out;
}

struct Format {
  const char* name;
  std::unique_ptr<FileSealer> (*seal)(std::uint64_t size);
  std::unique_ptr<FileOpener> (*open)(const FileKey& key);
  std::uint64_t (*sealed_size)(std::uint64_t size);
};
void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

std::unique_ptr<FileSealer> seal_legacy(std::uint64_t size) { return legacy::seal(size, bytes_of(64), bytes_of(16)); }
std::unique_ptr<FileSealer> seal_stream(std::uint64_t size) {
  stream::Keys keys;
  keys.key = Secret(bytes_of(32));
  return stream::seal(FilePurpose::attachment, size, std::move(keys));
}
std::unique_ptr<FileSealer> seal_picture(std::uint64_t size) { return picture::seal(size, bytes_of(32), bytes_of(12)); }

class FileFormats : public ::testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(All, FileFormats,
                         ::testing::Values(Format{"legacy", seal_legacy, legacy::open, legacy::sealed_size},
                                           Format{"stream", seal_stream, stream::open, stream::sealed_size},
                                           Format{"picture", seal_picture, picture::open, picture::sealed_size}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(FileFormats, WhatIsSealedOpensHoweverItIsCut) {
  for (std::size_t size : {1u, 15u, 16u, 540u, 541u, 4053u, 32767u, 32768u, 32769u, 65536u, 200'000u}) {
    const Bytes plain = bytes_of(size);
    const auto whole_sealer = GetParam().seal(size);
    const Bytes whole = pass(*whole_sealer, plain, size);
    EXPECT_EQ(whole.size(), GetParam().sealed_size(size)) << size;
    for (std::size_t piece : {997u, 32768u, 32785u, 1'000'000u}) {
      const auto sealer = GetParam().seal(size);
      EXPECT_EQ(pass(*sealer, plain, piece), whole) << size << " in pieces of " << piece;
      const auto opener = GetParam().open(sealer->key());
      EXPECT_EQ(pass(*opener, whole, piece), plain) << size << " in pieces of " << piece;
    }
  }
  const auto sealer = GetParam().seal(100);
  const Bytes sealed = pass(*sealer, bytes_of(100), 1);
  EXPECT_EQ(pass(*GetParam().open(sealer->key()), sealed, 1), bytes_of(100));
}

TEST_P(FileFormats, OneChangedBitOrMissingOrAddedByteIsFound) {
  const auto sealer = GetParam().seal(40'000);
  const Bytes sealed = pass(*sealer, bytes_of(40'000), 40'000);
  const auto refuses = [&](Bytes bytes, const std::string& what) {
    try {
      pass(*GetParam().open(sealer->key()), bytes, 5000);
      ADD_FAILURE() << what;
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == Code::unauthenticated || error.code() == Code::corrupt) << error.sentence();
    }
  };
  for (std::size_t at : {std::size_t(0), std::size_t(1), std::size_t(20), std::size_t(30), std::size_t(20'000),
                         std::size_t(32'810), sealed.size() - 33, sealed.size() - 1}) {
    Bytes changed = sealed;
    changed[at] ^= 1;
    refuses(changed, "bit at " + std::to_string(at));
  }
  for (std::size_t size : {std::size_t(0), std::size_t(1), std::size_t(16), std::size_t(25), std::size_t(47),
                           std::size_t(25 + 32'785), sealed.size() - 16, sealed.size() - 1})
    refuses(Bytes(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(size)),
            "cut to " + std::to_string(size));
  Bytes longer = sealed;
  longer.push_back(0);
  refuses(longer, "a byte more");
}

TEST_P(FileFormats, AnotherKeyOpensNothing) {
  const auto sealer = GetParam().seal(1000);
  const Bytes sealed = pass(*sealer, bytes_of(1000), 1000);
  FileKey key = sealer->key();
  key.key.front() ^= 1;
  EXPECT_THROW(pass(*GetParam().open(key), sealed, 1000), Error);
  key.key.front() ^= 1;
  key.key.back() ^= 1;
  EXPECT_THROW(pass(*GetParam().open(key), sealed, 1000), Error);
}

TEST_P(FileFormats, AFileThatChangesWhileItIsReadIsRefused) {
  const auto refuses = [&](std::size_t announced, std::size_t came) {
    try {
      pass(*GetParam().seal(announced), bytes_of(came), 100);
      ADD_FAILURE() << announced << " announced, " << came << " came";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_argument);
      EXPECT_NE(error.sentence().find("was changed"), std::string::npos);
    }
  };
  refuses(1000, 999);
  refuses(1000, 1001);
  refuses(1000, 0);
}

TEST(LegacyFile, TheDigestCountsToo) {
  const auto sealer = seal_legacy(1000);
  const Bytes sealed = pass(*sealer, bytes_of(1000), 1000);
  FileKey key = sealer->key();
  key.digest[5] ^= 1;
  EXPECT_THROW(pass(*legacy::open(key), sealed, 1000), Error);
}

TEST(LegacyFile, IsCutToTheSizeThatThePointerNamesAndMayNotBeShorter) {
  const auto sealer = seal_legacy(1000);
  const Bytes sealed = pass(*sealer, bytes_of(1000), 1000);
  FileKey key = sealer->key();
  key.size = 10;
  EXPECT_EQ(pass(*legacy::open(key), sealed, 1000), bytes_of(10));
  key.size = 1021;  // the zeros are the sender's, too
  EXPECT_THROW(pass(*legacy::open(key), sealed, 1000), Error);
}

TEST(LegacyFile, EverySizeIsPaddedToOneOf203AndNoneIsCut) {
  std::uint64_t last = 0;
  std::size_t sizes = 0;
  for (std::uint64_t n = 1; n <= max_plain_file; ++n) {
    const std::uint64_t padded = legacy::padded_size(n);
    ASSERT_GE(padded, n);
    ASSERT_GE(padded, last);
    sizes += padded != last;
    last = padded;
  }
  EXPECT_EQ(last, max_plain_file);
  EXPECT_EQ(sizes, 203u);
}

TEST(StreamFile, SizesAreFewAndThePaddingIsNeverNothing) {
  const auto check = [](std::uint64_t n) {
    const std::uint64_t padding = stream::padding(n), size = stream::sealed_size(n);
    ASSERT_GE(padding, 1u) << n;
    ASSERT_LE(padding, 2 * n + 4096 + 64) << n;
    ASSERT_EQ(size % 4096, 0u) << n;
  };
  for (std::uint64_t n = 0; n <= 300'000; ++n) check(n);
  for (std::uint64_t n = 0; n <= max_plain_file; n += 37) check(n);
  for (std::uint64_t chunk = stream::chunk; chunk <= max_plain_file; chunk += stream::chunk)
    for (std::uint64_t n = chunk - 40; n <= chunk + 40; ++n) check(n);
}

TEST(StreamFile, ChunksCannotBeLeftOutOrTakeEachOthersPlace) {
  const auto sealer = seal_stream(100'000);
  const Bytes sealed = pass(*sealer, bytes_of(100'000), 100'000);
  constexpr std::ptrdiff_t head = 25, chunk = 32785;
  Bytes without = sealed;
  without.erase(without.begin() + head + chunk, without.begin() + head + 2 * chunk);
  EXPECT_THROW(pass(*stream::open(sealer->key()), without, 999'999), Error);
  Bytes exchanged = sealed;
  std::swap_ranges(exchanged.begin() + head, exchanged.begin() + head + chunk, exchanged.begin() + head + chunk);
  EXPECT_THROW(pass(*stream::open(sealer->key()), exchanged, 999'999), Error);
}

TEST(SessionFiles, KeysThatFitNoFormatAreNotClaimed) {
  SessionFiles files;
  EXPECT_TRUE(files.claims(FileKey(FilePurpose::attachment, false, Bytes(64), Bytes(32), 1)));
  EXPECT_FALSE(files.claims(FileKey(FilePurpose::attachment, false, Bytes(64), Bytes(32), 0)));
  EXPECT_FALSE(files.claims(FileKey(FilePurpose::attachment, false, Bytes(64), {}, 1)));
  EXPECT_FALSE(files.claims(FileKey(FilePurpose::attachment, false, Bytes(32), Bytes(32), 1)));
  EXPECT_TRUE(files.claims(FileKey(FilePurpose::attachment, true, Bytes(32), {}, 0)));
  EXPECT_FALSE(files.claims(FileKey(FilePurpose::attachment, true, Bytes(64), {}, 1)));
  EXPECT_TRUE(files.claims(FileKey(FilePurpose::picture, false, Bytes(32), {}, 0)));
  EXPECT_FALSE(files.claims(FileKey(FilePurpose::picture, false, Bytes(31), {}, 0)));
  EXPECT_THROW(files.open(FileKey()), Error);
}

TEST(SessionFiles, EmptyAndTooLargeFilesAreRefusedBeforeAnythingIsRead) {
  SessionFiles files;
  for (std::uint64_t size : {std::uint64_t(0), max_plain_file + 1, ~std::uint64_t(0)}) {
    EXPECT_THROW(files.seal(FilePurpose::attachment, size), Error);
    EXPECT_THROW(files.sealed_size(FilePurpose::picture, size), Error);
  }
}

}  // namespace
}  // namespace argot::session
