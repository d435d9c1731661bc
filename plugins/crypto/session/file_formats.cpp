// What the three formats have in common.
#include "file_formats.h"

namespace argot::session {
namespace {

[[noreturn]] void changed(std::uint64_t announced) {
  throw Error(Code::invalid_argument,
              "The file has not the " + std::to_string(announced) + " bytes that it had at first: it was changed.",
              "Send it again once nothing writes to it.");
}

}  // namespace

void check_room(std::uint64_t so_far, std::uint64_t more, std::uint64_t announced) {
  if (more > announced - so_far) changed(announced);
}

void check_whole(std::uint64_t came, std::uint64_t announced) {
  if (came != announced) changed(announced);
}

void not_genuine() {
  throw Error(Code::unauthenticated, "The encrypted file does not open with its key: it was damaged or exchanged.",
              "Ask for it to be sent again.");
}

}  // namespace argot::session
