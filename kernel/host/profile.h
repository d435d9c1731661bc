#pragma once
// A profile: which plugins a kernel loads and how they are set. Read from YAML, checked against the plugins' notes
// before any of their code runs (profile_check.h).
//
//   data: ~/.local/share/argot        # where accounts and plugins keep what outlives the process
//   lab: false                        # whether plugins that are only for experiments may load
//   log: info                         # debug, info, warning, error
//   plugin_path: [./my-plugins]       # searched before the usual places
//   workers: 2                        # kernels that share the work, one a core (shards.h); 1 unless said
//   plugins:
//     network:   os                   # kind: name
//     transport: {use: swarm, poll_interval: 1s}
//     crypto:    [session]            # several: crypto, media, app
//     app:       [{use: echo}, {use: ./mine.so, as: other-name}]
#include <argot/context.h>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace argot::kernel {

/// Where something was written: "local.yaml:12:5", or "--set transport.poll_interval" without a line.
struct Mark {
  std::string origin;
  int line = 0, column = 0;  ///< from 1; 0: none
  std::string text() const;
};

/// A value as written, before it is known what it should be.
struct RawOption {
  enum class Form { scalar, list, other, empty };
  std::string name;
  Form form = Form::scalar;
  std::string scalar;
  std::vector<std::string> items;
  std::string found;  ///< what it is, for messages: "\"fast\"", "a list", "a map"
  Mark at, value_at;
};

/// One plugin that the profile asks for.
struct PluginUse {
  std::string kind;
  std::string use;  ///< a name, or the path of a .so file
  std::string as;   ///< name of the instance; empty: the plugin's name
  std::vector<RawOption> options;
  Mark at;
  bool is_path() const { return use.find('/') != std::string::npos || use.ends_with(".so"); }
};

/// One thing that is wrong, as a sentence, and where.
struct Problem {
  Mark at;
  std::string sentence;
};

struct Profile {
  std::string origin;          ///< the file's name, for messages
  std::filesystem::path data;  ///< empty: nothing may be kept on disk
  bool lab = false;
  LogLevel log = LogLevel::info;
  std::vector<std::filesystem::path> plugin_path;
  int workers = 1;  ///< from 1 to 64; one kernel runs a profile as it is, whatever this says
  Mark workers_at;
  std::vector<PluginUse> plugins;  ///< in the order of the file
  std::vector<Problem> problems;   ///< what parsing found; check() and Kernel::start report them

  /// Reads a file. Throws Error(not_found, permission_denied) when it cannot be read; what is wrong in it is kept
  /// in `problems`. Without `data:` it is $XDG_DATA_HOME/argot or ~/.local/share/argot.
  static Profile load(const std::filesystem::path& file);
  /// The same from a text. Relative paths are relative to `base`; without `data:` nothing is kept on disk.
  static Profile parse(std::string_view text, std::string origin, std::filesystem::path base = {});

  /// Changes one value, as `--set` does; the value is written as in YAML. Keys:
  ///   data, lab, log, workers     transport=loopback         transport.poll_interval=100ms
  ///   app.echo.greeting=hi (by instance name where a kind has several)
  /// Throws Error(invalid_argument) when the key leads nowhere.
  void set(std::string_view assignment);
  /// The same for each line of $ARGOT_SET (lines may also be separated by ';').
  void set_from_environment();
};

/// The kinds a profile may name, in the order of starting; and whether several of a kind may be loaded.
const std::vector<std::string>& profile_kinds();
bool may_be_many(std::string_view kind);

/// One error of all problems: one line each, "file:line:column: sentence", at most 20.
Error error_of(const std::vector<Problem>& problems, const std::string& origin);

}  // namespace argot::kernel
