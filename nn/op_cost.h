// What an op has to do, by counting: the one place that knows. Layer table, profile and benchmarks ask here.
#pragma once

#include <cstdint>

#include "core/observer.h"

namespace fewer {

// The multiply-adds of products, convolutions and recurrences and of their gradients, as if each were done directly. 0 for all
// others, which nobody counts. One is two FLOP.
int64_t multiply_adds(const OpEvent& event);

// Bytes that must at least travel: every input read once and every output written once. An output that shares the storage of an
// input (a reshape) costs nothing.
int64_t bytes_moved(const OpEvent& event);

}  // namespace fewer
