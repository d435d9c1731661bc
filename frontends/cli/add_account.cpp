// argot account new|restore|list|phrase
#include "commands.h"
#include "live.h"

#include <fmt/format.h>

namespace argot::cli {
namespace {

namespace json = boost::json;

struct AccountOptions {
  std::string profile, passphrase_file, phrase_file, account;
  std::vector<std::string> sets;
};

void print_account(const Common& common, const AccountInfo& account, const std::string& phrase) {
  if (common.json) {
    json::object out{{"id", account.id.text()}, {"unlocked", account.unlocked}};
    if (!phrase.empty()) out["phrase"] = phrase;
    fmt::print("{}\n", json::serialize(out));
    return;
  }
  fmt::print("{}{}\n", account.id.text(), account.unlocked ? "" : "  (locked)");
  if (!phrase.empty())
    fmt::print(
        "\n  {}\n\nThese 13 words are the account. Whoever has them is you; without them a lost device is a lost "
        "account.\n"
        "Write them down now.\n",
        phrase);
}

Task<int> create(kernel::Kernel& kernel, const AccountOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  std::string phrase;
  std::string passphrase = read_secret_text(options.passphrase_file);
  const AccountInfo account = co_await messenger->create_account(std::move(passphrase), &phrase);
  print_account(common, account, phrase);
  co_return 0;
}

Task<int> restore(kernel::Kernel& kernel, const AccountOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  std::string phrase = read_secret_text(options.phrase_file), passphrase = read_secret_text(options.passphrase_file);
  const AccountInfo account = co_await messenger->restore_account(std::move(phrase), std::move(passphrase));
  print_account(common, account, {});
  co_return 0;
}

Task<int> list(kernel::Kernel& kernel, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const auto accounts = messenger->accounts();
  for (const AccountInfo& account : accounts) print_account(common, account, {});
  if (accounts.empty() && !common.json) fmt::print("No account yet. `argot account new` makes one.\n");
  co_return 0;
}

Task<int> show_phrase(kernel::Kernel& kernel, const AccountOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId id = choose_account(*messenger, options.account);
  std::string passphrase = read_secret_text(options.passphrase_file);
  const AccountInfo account = co_await messenger->unlock(id, std::move(passphrase));
  print_account(common, account, messenger->recovery_phrase(id));
  co_return 0;
}

}  // namespace

void add_account(CLI::App& app, Common& common) {
  auto* verb = app.add_subcommand("account", "create, restore and list accounts");
  verb->require_subcommand(1);
  auto o = std::make_shared<AccountOptions>();
  verb->add_option("-p,--profile", o->profile, "profile file");
  verb->add_option("--set", o->sets, "change a value of the profile")->allow_extra_args(false);
  verb->add_option("--passphrase-file", o->passphrase_file,
                   "file with the passphrase (-: standard input); none: no passphrase");
  verb->fallthrough();
  auto run = [o, &common](Main main) {
    common.exit_code = run_live(profile_of(o->profile, o->sets, Offline::will_do), std::move(main));
  };

  verb->add_subcommand("new", "make an account and show its recovery phrase once")->callback([=, &common] {
    run([o, &common](kernel::Kernel& k) { return create(k, *o, common); });
  });
  auto* restoring = verb->add_subcommand("restore", "bring an account back from its 13 words");
  restoring->add_option("--phrase-file", o->phrase_file, "file with the words (-: standard input)")->default_val("-");
  restoring->callback([=, &common] { run([o, &common](kernel::Kernel& k) { return restore(k, *o, common); }); });
  verb->add_subcommand("list", "the accounts that are here")->callback([=, &common] {
    run([&common](kernel::Kernel& k) { return list(k, common); });
  });
  auto* phrase = verb->add_subcommand("phrase", "show an account's recovery phrase");
  phrase->add_option("--account", o->account, "account ID or its beginning");
  phrase->callback([=, &common] { run([o, &common](kernel::Kernel& k) { return show_phrase(k, *o, common); }); });
}

}  // namespace argot::cli
