#include <kernel/check/check.h>
#include <kernel/check/note_check.h>
#include <kernel/check/sim_harness.h>
#include <kernel/host/note_reader.h>

#include <sdk/testing/lifecycle_kit.h>
#include <sdk/testing/storage_kit.h>
#include <sdk/testing/suite_kit.h>
#include <sdk/testing/transport_kit.h>

#include <fmt/format.h>

#include <unistd.h>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

/// The storage kit is one coroutine; it runs in kernel 2 and examines the storage of kernel 0, which can so be crashed.
kit::Report check_storage_kind(const kit::MakeHarness& make, const SimHarness::Plan& plan, std::uint64_t seed) {
  const std::unique_ptr<kit::Harness> harness = make(seed);
  struct Crash {
    bool wanted = false;
  } crash;
  kit::StorageUnderTest subject(
      [&harness]() -> Storage& {
        Slot* slot = harness->slot(0, Storage::interface_id);
        if (!slot || !slot->current)
          throw Error(Code::not_found, "The plugin does not answer for the interface of its kind, storage/1.");
        return *static_cast<Storage*>(slot->current->object);
      },
      plan.scratch / "kit");
  Context& ctx = harness->context(2);
  subject.crash = [&crash, &ctx]() -> Task<> {
    crash.wanted = true;
    while (crash.wanted) co_await ctx.sleep(std::chrono::milliseconds(1));
  };
  subject.name = plan.subject.info.title();
  kit::Report report;
  auto task = [](Context& c, kit::StorageUnderTest s, kit::Report& out) -> Task<> {
    out = co_await kit::check_storage(c, std::move(s));
  };
  const auto running = harness->begin(2, task(ctx, std::move(subject), report));
  while (!running->done()) {
    if (!harness->step_until([&] { return running->done() || crash.wanted; }, std::chrono::hours(24)))
      throw Error(Code::timeout, "The storage kit did not come to its end: the storage never answers.");
    if (!crash.wanted) continue;
    harness->kill(0);
    harness->start(0);
    crash.wanted = false;
  }
  if (running->failure()) std::rethrow_exception(running->failure());
  return report;
}

/// Something for a transport to do.
void exchange_mail(kit::Harness& harness) {
  const auto alice = kit::person(0), bob = kit::person(1);
  const Mailbox inbox{bob->id(), 0};
  const Bytes envelope = kit::noise("mail", 500);
  auto store = [](kit::Harness& h, Mailbox to, const Bytes& bytes) -> Task<> {
    const auto lease = h.lease<Transport>(0);
    StoreRequest request(to, bytes, std::chrono::hours(1));
    co_await lease->store(std::move(request));
  };
  auto receive = [](kit::Harness& h, Mailbox from, const Identity* owner) -> Task<> {
    const auto lease = h.lease<Transport>(1);
    ReceiveRequest request(from, owner);
    co_await lease->receive(std::move(request));
  };
  harness.run(0, store(harness, inbox, envelope));
  harness.run(1, receive(harness, inbox, bob.get()));
}

/// Removed at the end, with everything in it.
struct Scratch {
  fs::path path = fs::temp_directory_path() / fmt::format("argot-check-{}", ::getpid());
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

/// Around a build's or an installation's own plugins: PLUGINS/KIND/NAME.so.
std::vector<fs::path> directories_around(const fs::path& file, const PluginInfo& info) {
  const fs::path folder = fs::absolute(file).parent_path();
  if (folder.filename() == info.kind || folder.parent_path().filename() == "plugins") return {folder.parent_path()};
  return {};
}

}  // namespace

kit::Report check_plugin(const fs::path& file, const CheckOptions& options) {
  const CatalogEntry subject = Catalog::read(file);
  if (subject.refusal) throw *subject.refusal;
  kit::Report report;
  report.subject = subject.info.title() + ": " + subject.info.summary;
  check_note(report, subject.info);
  if (!report.holds()) return report;

  std::vector<fs::path> directories = Catalog::standard_directories(options.plugin_path);
  for (fs::path& more : directories_around(file, subject.info)) {
    const bool known = std::any_of(directories.begin(), directories.end(), [&](const fs::path& d) {
      std::error_code failure;
      return fs::equivalent(d, more, failure);
    });
    if (!known) directories.push_back(std::move(more));
  }
  const auto catalog = std::make_shared<const Catalog>(std::move(directories));
  const fs::path beside = options.surroundings.empty() ? Surroundings::beside(file) : options.surroundings;
  const Scratch scratch;
  const SimHarness::Plan plan{
      catalog, subject,
      beside.empty() ? Surroundings::standard(subject, *catalog) : Surroundings::read(beside, subject), scratch.path};
  const kit::MakeHarness make = [&plan](std::uint64_t seed) -> std::unique_ptr<kit::Harness> {
    return std::make_unique<SimHarness>(plan, seed);
  };

  kit::LifecycleKitOptions lifecycle;
  lifecycle.seed = options.seed;
  if (subject.info.kind == Transport::kind) lifecycle.work = exchange_mail;
  append(report, kit::check_lifecycle(make, std::move(lifecycle)));
  if (!report.holds() && report.checks.back().name == "it loads and starts")
    return report;  // nothing more can be tried

  if (subject.info.kind == Suite::kind) {
    kit::SuiteKitOptions suite;
    suite.seed = options.seed;
    append(report, kit::check_suite(make, suite));
  } else if (subject.info.kind == Transport::kind) {
    kit::TransportKitOptions transport;
    transport.seed = options.seed;
    transport.envelopes = options.envelopes;
    append(report, kit::check_transport(make, transport));
  } else if (subject.info.kind == Storage::kind) {
    append(report, check_storage_kind(make, plan, options.seed));
  }
  return report;
}

}  // namespace argot::kernel
