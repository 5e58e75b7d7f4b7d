// Which instruction set the kernels run on. Chosen once at start-up: the widest this processor has.
//
// The files in ops/kernels/isa/ are compiled once per instruction set, each time into a namespace of its own, and reached
// through a table of function pointers (ops/kernels/isa/table.h). Nothing else in the program needs special flags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ops/kernels/isa/table.h"

namespace fewer::kernels {

enum class Isa { kBaseline, kAvx2, kAvx512 };

Isa isa();
std::string isa_name();                    // "baseline", "avx2" or "avx512"
std::vector<std::string> available_isas();  // those this build and this processor have, narrowest first
// For the whole process; call it outside parallel work. Throws ErrorKind::kConfig, listing the available names, for any other name.
void set_isa(std::string_view name);

const KernelTable& kernel_table();  // of the chosen instruction set

}  // namespace fewer::kernels
