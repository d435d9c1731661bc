#include <kernel/host/note_reader.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <elf.h>

#include <cstring>
#include <fstream>

namespace argot::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Descriptor descriptor{
    .name = "swarm",
    .version = "1.2.0",
    .summary = "Carries",
    .kind = "transport",
    .provides = "transport/1",
    .needs = "network/1 directory/1",
    .options = {{{.name = "poll", .type = OptionType::duration, .fallback = "1s", .help = "How often."}}}};

/// The smallest file that the reader takes for a plugin: a header, the note, the section names, three sections.
class Image {
 public:
  Image() : note_(note::make(descriptor)) { build(); }
  note::Note& note() { return note_; }
  Elf64_Ehdr& header() { return header_; }
  Bytes build() {
    static constexpr char names[] = "\0.argot.note\0.shstrtab";
    header_.e_shnum = header_.e_shnum ? header_.e_shnum : 0;
    Bytes out(sizeof header_);
    std::uint64_t note_at = out.size();
    append(out, &note_, sizeof note_);
    std::uint64_t names_at = out.size();
    append(out, names, sizeof names);
    Elf64_Shdr sections[3]{};
    sections[1].sh_name = 1;
    sections[1].sh_type = SHT_PROGBITS;
    sections[1].sh_offset = note_at;
    sections[1].sh_size = note_size;
    sections[2].sh_name = 13;
    sections[2].sh_type = SHT_STRTAB;
    sections[2].sh_offset = names_at;
    sections[2].sh_size = sizeof names;
    if (!header_.e_ident[0]) {
      std::memcpy(header_.e_ident, ELFMAG, SELFMAG);
      header_.e_ident[EI_CLASS] = ELFCLASS64;
      header_.e_ident[EI_DATA] = ELFDATA2LSB;
      header_.e_type = ET_DYN;
      header_.e_machine = machine();
      header_.e_shentsize = sizeof(Elf64_Shdr);
      header_.e_shnum = 3;
      header_.e_shstrndx = 2;
    }
    header_.e_shoff = out.size();
    append(out, sections, sizeof sections);
    std::memcpy(out.data(), &header_, sizeof header_);
    return out;
  }
  std::uint64_t note_size = sizeof(note::Note);

 private:
  static void append(Bytes& to, const void* data, std::size_t size) {
    auto* p = static_cast<const Byte*>(data);
    to.insert(to.end(), p, p + size);
  }
  static std::uint16_t machine() {  // this program's own
    std::ifstream self("/proc/self/exe", std::ios::binary);
    Elf64_Ehdr h{};
    self.read(reinterpret_cast<char*>(&h), sizeof h);
    return h.e_machine;
  }
  note::Note note_;
  Elf64_Ehdr header_{};
};

std::string refusal(const Bytes& bytes) {
  try {
    read_note(open_bytes(bytes), "x.so");
  } catch (const Error& error) {
    return error.sentence();
  }
  return "accepted";
}

TEST(NoteReader, ReadsEveryField) {
  Bytes file = Image().build();
  PluginInfo info = read_note(open_bytes(file), "x.so");
  EXPECT_EQ(info.title(), "transport/swarm 1.2.0");
  EXPECT_EQ(info.summary, "Carries");
  EXPECT_THAT(info.provides, ElementsAre("transport/1"));
  EXPECT_THAT(info.needs, ElementsAre("network/1", "directory/1"));
  ASSERT_EQ(info.options.size(), 1u);
  EXPECT_EQ(info.options[0].type, OptionType::duration);
  EXPECT_EQ(info.options[0].fallback, "1s");
  EXPECT_NO_THROW(check_build(info, "x.so"));
}

TEST(NoteReader, WhatIsNoLibraryIsSaidToBeNone) {
  EXPECT_THAT(refusal({}), HasSubstr("x.so is empty, so it is no plugin."));
  EXPECT_THAT(refusal(to_bytes(view("#!/bin/sh\n"))),
              HasSubstr("x.so is not a shared library (it does not begin with the ELF signature)."));
  EXPECT_THAT(refusal(to_bytes(view("\x7f"
                                    "ELF"))),
              HasSubstr("x.so is truncated or damaged: its header lies outside the file (4 bytes)."));
  Image object;
  object.header().e_type = ET_REL;
  EXPECT_THAT(refusal(object.build()), HasSubstr("x.so is an object file, not a shared library."));
}

