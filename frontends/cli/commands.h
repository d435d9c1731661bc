#pragma once
// The verbs of the command line: each file adds its own to the program and runs when chosen.
#include <CLI/CLI.hpp>

namespace argot::cli {

struct Common {
  bool json = false;  ///< results as JSON, one object a line
  int exit_code = 0;
};

void add_demo(CLI::App& app, Common& common);
void add_devnet(CLI::App& app, Common& common);
void add_run(CLI::App& app, Common& common);
void add_account(CLI::App& app, Common& common);
void add_messages(CLI::App& app, Common& common);
void add_talk(CLI::App& app, Common& common);
void add_path(CLI::App& app, Common& common);
void add_plugin(CLI::App& app, Common& common);
void add_vectors(CLI::App& app, Common& common);
void add_completion(CLI::App& app, Common& common);

}  // namespace argot::cli
