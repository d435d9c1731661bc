#pragma once
// Visibility: what the SDK's shared library exports to plugins and to the kernel.
#define ARGOT_API __attribute__((visibility("default")))
