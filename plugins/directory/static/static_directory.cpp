#include "static_directory.h"

#include "node_line.h"

#include <fstream>

namespace argot::static_directory {

constexpr std::size_t max_file = 4 * 1024 * 1024;

Task<> StaticDirectory::start(Context& ctx) {
  const Settings& settings = ctx.settings();
  const auto lines = settings.has("nodes") ? settings.list("nodes") : std::vector<std::string>();
  const bool has_file = settings.has("file") && !settings.text("file").empty();
  if (lines.empty() == !has_file)
    throw Error(Code::invalid_argument,
                has_file ? "The directory \"" + ctx.name() + "\" has both the option nodes and the option file."
                         : "The directory \"" + ctx.name() + "\" names no service nodes.",
                "Give either nodes (a list of \"host:port ed25519hex\") or file (such lines in a file).");
  if (has_file) {
    file_ = settings.text("file");
    read_file();
    co_return;
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  // A line break inside an entry would shift the numbers in errors, and a # would hide half of it.
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find_first_of("\n#") != std::string::npos)
      throw Error(Code::invalid_argument,
                  "Entry " + std::to_string(i + 1) + " of the option nodes contains a line break or a #.");
  take(parse_node_lines(text, "the option nodes"));
}

Task<> StaticDirectory::refresh() {
  if (file_.empty()) co_return;
  try {
    read_file();
  } catch (const Error& error) {
    throw Error(Code::unavailable, error.what(), error.remedy());
  }
}

void StaticDirectory::read_file() {
  std::ifstream in(file_, std::ios::binary);
  if (!in)
    throw Error(Code::not_found, "The list of service nodes " + file_.string() + " cannot be read.",
                "Check the directory's option file.");
  std::string text(max_file + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > max_file)
    throw Error(Code::invalid_argument, "The list of service nodes " + file_.string() + " is larger than 4 MiB.");
  auto nodes = parse_node_lines(text, file_.string());
  if (nodes.empty())
    throw Error(Code::invalid_argument, "The list of service nodes " + file_.string() + " names no node.",
                "Write one line \"host:port ed25519hex\" for each node.");
  take(std::move(nodes));
}

void StaticDirectory::take(std::vector<ServiceNode> nodes) {
  if (nodes == nodes_) return;
  nodes_ = std::move(nodes);
  ++generation_;
}

}  // namespace argot::static_directory
