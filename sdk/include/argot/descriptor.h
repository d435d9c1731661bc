#pragma once
// What a plugin says of itself, and its form in the file: a fixed-size record of characters and numbers in the
// ELF section ".argot.note". No pointers, so it is read by parsing the section table, before dlopen.
#include <argot/fingerprint.h>
#include <argot/settings.h>

#include <array>
#include <string_view>

namespace argot {

/// One configuration option.
struct Option {
  std::string_view name;
  OptionType type = OptionType::text;
  std::string_view fallback = {};  ///< default, written as in YAML ("5s", "true", "a, b" for a list)
  bool required = false;           ///< must be given; has no default
  std::string_view help = {};
};

/// Written by the plugin's author. Texts are bounded (see Note); too long is a compile error.
struct Descriptor {
  std::string_view name;           ///< [a-z0-9-]+, the name used in profiles and on the command line
  std::string_view version;        ///< semantic version
  std::string_view summary;        ///< one line for people
  std::string_view kind = {};      ///< filled in: network, directory, transport, crypto, storage, media, app
  std::string_view provides = {};  ///< filled in: "transport/1"; more than one separated by spaces
  std::string_view needs = {};     ///< interfaces that must be there before start: "network/1 directory/1"
  std::array<Option, 24> options = {};
  bool lab_only = false;  ///< refuses to load unless the profile says `lab: true`
};

namespace note {

inline constexpr char magic[8] = {'A', 'R', 'G', 'O', 'T', 'N', 'T', '1'};

struct NoteOption {
  char name[32];
  char fallback[64];
  char help[128];
  std::uint8_t type;
  std::uint8_t required;
  std::uint8_t pad[6];
};

/// Layout is fixed for ever for magic ARGOTNT1; a new layout gets a new magic.
struct Note {
  char magic_[8];
  std::uint32_t size;
  std::uint32_t option_count;
  char fingerprint[192];  ///< compiler, standard, library ABI, Boost, sanitizers, hash of the SDK's headers
  char name[48];
  char version[24];
  char kind[24];
  char summary[160];
  char provides[96];
  char needs[160];
  std::uint8_t lab_only;
  std::uint8_t pad[7];
  NoteOption options[24];
};

template <std::size_t N> constexpr void put(char (&to)[N], std::string_view from) {
  if (from.size() >= N) throw "plugin descriptor: a text is too long for its field";  // compile error when constant
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
}

constexpr Note make(const Descriptor& d) {
  Note n{};
  for (int i = 0; i < 8; ++i) n.magic_[i] = magic[i];
  n.size = sizeof(Note);
  if (d.name.empty() || d.version.empty() || d.summary.empty())
    throw "plugin descriptor: name, version and summary are required";
  put(n.fingerprint, build_fingerprint);
  put(n.name, d.name);
  put(n.version, d.version);
  put(n.kind, d.kind);
  put(n.summary, d.summary);
  put(n.provides, d.provides);
  put(n.needs, d.needs);
  n.lab_only = d.lab_only;
  for (const Option& o : d.options) {
    if (o.name.empty()) continue;
    NoteOption& to = n.options[n.option_count++];
    put(to.name, o.name);
    put(to.fallback, o.fallback);
    put(to.help, o.help);
    to.type = static_cast<std::uint8_t>(o.type);
    to.required = o.required;
  }
  return n;
}

}  // namespace note
}  // namespace argot
