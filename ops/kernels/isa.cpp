#include "ops/kernels/isa.h"

#include "core/error.h"

namespace fewer::kernels {

namespace baseline {
extern const KernelTable kTable;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelTable kTable;
}
namespace avx512 {
extern const KernelTable kTable;
}
#endif

namespace {

struct Choice {
  Isa isa;
  const KernelTable* table;
};

// Those this processor has, narrowest first.
std::vector<Choice> choices() {
  std::vector<Choice> found = {{Isa::kBaseline, &baseline::kTable}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    found.push_back({Isa::kAvx2, &avx2::kTable});
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
      found.push_back({Isa::kAvx512, &avx512::kTable});
  }
#endif
  return found;
}

Choice& chosen() {
  static Choice choice = choices().back();
  return choice;
}

}  // namespace

Isa isa() { return chosen().isa; }
std::string isa_name() { return chosen().table->name; }
const KernelTable& kernel_table() { return *chosen().table; }

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (const Choice& choice : choices()) names.push_back(choice.table->name);
  return names;
}

void set_isa(std::string_view name) {
  std::string list;
  for (const Choice& choice : choices()) {
    if (name == choice.table->name) {
      chosen() = choice;
      return;
    }
    list += (list.empty() ? "" : ", ") + std::string(choice.table->name);
  }
  fail_config("isa: expected one of ", list, " (what this build and this processor have), got \"", name, "\"");
}

}  // namespace fewer::kernels
