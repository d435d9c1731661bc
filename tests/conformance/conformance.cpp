// argot_conformance FILE.so [CHECK...]: what `argot plugin check` does, as a test. Without CHECKs every promise must
// hold; with them exactly these must be found broken.
#include <kernel/check/check.h>

#include <argot/error.h>

#include <algorithm>
#include <iostream>
#include <set>

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "argot_conformance FILE.so [CHECK...]\n";
    return 2;
  }
  try {
    const argot::kit::Report report = argot::kernel::check_plugin(arguments[1]);
    std::cout << report.table();
    const std::set<std::string> expected(arguments + 2, arguments + count);
    const std::vector<std::string> failing = report.failing();
    const std::set<std::string> found(failing.begin(), failing.end());
    for (const std::string& name : expected)
      if (!found.contains(name)) std::cout << "Not found, although it is broken: " << name << "\n";
    for (const std::string& name : found)
      if (!expected.contains(name)) std::cout << "Found, although it is not broken: " << name << "\n";
    return !report.checks.empty() && found == expected ? 0 : 1;
  } catch (const argot::Error& error) {
    std::cerr << error.sentence() << "\n";
    return 2;
  }
}
