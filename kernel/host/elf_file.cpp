#include <kernel/host/elf_file.h>

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace argot::kernel {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint16_t own_machine = EM_RISCV;
#else
#error "name this machine's ELF number"
#endif

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_386: return "32-bit x86";
    case EM_X86_64: return "x86-64";
    case EM_ARM: return "32-bit ARM";
    case EM_AARCH64: return "AArch64";
    case EM_RISCV: return "RISC-V";
    case EM_PPC64: return "64-bit PowerPC";
    case EM_S390: return "S/390";
  }
  return fmt::format("machine number {}", machine);
}

constexpr std::uint32_t most_headers = 4096;    // a large plugin has about 40 sections
constexpr std::size_t most_names = 1 << 20;     // bytes of the section name table
constexpr std::size_t most_strings = 64 << 20;  // bytes of the dynamic string table
const char* const rebuild = "Build it again, or copy it again from where it was built.";

}  // namespace

ByteSource open_file(const std::filesystem::path& file) {
  int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    int why = errno;
    if (why == ENOENT || why == ENOTDIR)
      throw Error(Code::not_found, fmt::format("There is no file {}.", file.string()), "Check the path.");
    throw Error(Code::permission_denied, fmt::format("{} cannot be read: {}.", file.string(), std::strerror(why)),
                "Check its permissions.");
  }
  std::shared_ptr<int> keep(new int(fd), [](int* p) {
    ::close(*p);
    delete p;
  });
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
    throw Error(Code::invalid_argument, fmt::format("{} is not a file but a directory or device.", file.string()),
                "Name the plugin's .so file.");
  ByteSource source;
  source.size = static_cast<std::uint64_t>(info.st_size);
  source.read = [keep](std::uint64_t at, std::span<Byte> out) -> std::size_t {
    std::size_t done = 0;
    while (done < out.size()) {
      ssize_t n = ::pread(*keep, out.data() + done, out.size() - done, static_cast<off_t>(at + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  };
  return source;
}

ByteSource open_bytes(ByteView bytes) {
  ByteSource source;
  source.size = bytes.size();
  source.read = [bytes](std::uint64_t at, std::span<Byte> out) -> std::size_t {
    if (at >= bytes.size()) return 0;
    std::size_t n = std::min<std::size_t>(out.size(), bytes.size() - at);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), n, out.begin());
    return n;
  };
  return source;
}

void ElfFile::truncated(std::string_view part) const {
  throw Error(
      Code::corrupt,
      fmt::format("{} is truncated or damaged: its {} lies outside the file ({} bytes).", name_, part, source_.size),
      rebuild);
}

Bytes ElfFile::bytes(std::uint64_t at, std::uint64_t length, std::string_view part) const {
  if (at > source_.size || length > source_.size - at) truncated(part);
  Bytes out(length);
  if (source_.read(at, out) != length) truncated(part);
  return out;
}

template <class T> T ElfFile::get(std::uint64_t at, std::string_view part) const {
  T out;
  if (at > source_.size || sizeof(T) > source_.size - at) truncated(part);
  if (source_.read(at, {reinterpret_cast<Byte*>(&out), sizeof out}) != sizeof out) truncated(part);
  return out;
}

ElfFile::ElfFile(ByteSource source, std::string name) : source_(std::move(source)), name_(std::move(name)) {
  if (source_.size == 0)
    throw Error(Code::invalid_argument, fmt::format("{} is empty, so it is no plugin.", name_), rebuild);
  unsigned char ident[EI_NIDENT] = {};
  std::size_t have = source_.read(0, {ident, sizeof ident});
  if (have < SELFMAG || std::memcmp(ident, ELFMAG, SELFMAG) != 0)
    throw Error(Code::invalid_argument,
                fmt::format("{} is not a shared library (it does not begin with the ELF signature).", name_),
                "Name the plugin's .so file.");
  if (have < sizeof ident) truncated("header");
  if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB)
    throw Error(Code::incompatible,
                fmt::format("{} is built for a {} machine with {} byte order; this program is 64-bit, little-endian.",
                            name_, ident[EI_CLASS] == ELFCLASS32 ? "32-bit" : "64-bit",
                            ident[EI_DATA] == ELFDATA2MSB ? "big-endian" : "little-endian"),
                fmt::format("Build it for {}.", machine_name(own_machine)));
  auto header = get<Elf64_Ehdr>(0, "header");
  if (header.e_machine != own_machine)
    throw Error(Code::incompatible,
                fmt::format("{} is built for {}; this program runs on {}.", name_, machine_name(header.e_machine),
                            machine_name(own_machine)),
                fmt::format("Build it for {}.", machine_name(own_machine)));
  if (header.e_type != ET_DYN)
    throw Error(Code::invalid_argument,
                fmt::format("{} is {}, not a shared library.", name_,
                            header.e_type == ET_REL    ? "an object file"
                            : header.e_type == ET_CORE ? "a core dump"
                                                       : "a program"),
                "Link it with -shared (argot_plugin() in CMake does).");
  section_table_ = header.e_shoff;
  section_count_ = header.e_shnum;
  names_index_ = header.e_shstrndx;
  program_table_ = header.e_phoff;
  program_count_ = header.e_phnum;
  if ((section_count_ && header.e_shentsize != sizeof(Elf64_Shdr)) ||
      (program_count_ && header.e_phentsize != sizeof(Elf64_Phdr)) || section_count_ > most_headers ||
      program_count_ > most_headers)
    truncated("header table");
}

