#include "nn/networks.h"

#include "core/error.h"

namespace fewer {

Layer build_network(const NetworkConfig& config, const Shape& input, int64_t classes, const Rng& rng) {
  if (classes < 0) fail_config("build_network: expected a number of classes, or 0 for an embedding, got ", classes);
  return std::visit([&](const auto& network) { return network.build({input, classes, rng}); }, config);
}

std::vector<std::string> default_taps(const NetworkConfig& config) {
  return std::visit([](const auto& network) { return network.default_taps(); }, config);
}

}  // namespace fewer
