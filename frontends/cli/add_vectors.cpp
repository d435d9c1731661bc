// argot vectors FILE.json…: protocol cases against the plugins that are installed.
#include "commands.h"

#include <kernel/host/catalog.h>
#include <kernel/host/library.h>

#include <argot/vectors.h>
#include <fmt/format.h>

#include <fstream>

namespace argot::cli {
namespace {

namespace json = boost::json;

struct Tally {
  std::size_t passed = 0, failed = 0, not_covered = 0;
};

json::value read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw Error(Code::not_found, "The file " + file + " cannot be read.",
                "Name a file like tests/vectors/client.json.");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  boost::system::error_code failure;
  json::value value = json::parse(text, failure);
  if (failure)
    throw Error(Code::invalid_argument, file + " is not JSON: " + failure.message() + ".", "Name a file of cases.");
  return value;
}

void run(const std::vector<std::string>& files, bool verbose, Common& common) {
  std::vector<kernel::PluginPtr> plugins;  // before the pointers into them
  std::vector<const Vectors*> runners{&sdk_vectors()};
  const kernel::Catalog catalog = kernel::Catalog::standard();
  for (const auto& entry : catalog.entries()) {
    if (entry.refusal || entry.file.string().find("/fixtures/") != std::string::npos) continue;
    auto plugin = kernel::Library::load(entry.file, entry.info)->create();
    if (auto* vectors = static_cast<Vectors*>(plugin->interface(Vectors::interface_id))) {
      runners.push_back(vectors);
      plugins.push_back(std::move(plugin));
    }
  }
  Tally total;
  for (const std::string& file : files) {
    const json::value value = read(file);
    const json::array* cases = nullptr;
    if (value.is_object())
      if (const auto* list = value.as_object().if_contains("vectors")) cases = list->if_array();
    if (!cases)
      throw Error(Code::invalid_argument, file + " has no list \"vectors\".",
                  "Name a file like tests/vectors/client.json.");
    std::map<std::string, Tally> by_category;
    for (const json::value& item : *cases) {
      const json::object* object = item.if_object();
      const auto* category = object ? object->if_contains("category") : nullptr;
      const auto* inputs = object ? object->if_contains("inputs") : nullptr;
      const auto* expected = object ? object->if_contains("expected") : nullptr;
      if (!category || !category->is_string() || !inputs || !inputs->is_object() || !expected || !expected->is_object())
        throw Error(Code::invalid_argument, file + " holds a case without category, inputs or expected.");
      const std::string name(category->as_string());
      Tally& tally = by_category[name];
      std::optional<VectorResult> result;
      for (const Vectors* runner : runners)
        if ((result = runner->run(name, inputs->as_object(), expected->as_object()))) break;
      if (!result)
        ++tally.not_covered;
      else
        ++(result->passed ? tally.passed : tally.failed);
      const auto* id = object->if_contains("id");
      const std::string label = id && id->is_string() ? std::string(id->as_string()) : name;
      if (result && !result->passed && !common.json) fmt::print("FAILED {}: {}\n", label, result->why);
      if (!result && verbose && !common.json) fmt::print("not covered {}\n", label);
    }
    for (const auto& [name, tally] : by_category) {
      if (common.json)
        fmt::print("{}\n", json::serialize(json::object{{"file", file},
                                                        {"category", name},
                                                        {"passed", tally.passed},
                                                        {"failed", tally.failed},
                                                        {"not_covered", tally.not_covered}}));
      else
        fmt::print("{:<32} {:>4} passed {:>4} failed {:>4} not covered\n", name, tally.passed, tally.failed,
                   tally.not_covered);
      total.passed += tally.passed;
      total.failed += tally.failed;
      total.not_covered += tally.not_covered;
    }
  }
  if (!common.json)
    fmt::print("{:<32} {:>4} passed {:>4} failed {:>4} not covered\n", "all", total.passed, total.failed,
               total.not_covered);
  if (total.failed) common.exit_code = 1;
}

}  // namespace

void add_vectors(CLI::App& app, Common& common) {
  auto* verb = app.add_subcommand("vectors", "run protocol cases against the plugins and count what passes");
  auto files = std::make_shared<std::vector<std::string>>();
  auto verbose = std::make_shared<bool>(false);
  verb->add_option("FILE", *files, "files of cases, like tests/vectors/client.json")->required();
  verb->add_flag("-v,--verbose", *verbose, "name the cases that nothing covers");
  verb->callback([files, verbose, &common] { run(*files, *verbose, common); });
}

}  // namespace argot::cli
