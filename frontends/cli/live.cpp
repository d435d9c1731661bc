#include "live.h"

#include "shard_thread.h"

#include <kernel/control/control.h>
#include <kernel/host/shards.h>
#include <kernel/messenger/messenger.h>
#include <kernel/world/live.h>
#include <kernel/world/live_memory.h>

#include <boost/asio/co_spawn.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace argot::cli {
namespace {

// Enough to make and list accounts; nothing leaves the process.
constexpr std::string_view offline_profile = R"(
log: warning
plugins:
  transport: loopback
  crypto: [session]
  storage: sqlite
)";

}  // namespace

int run_live(kernel::Profile profile, Main main, Control control) {
  std::vector<kernel::Profile> profiles;
  profiles.push_back(std::move(profile));
  return run_live(std::move(profiles), std::move(main), control);
}

namespace {

/// A profile that runs: its kernel, and those that share its work.
struct Member {
  std::unique_ptr<kernel::Kernel> kernel;
  std::vector<std::unique_ptr<ShardThread>> shards;
};

/// The first kernel stops last: the others still need it for what they have in hand.
Task<> stop_member(Member& member, std::exception_ptr& failure) {
  for (auto& shard : member.shards) {
    try {
      co_await shard->stop();
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  try {
    co_await member.kernel->stop();
  } catch (...) {
    if (!failure) failure = std::current_exception();
  }
}

}  // namespace

int run_live(std::vector<kernel::Profile> profiles, Main main, Control control) {
  kernel::LogOptions log;
  log.level = profiles.front().log;
  kernel::LiveWorld world(log);
  std::vector<Member> members;
  for (kernel::Profile& profile : profiles) {
    kernel::Catalog catalog = kernel::Catalog::standard(profile.plugin_path);
    std::vector<kernel::Profile> shards = kernel::shards_of(profile, catalog);
    Member& member = members.emplace_back();
    member.kernel = std::make_unique<kernel::Kernel>(world, std::move(shards.front()), std::move(catalog));
    kernel::add_messenger(member.kernel->host());
    if (control == Control::yes) kernel::add_control(member.kernel->host());
    for (std::size_t i = 1; i < shards.size(); ++i)
      member.shards.push_back(std::make_unique<ShardThread>(int(i) + 1, std::move(shards[i]), log, world.executor()));
  }
  std::exception_ptr failure;
  int code = 0;
  std::size_t living = members.size();
  const auto stop_all = [&](int with) {
    for (Member& member : members) member.kernel->request_stop(with);  // they end together
  };
  auto life = [&](Member* member) -> Task<> {
    try {
      co_await member->kernel->start();
      for (auto& shard : member->shards) {
        shard->on_end = [&] { stop_all(1); };
        co_await shard->start();
      }
      if (main) {
        code = co_await main(*member->kernel);
      } else {
        kernel::let_go_of_start();
        code = co_await member->kernel->wait_for_stop();
      }
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
    stop_all(code);
    co_await stop_member(*member, failure);
    if (--living == 0) world.stop();
  };
  world.on_stop_signal([&](int) { stop_all(130); });
  for (Member& member : members) asio::co_spawn(world.executor(), life(&member), [](std::exception_ptr) {});
  world.run();
  if (failure) std::rethrow_exception(failure);
  return code;
}

kernel::Profile profile_of(const std::string& file, const std::vector<std::string>& sets, Offline offline) {
  const auto usual = [] {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    const char* home = std::getenv("HOME");
    std::filesystem::path base = config ? config : std::filesystem::path(home ? home : "/") / ".config";
    return base / "argot" / "profile.yaml";
  }();
  kernel::Profile profile;
  if (!file.empty()) {
    profile = kernel::Profile::load(file);
  } else if (offline != Offline::built_in && std::filesystem::exists(usual)) {
    profile = kernel::Profile::load(usual);
  } else if (offline == Offline::refused) {
    throw Error(Code::not_found, "No profile says how to reach the network: " + usual.string() + " does not exist.",
                "Write one like config/local-client.yaml, or name one with --profile.");
  } else {
    profile = kernel::Profile::parse(offline_profile, "the built-in profile");
    const char* data = std::getenv("XDG_DATA_HOME");
    const char* home = std::getenv("HOME");
    profile.data =
        data ? std::filesystem::path(data) / "argot" : std::filesystem::path(home ? home : ".") / ".local/share/argot";
  }
  for (const std::string& assignment : sets) profile.set(assignment);
  return profile;
}

std::string read_secret_text(const std::string& file) {
  if (file.empty()) return {};
  std::string text;
  if (file == "-") {
    std::getline(std::cin, text);
  } else {
    std::ifstream in(file);
    if (!in) throw Error(Code::not_found, "The file " + file + " cannot be read.", "Check its name and permissions.");
    std::getline(in, text);
  }
  return text;
}

AccountId choose_account(Messenger& messenger, const std::string& named) {
  const auto accounts = messenger.accounts();
  if (!named.empty()) {
    // A beginning is enough where it is unique.
    std::vector<AccountId> fitting;
    for (const AccountInfo& a : accounts)
      if (a.id.text().starts_with(named)) fitting.push_back(a.id);
    if (fitting.size() == 1) return fitting[0];
    throw Error(Code::not_found,
                fitting.empty() ? "There is no account " + named + " here."
                                : "More than one account begins with " + named + ".",
                "`argot account list` shows them.");
  }
  if (accounts.size() == 1) return accounts[0].id;
  throw Error(Code::not_found, accounts.empty() ? "There is no account yet." : "There are several accounts.",
              accounts.empty() ? "Create one with `argot account new`." : "Say which with --account.");
}

}  // namespace argot::cli
