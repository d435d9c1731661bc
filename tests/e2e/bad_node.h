#pragma once
// A server that behaves as no service node should: enough TLS and HTTP to be asked, and then trouble.
#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace argot::e2e {

enum class Fault {
  hang_up,          ///< takes the connection and drops it
  mute,             ///< takes the connection and says nothing, not even TLS
  refuse,           ///< 503 to every call
  not_json,         ///< 200 with words
  stall_half_way,   ///< half of an answer, and never the rest
  rubbish,          ///< ten megabytes that are not HTTP
  rubbish_body,     ///< 200 with a body of ten megabytes and one
  endless_header,   ///< a header that never ends
  lie_about_store,  ///< says that it stored something else
  lie_about_inbox,  ///< delivers an envelope under a hash that it does not have
};

/// Listens on loopback until destroyed. Claims to be the node of an arbitrary key.
class BadNode {
 public:
  explicit BadNode(Fault fault);
  ~BadNode();
  BadNode(const BadNode&) = delete;

  /// What a list of nodes says of it.
  const std::string& line() const { return line_; }
  const std::string& address() const { return address_; }
  /// Connections that were taken so far.
  int visits() const { return visits_; }

 private:
  void listen_for_ever();
  void serve(int socket);
  std::string answer_to(const std::string& method) const;

  const Fault fault_;
  int listener_ = -1;
  std::string key_hex_, address_, line_;
  std::uint16_t port_ = 0;
  std::atomic<int> visits_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::set<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace argot::e2e
