// Storage RPC through three nodes (client/onion.md): the first sees who asks, the last what is asked, none both.
#pragma once
#include "guard_file.h"
#include "node_caller.h"
#include "node_pool.h"
#include "ongoing.h"
#include "path_book.h"
#include "server_caller.h"

#include <argot/doorbell.h>
#include <argot/http.h>
#include <argot/onion.h>

#include <boost/asio/cancellation_signal.hpp>

namespace argot::swarm {

class OnionCaller final : public NodeCaller, public ServerCaller {
 public:
  /// `pool` must outlive it. `rotate`: how long paths keep their hops, about; 0: until they fail.
  OnionCaller(Context& ctx, Handle<Network> network, NodePool& pool, GuardFile guards, Duration timeout,
              Duration rotate);

  /// Takes another path when one fails, at most three; a node that does not answer is asked once, because nobody knows
  /// whether it or the path is to blame: the path is tested afterwards.
  Task<Reply> call(ServiceNode node, std::string method, boost::json::object params, Duration held = {}) override;
  /// The same for a server: the last hop speaks to it. It has half a minute.
  Task<onion::ServerReply> ask(ServerCall call) override;
  bool hides_us() const override { return true; }
  bool knows_us(const ServiceNode& node) const override { return book_.knows_us(node.ed25519); }
  Task<> close() override;

  std::vector<PathView> paths() const { return book_.view(); }
  /// Returns when a path has answered. Throws Error.
  Task<> build_path();

 private:
  struct Attempt {
    std::optional<Reply> reply;
    std::optional<onion::ServerReply> server_reply;
    std::optional<Error> failure;
    bool again = false;  ///< another path may work
  };
  Task<> learn();
  /// What comes back when an onion is given to the guard; none, and why, when it did not carry it.
  struct Carried {
    std::optional<http::Response> response;
    Attempt attempt;
  };
  Task<Carried> carry(PathPtr path, http::Request request, bool patient, std::string whither);
  Task<Attempt> send(PathPtr path, ServiceNode node, std::string rpc, Duration held);
  Task<Attempt> send_to_server(PathPtr path, std::shared_ptr<const ServerCall> call,
                               std::shared_ptr<const std::string> text);
  Attempt read_server(const PathPtr& path, const std::string& server, const http::Response& response);
  /// The same for an answer that has come.
  Attempt read(const PathPtr& path, const ServiceNode& node, const http::Response& response,
               std::optional<onion::NodeReply> opened);
  Attempt fail(const PathPtr& path, Fault fault, Error error);
  void answered(const PathPtr& path);
  void keep_guards();
  void test_paths();
  Task<> run_tests();
  Task<> test_doubtful();
  Task<> keep_rotating();
  Task<> rotate_until_closed();
  Task<> rotate_paths();

  Context& ctx_;
  NodePool& pool_;
  GuardFile file_;
  std::vector<Fixed<32>> kept_;  // what the file has
  PathBook book_;
  Ongoing ongoing_;
  std::optional<http::Client> quick_, patient_;  // none once it is closed
  std::string seen_;                             // which list of nodes the book has
  const Duration rotate_;
  bool testing_ = false, rotating_ = false, closed_ = false;
  Doorbell tests_over_, rotation_;
  std::shared_ptr<asio::cancellation_signal> cancel_tests_ = std::make_shared<asio::cancellation_signal>();
};

}  // namespace argot::swarm
