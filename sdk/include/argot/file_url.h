#pragma once
// The address of a file on a file server, as it stands in messages and profiles (client/attachments.md section 3):
//   http://filev2.getsession.org/file/ID#p=KEY&d
#include <argot/bytes.h>

#include <string>

namespace argot {

struct FileUrl {
  static constexpr std::size_t max_size = 1024;  ///< bytes of the whole text; longer ones are refused

  std::string scheme = "http";  ///< or https
  std::string host = {};        ///< lower case; an IPv6 address stands in brackets
  std::uint16_t port = 0;       ///< 0: the scheme's own
  std::string id = {};          ///< opaque: letters, digits and -_.=~
  /// `p`: the server's Ed25519 key as it is written, 64 hex digits if all is well; empty: the default server's.
  std::string server_key = {};
  bool stream = false;  ///< `d`: how the file is encrypted

  /// Members of the fragment that are not known are ignored, and so is one slash after the id.
  /// Throws Error(invalid_argument) that says what is wrong.
  ARGOT_API static FileUrl parse(std::string_view text);
  /// Shortest form: a scheme's own port is left out, `d` has no value.
  ARGOT_API std::string text() const;
  std::uint16_t effective_port() const { return port ? port : scheme == "https" ? 443 : 80; }
};

}  // namespace argot