std::optional<Bytes> ElfFile::section(std::string_view wanted, std::size_t limit) const {
  if (section_count_ == 0 || names_index_ >= section_count_) return std::nullopt;  // stripped of its section table
  Bytes table = bytes(section_table_, std::uint64_t{section_count_} * sizeof(Elf64_Shdr), "section table");
  auto header = [&](std::uint32_t i) {
    Elf64_Shdr h;
    std::memcpy(&h, table.data() + i * sizeof h, sizeof h);
    return h;
  };
  Elf64_Shdr names_header = header(names_index_);
  if (names_header.sh_size > most_names) truncated("section name table");
  Bytes names = bytes(names_header.sh_offset, names_header.sh_size, "section name table");
  for (std::uint32_t i = 0; i < section_count_; ++i) {
    Elf64_Shdr h = header(i);
    if (h.sh_name >= names.size()) continue;
    const char* text = reinterpret_cast<const char*>(names.data()) + h.sh_name;
    if (std::string_view(text, ::strnlen(text, names.size() - h.sh_name)) != wanted || h.sh_type == SHT_NOBITS)
      continue;
    if (h.sh_size > limit)
      throw Error(Code::corrupt,
                  fmt::format("{} is damaged: its section {} has {} bytes, at most {} are allowed.", name_, wanted,
                              h.sh_size, limit),
                  rebuild);
    return bytes(h.sh_offset, h.sh_size, fmt::format("section {}", wanted));
  }
  return std::nullopt;
}

std::uint64_t ElfFile::mapped_size() const {
  std::uint64_t end = program_table_ + std::uint64_t{program_count_} * sizeof(Elf64_Phdr);
  for (std::uint32_t i = 0; i < program_count_; ++i) {
    auto h = get<Elf64_Phdr>(program_table_ + i * sizeof(Elf64_Phdr), "program header table");
    if (h.p_offset > source_.size || h.p_filesz > source_.size - h.p_offset) truncated("code");
    end = std::max<std::uint64_t>(end, h.p_offset + h.p_filesz);
  }
  if (end > source_.size) truncated("program header table");
  return end;
}

ElfFile::Wants ElfFile::wants() const {
  std::vector<Elf64_Phdr> loads;
  Elf64_Phdr dynamic{};
  for (std::uint32_t i = 0; i < program_count_; ++i) {
    auto h = get<Elf64_Phdr>(program_table_ + i * sizeof(Elf64_Phdr), "program header table");
    if (h.p_type == PT_LOAD) loads.push_back(h);
    if (h.p_type == PT_DYNAMIC) dynamic = h;
  }
  Wants out;
  std::vector<std::uint64_t> needed;
  std::optional<std::uint64_t> runpath;
  std::uint64_t strings_at = 0, strings_size = 0;
  for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.p_filesz && at < 65536; at += sizeof(Elf64_Dyn)) {
    auto entry = get<Elf64_Dyn>(dynamic.p_offset + at, "dynamic section");
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) needed.push_back(entry.d_un.d_val);
    if (entry.d_tag == DT_RUNPATH || (entry.d_tag == DT_RPATH && !runpath)) runpath = entry.d_un.d_val;
    if (entry.d_tag == DT_STRSZ) strings_size = entry.d_un.d_val;
    if (entry.d_tag == DT_STRTAB)  // an address; the segment that holds it gives the place in the file
      for (const Elf64_Phdr& h : loads)
        if (entry.d_un.d_ptr >= h.p_vaddr && entry.d_un.d_ptr - h.p_vaddr < h.p_filesz)
          strings_at = h.p_offset + (entry.d_un.d_ptr - h.p_vaddr);
  }
  if (strings_at == 0) return out;
  if (strings_size > most_strings) truncated("dynamic string table");
  Bytes strings = bytes(strings_at, strings_size, "dynamic string table");
  auto text = [&](std::uint64_t at) {
    if (at >= strings.size()) truncated("dynamic string");
    const char* p = reinterpret_cast<const char*>(strings.data()) + at;
    return std::string(p, ::strnlen(p, strings.size() - at));
  };
  for (std::uint64_t at : needed) out.needed.push_back(text(at));
  if (runpath) out.runpath = text(*runpath);
  return out;
}

}  // namespace argot::kernel
