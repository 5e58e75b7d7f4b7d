#include "core/error.h"
#include "tests/fuzz/target.h"

namespace fewer::testing {

std::span<const FuzzTarget> fuzz_targets() {
  static const FuzzTarget targets[] = {idx_target(),    gzip_target(),        cifar_target(), csv_target(),
                                       config_target(), safetensors_target(), image_target()};
  return targets;
}

bool reads(const FuzzTarget& target, const std::string& bytes) {
  try {
    target.read(bytes);
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kOther) throw;
    return false;
  }
}

}  // namespace fewer::testing
