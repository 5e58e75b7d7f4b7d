// The table of this instruction set: what isa.cpp picks among.
#include "ops/kernels/isa/kernels.h"
#include "ops/kernels/isa/vec.h"

namespace fewer::kernels::FEWER_ISA {

#define FEWER_STRING(name) #name
#define FEWER_NAME(name) FEWER_STRING(name)

extern const KernelTable kTable;
const KernelTable kTable = {
    .name = FEWER_NAME(FEWER_ISA),
    .tile_rows = kTileRows,
    .float_lanes = kLanes<float>,
    .float_columns = kTileVectors * kLanes<float>,
    .double_lanes = kLanes<double>,
    .double_columns = kTileVectors * kLanes<double>,
    .strip_product_float = strip_product,
    .strip_product_double = strip_product,
    .depthwise_float = depthwise,
    .depthwise_double = depthwise,
    .depthwise_weight_float = depthwise_weight,
    .depthwise_weight_double = depthwise_weight,
    .add_float = add_to,
    .add_double = add_to,
    .add_rows_float = add_rows,
    .add_rows_double = add_rows,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
    .winograd_output_adjoint = winograd_output_adjoint,
    .winograd_filter = winograd_filter,
    .winograd_filter_adjoint = winograd_filter_adjoint,
};

}  // namespace fewer::kernels::FEWER_ISA