TEST(NoteReader, AnotherMachineIsNamed) {
  Image other;
  other.header().e_machine = EM_S390;
  EXPECT_THAT(refusal(other.build()), HasSubstr("x.so is built for S/390; this program runs on "));
  Image small;
  small.header().e_ident[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(refusal(small.build()), HasSubstr("built for a 32-bit machine"));
}

TEST(NoteReader, ALibraryWithoutANoteIsNoPlugin) {
  Bytes file = Image().build();
  auto at = std::search(file.begin(), file.end(), std::begin(".argot.note"), std::end(".argot.note") - 1);
  at[1] = 'x';
  EXPECT_THAT(refusal(file),
              HasSubstr("x.so is a shared library but no Argot plugin: it carries no plugin note. Put ARGOT_PLUGIN"));
  Image bare;
  bare.header().e_shnum = 0;
  EXPECT_THAT(refusal(bare.build()), HasSubstr("no Argot plugin"));
}

TEST(NoteReader, AnotherAbiNumberIsNamedOnBothSides) {
  Image newer;
  newer.note().magic_[7] = '2';
  EXPECT_THAT(refusal(newer.build()), HasSubstr("its note begins with \"ARGOTNT2\", this program reads \"ARGOTNT1\""));
}

TEST(NoteReader, ADamagedNoteIsRefused) {
  Image shorter;
  shorter.note_size = 100;
  EXPECT_THAT(refusal(shorter.build()), HasSubstr("The plugin note in x.so is damaged: it has 100 bytes instead of"));
  Image tiny;
  tiny.note_size = 3;
  EXPECT_THAT(refusal(tiny.build()), HasSubstr("it has only 3 bytes"));
  Image lying;
  lying.note().size = 12;
  EXPECT_THAT(refusal(lying.build()), HasSubstr("it says that it has 12 bytes"));
  Image endless;
  std::memset(endless.note().name, 'a', sizeof endless.note().name);
  EXPECT_THAT(refusal(endless.build()), HasSubstr("its name is not terminated"));
  Image many;
  many.note().option_count = 25;
  EXPECT_THAT(refusal(many.build()), HasSubstr("it says that it has 25 options"));
  Image strange;
  strange.note().options[0].type = 77;
  EXPECT_THAT(refusal(strange.build()), HasSubstr("option poll has the unknown type 77"));
  Image path;
  std::strcpy(path.note().name, "../../etc");
  EXPECT_THAT(refusal(path.build()), HasSubstr("is not made of a-z, 0-9 and -"));
  Image escape;
  escape.note().summary[0] = '\x1b';
  EXPECT_THAT(refusal(escape.build()), HasSubstr("its summary contains a control character"));
}

TEST(NoteReader, EveryTruncationIsASentence) {
  Bytes whole = Image().build();
  for (std::size_t n = 0; n < whole.size(); n += n < 100 ? 1 : 37) {
    Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_THAT(refusal(part), HasSubstr("x.so ")) << n;
  }
}

TEST(NoteReader, EveryChangedByteOfTheHeadersIsSurvived) {
  Bytes whole = Image().build();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    if (at == sizeof(Elf64_Ehdr)) at = whole.size() - 3 * sizeof(Elf64_Shdr);
    for (Byte value : {Byte{0}, Byte{0x7f}, Byte{0xff}}) {
      Bytes changed = whole;
      changed[at] = value;
      (void)refusal(changed);  // whatever it says: no crash, no endless loop, no gigabytes
    }
  }
}

TEST(NoteReader, AnotherBuildIsRefusedNamingEachDifferenceOnBothSides) {
  PluginInfo info = info_of(descriptor);
  info.fingerprint =
      "compiler gcc-11; c++ 202002L; boost 108100; string-abi 1; stdlib debug; sanitizer none; sdk aaaaaaaaaaaa";
  try {
    check_build(
        info, "x.so",
        "compiler gcc-12; c++ 202002L; boost 108100; string-abi 1; stdlib plain; sanitizer none; sdk bbbbbbbbbbbb");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::incompatible);
    EXPECT_EQ(error.sentence(),
              "Plugin transport/swarm 1.2.0 (x.so) was built differently from this program: compiler gcc-11 (this "
              "program: gcc-12); "
              "stdlib debug (this program: plain); SDK headers aaaaaaaaaaaa (this program: bbbbbbbbbbbb). "
              "Build it again with compiler gcc-12, stdlib plain, the SDK headers of this program.");
  }
}

TEST(NoteReader, FilesThatCannotBeReadAreNamed) {
  auto what = [](const char* path) {
    try {
      read_note(std::filesystem::path(path));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(what("/nowhere/x.so"), "There is no file /nowhere/x.so.");
  EXPECT_EQ(what("/tmp"), "/tmp is not a file but a directory or device.");
  EXPECT_EQ(what("/dev/null"), "/dev/null is not a file but a directory or device.");
}

}  // namespace
}  // namespace argot::kernel
