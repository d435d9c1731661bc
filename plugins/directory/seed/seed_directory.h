// The nodes that seeds name: asked at start and every two hours, and kept in a file for when none answers.
#pragma once
#include "seed_address.h"
#include "seed_reply.h"

#include <argot/directory.h>
#include <argot/doorbell.h>
#include <argot/http.h>
#include <argot/plugin.h>

#include <boost/asio/cancellation_signal.hpp>

#include <filesystem>

namespace argot::seed_directory {

class SeedDirectory final : public PluginOf<Directory> {
 public:
  /// Returns at once; the list of last time is there, a new one comes in the background.
  Task<> start(Context& ctx) override;
  Task<> stop() override;
  const std::vector<ServiceNode>& nodes() const override { return nodes_; }
  std::uint64_t generation() const override { return generation_; }
  /// Asks seeds in random order, the next one when one fails or has not answered within a second; the first list that
  /// can be right is taken. Throws Error(unavailable) that names what each said when all fail; the old list stays, also
  /// when a seed that is just starting names no node yet. Calls at the same time share one round of questions.
  Task<> refresh() override;
  /// Seeds are then asked an interval later. A list that is shorter than `least_nodes` is not taken.
  void offer(std::vector<ServiceNode> nodes) override;

 private:
  struct Round;
  struct Race;
  Task<> run_round(std::shared_ptr<Round> round);
  Task<> ask_all(std::shared_ptr<Round> round);
  Task<> run_race(std::shared_ptr<Race> race);
  Task<> ask_in(std::shared_ptr<Race> race, Seed seed);
  Task<NodeList> ask(Seed seed);
  Task<> keep_fresh();
  Task<> ask_again_and_again();
  void task_over();
  void take(NodeList list);
  void read_file();
  void write_file(const NodeList& list);

  Context* ctx_ = nullptr;
  std::vector<Seed> seeds_;
  std::optional<http::Client> tls_, plain_;
  Duration every_{}, due_{};  // due_: uptime when the seeds are asked again
  std::size_t least_ = 1;
  std::filesystem::path file_;
  std::vector<ServiceNode> nodes_;
  std::uint64_t generation_ = 0;
  std::optional<std::int64_t> fetched_ms_;
  std::shared_ptr<Round> round_;
  std::unique_ptr<Doorbell> bell_, idle_;
  std::shared_ptr<asio::cancellation_signal> cancel_ = std::make_shared<asio::cancellation_signal>();
  std::size_t tasks_ = 0;  // of ours
  bool stopping_ = false;
};

}  // namespace argot::seed_directory
