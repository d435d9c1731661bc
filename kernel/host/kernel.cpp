#include <kernel/host/kernel.h>

namespace argot::kernel {

Kernel::Kernel(World& world, Profile profile, std::shared_ptr<const Catalog> catalog)
    : host_(world, std::move(profile), std::move(catalog)) {
  host_.on_stop_request = [this](int code) { request_stop(code); };
}

Kernel::Kernel(World& world, Profile profile, Catalog catalog)
    : Kernel(world, std::move(profile), std::make_shared<const Catalog>(std::move(catalog))) {}

Kernel::~Kernel() { stop_asked_.abandon(); }

Task<> Kernel::start() { return host_.start(); }
Task<> Kernel::stop() { return host_.stop(); }

Task<int> Kernel::wait_for_stop() {
  Gate gate = stop_asked_;
  co_await gate.wait();
  if (!gate.is_open()) throw Error(Code::cancelled, "Nobody waits for the kernel's end any more.");
  co_return exit_code_.value_or(0);
}

void Kernel::request_stop(int code) {
  if (!exit_code_) exit_code_ = code;
  stop_asked_.open();
}

}  // namespace argot::kernel
