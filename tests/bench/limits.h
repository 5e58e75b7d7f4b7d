// What this machine can do at most, measured in the same run as everything else.
#pragma once

namespace fewer::bench {

struct Limits {
  double flops;      // fused multiply-adds count as two; all cores, widest vectors
  double copy_bytes; // per second, read and written, of arrays far larger than any cache
};
Limits measure_limits();

}  // namespace fewer::bench
