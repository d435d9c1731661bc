#include <kernel/host/host.h>
#include <kernel/messenger/messenger.h>

namespace argot::kernel {

void add_messenger(Host& host) {
  host.add_builtin(messenger_descriptor, [](Host& home) {
    return make_messenger([&home](std::string_view interface_id, std::function<Task<>(Slot&, Instance&)> rebind) {
      home.on_swap(std::string(interface_id), std::move(rebind));
    });
  });
}

}  // namespace argot::kernel
