#pragma once
// The messenger: a component of the kernel that stands on whatever transport, suites and storage are loaded.
#include <argot/messenger.h>
#include <argot/plugin.h>

namespace argot::kernel {

/// How the host tells that a service is about to be exchanged: `rebind` runs before the new instance is bound, may
/// wait, and vetoes the swap by throwing; an empty one takes back the one before. Same shape as Host::on_swap.
using OnSwap =
    std::function<void(std::string_view interface_id, std::function<Task<>(Slot& slot, Instance& next)> rebind)>;

extern const Descriptor messenger_descriptor;

/// Options: `unlock` (unlock accounts without a passphrase at start), `keys` (disk or memory).
std::unique_ptr<Plugin> make_messenger(OnSwap on_swap);

class Host;
/// Makes the messenger a component of this kernel; it joins when transport, suite and storage are loaded.
void add_messenger(Host& host);

}  // namespace argot::kernel
