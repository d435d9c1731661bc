#pragma once
// What to say about a command line that makes no sense: what was found, what was meant, where to look.
#include <CLI/CLI.hpp>

#include <argot/error.h>

namespace argot::cli {

/// `app` has just failed to parse with `error`, which is no request for help.
Error mistyped(const CLI::App& app, const CLI::ParseError& error);

}  // namespace argot::cli
