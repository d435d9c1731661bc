#include <kernel/host/note_reader.h>

#include <fmt/format.h>

#include <cstring>

namespace argot::kernel {
namespace {

const char* const rebuild = "Build the plugin again with the SDK of this program.";

/// The parts of a fingerprint, "key value" each, in order.
std::vector<std::pair<std::string, std::string>> parts_of(std::string_view fingerprint) {
  std::vector<std::pair<std::string, std::string>> parts;
  while (!fingerprint.empty()) {
    std::size_t end = fingerprint.find("; ");
    std::string_view part = fingerprint.substr(0, end);
    fingerprint = end == std::string_view::npos ? std::string_view{} : fingerprint.substr(end + 2);
    std::size_t space = part.find(' ');
    if (space == std::string_view::npos) space = part.size();
    parts.emplace_back(part.substr(0, space), space < part.size() ? part.substr(space + 1) : std::string_view{});
  }
  return parts;
}

class NoteText {
 public:
  NoteText(const std::string& file) : file_(file) {}

  /// A field as text: it must end inside the field and hold nothing that would disturb a terminal.
  template <std::size_t N> std::string operator()(const char (&field)[N], std::string_view what) const {
    std::size_t length = ::strnlen(field, N);
    if (length == N) damaged(fmt::format("its {} is not terminated", what));
    std::string text(field, length);
    for (unsigned char c : text)
      if (c < 0x20 || c == 0x7f) damaged(fmt::format("its {} contains a control character", what));
    return text;
  }

  [[noreturn]] void damaged(std::string_view why) const {
    throw Error(Code::corrupt, fmt::format("The plugin note in {} is damaged: {}.", file_, why), rebuild);
  }

  /// [a-z0-9-]+, so that it may stand in paths, profiles and commands.
  void check_name(const std::string& name, std::string_view what) const {
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
      damaged(fmt::format("its {} \"{}\" is not made of a-z, 0-9 and -", what, name));
  }

 private:
  const std::string& file_;
};

}  // namespace

PluginInfo read_note(const std::filesystem::path& file) { return read_note(open_file(file), file.string()); }

PluginInfo read_note(const ByteSource& source, const std::string& name) {
  ElfFile elf(source, name);
  std::optional<Bytes> raw = elf.section(".argot.note", 1 << 20);
  if (!raw)
    throw Error(Code::invalid_argument,
                fmt::format("{} is a shared library but no Argot plugin: it carries no plugin note.", name),
                "Put ARGOT_PLUGIN(Class, {...}) into one of its source files.");
  NoteText text(name);
  if (raw->size() < sizeof note::magic) text.damaged(fmt::format("it has only {} bytes", raw->size()));
  if (std::memcmp(raw->data(), note::magic, sizeof note::magic) != 0) {
    std::string found(reinterpret_cast<const char*>(raw->data()), sizeof note::magic);
    for (char& c : found)
      if (c < 0x20 || c == 0x7f) c = '?';
    throw Error(
        Code::incompatible,
        fmt::format("{} was built for another plugin ABI: its note begins with \"{}\", this program reads \"{}\".",
                    name, found, std::string_view(note::magic, sizeof note::magic)),
        rebuild);
  }
  note::Note n{};
  if (raw->size() < sizeof n) text.damaged(fmt::format("it has {} bytes instead of {}", raw->size(), sizeof n));
  std::memcpy(&n, raw->data(), sizeof n);
  if (n.size != sizeof n) text.damaged(fmt::format("it says that it has {} bytes instead of {}", n.size, sizeof n));
  if (n.option_count > std::size(n.options))
    text.damaged(fmt::format("it says that it has {} options", n.option_count));

  PluginInfo info;
  info.fingerprint = text(n.fingerprint, "fingerprint");
  info.name = text(n.name, "name");
  info.version = text(n.version, "version");
  info.kind = text(n.kind, "kind");
  info.summary = text(n.summary, "summary");
  info.provides = split_words(text(n.provides, "list of provided interfaces"));
  info.needs = split_words(text(n.needs, "list of required interfaces"));
  info.lab_only = n.lab_only != 0;
  text.check_name(info.name, "name");
  text.check_name(info.kind, "kind");
  if (info.version.empty()) text.damaged("its version is empty");
  for (std::uint32_t i = 0; i < n.option_count; ++i) {
    const note::NoteOption& o = n.options[i];
    OptionInfo option;
    option.name = text(o.name, "option name");
    if (option.name.empty()) text.damaged("an option has no name");
    if (info.option(option.name)) text.damaged(fmt::format("it declares option {} twice", option.name));
    if (o.type > static_cast<std::uint8_t>(OptionType::list))
      text.damaged(fmt::format("option {} has the unknown type {}", option.name, o.type));
    option.fallback = text(o.fallback, "option default");
    option.help = text(o.help, "option help");
    option.type = static_cast<OptionType>(o.type);
    option.required = o.required != 0;
    info.options.push_back(std::move(option));
  }
  return info;
}

void check_build(const PluginInfo& info, std::string_view file, std::string_view ours) {
  if (info.fingerprint == ours) return;
  auto theirs = parts_of(info.fingerprint), own = parts_of(ours);
  auto find = [](const auto& parts, const std::string& key) {
    for (const auto& [k, v] : parts)
      if (k == key) return v;
    return std::string("nothing");
  };
  std::string differences, wanted;
  auto add = [&](const std::string& key) {
    std::string a = find(theirs, key), b = find(own, key);
    if (a == b) return;
    if (!differences.empty()) differences += "; ";
    differences += fmt::format("{} {} (this program: {})", key == "sdk" ? "SDK headers" : key, a, b);
    if (!wanted.empty()) wanted += ", ";
    wanted += key == "sdk" ? std::string("the SDK headers of this program") : key + " " + b;
  };
  for (const auto& [key, value] : own) add(key);
  for (const auto& [key, value] : theirs)
    if (find(own, key) == "nothing") add(key);
  throw Error(
      Code::incompatible,
      fmt::format("Plugin {} ({}) was built differently from this program: {}.", info.title(), file, differences),
      fmt::format("Build it again with {}.", wanted));
}

}  // namespace argot::kernel
