#include "report.h"

#include <algorithm>

namespace argot::kit {

bool Report::holds() const {
  return !checks.empty() && std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.holds; });
}

void Report::add(std::string name, bool holds, std::string detail) {
  checks.push_back({std::move(name), holds, std::move(detail)});
}

std::vector<std::string> Report::failing() const {
  std::vector<std::string> out;
  for (const Check& check : checks)
    if (!check.holds) out.push_back(check.name);
  return out;
}

std::string Report::table() const {
  std::string out = subject.empty() ? "" : subject + "\n";
  for (const Check& check : checks) {
    out += check.holds ? "  holds  " : "  FAILS  ";
    out += check.name;
    if (!check.detail.empty()) out += (check.holds ? "  (" : "\n         ") + check.detail + (check.holds ? ")" : "");
    out += "\n";
  }
  const auto bad = failing().size();
  out += bad ? std::to_string(bad) + " of " + std::to_string(checks.size()) + " promises do not hold.\n"
             : "All " + std::to_string(checks.size()) + " promises hold.\n";
  return out;
}

bool Finding::expect(bool holds, std::string_view expectation) {
  if (!holds && detail_.empty()) detail_ = "expected " + std::string(expectation);
  return holds;
}

void Finding::broken_by(std::exception_ptr failure) {
  if (detail_.empty()) detail_ = "ended by: " + to_error(failure).sentence();
}

}  // namespace argot::kit
