#include "bench.h"

int main(int argc, char** argv) { return argot::kit::bench_main(argc, argv); }
