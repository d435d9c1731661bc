#pragma once
// What a conformance kit found: one line per promise.
#include <argot/error.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace argot::kit {

struct Check {
  std::string name;  ///< the promise, as a sentence
  bool holds = false;
  std::string detail;  ///< what was found, when it does not hold; a measure or a remark otherwise
};

struct Report {
  std::string subject;  ///< what was examined, e.g. "storage/sqlite 1.0.0"
  std::vector<Check> checks;

  bool holds() const;  ///< every check does, and there is one
  void add(std::string name, bool holds, std::string detail = {});
  std::vector<std::string> failing() const;  ///< names
  /// A table for people, one line per check and a summary as the last line.
  std::string table() const;
};

/// One check in progress: expectations collect into it, and the first that fails is its detail.
class Finding {
 public:
  /// "expected ...: EXPECTATION". Returns `holds`, so that a check can end early.
  bool expect(bool holds, std::string_view expectation);
  bool holds() const { return detail_.empty(); }
  const std::string& detail() const { return detail_; }
  /// The check could not be carried through.
  void broken_by(std::exception_ptr failure);

 private:
  std::string detail_;
};

/// Expects that `run` throws Error with this code.
template <class Run> void expect_error(Finding& finding, Code code, std::string_view what, Run run) {
  std::string found = "nothing was thrown";
  try {
    run();
  } catch (const Error& error) {
    if (error.code() == code) {
      finding.expect(!std::string_view(error.what()).empty(), "an error that says what happened");
      return;
    }
    found = std::string("found ").append(name_of(error.code()));
  } catch (...) {
    found = "found an exception that is no Error";
  }
  std::string expectation(what);
  expectation.append(": Error(").append(name_of(code)).append("), ").append(found);
  finding.expect(false, expectation);
}

}  // namespace argot::kit
