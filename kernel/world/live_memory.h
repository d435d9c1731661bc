#pragma once
namespace argot::kernel {

/// Gives back what only the start of a long-running process needed: free heap, and the pages of code that were read
/// once (the page cache keeps them; what is called again is mapped again at the cost of a soft page fault). Changes
/// nothing but the process's resident size. Call between two turns of the loop.
void let_go_of_start();

}  // namespace argot::kernel
