#pragma once
// Whether what a plugin says of itself makes sense.
#include <kernel/host/plugin_info.h>

#include <sdk/testing/report.h>

namespace argot::kernel {

void check_note(kit::Report& report, const PluginInfo& info);

}  // namespace argot::kernel
