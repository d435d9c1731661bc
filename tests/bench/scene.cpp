#include "scene.h"

#include "bench.h"

namespace argot::bench {

std::shared_ptr<const kernel::Catalog> plugins() {
  static const auto catalog = std::make_shared<const kernel::Catalog>(kernel::Catalog::standard());
  return catalog;
}

Client::Client(Stage& stage, const std::string& storage, std::filesystem::path data,
               std::function<void(kernel::Kernel&)> before_account, const std::string& way)
    : stage_(stage) {
  const std::string keys = storage == "memory" ? "memory" : "disk";
  kernel::Profile profile = kernel::Profile::parse(
      "plugins:\n  messenger: {keys: " + keys + "}\n" + way + "  crypto: [session]\n  storage: " + storage + "\n",
      "bench.yaml");
  profile.data = std::move(data);
  kernel_ = std::make_unique<kernel::Kernel>(stage.world, std::move(profile), plugins());
  kernel::add_messenger(kernel_->host());
  stage_.run(kernel_->start());
  if (before_account) before_account(*kernel_);
  auto messenger = this->messenger();
  std::string phrase;
  id_ = stage_.run(messenger->create_account({}, &phrase)).id;
}

Client::~Client() {
  try {
    stage_.run(kernel_->stop());
  } catch (...) {
    std::fprintf(stderr, "A kernel did not stop cleanly: %s\n", to_error(std::current_exception()).sentence().c_str());
  }
}

}  // namespace argot::bench
