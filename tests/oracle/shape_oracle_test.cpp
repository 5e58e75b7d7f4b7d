#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/oracle/draw.h"
#include "tests/support/requirements.h"
#include "tests/support/torch_oracle.h"

namespace fewer::testing {
namespace {

using List = std::vector<int64_t>;

List list(const Shape& shape) { return {shape.begin(), shape.end()}; }

void ask_moves(TorchOracle& oracle, Draw& draw) {
  const Shape shape = draw.shape(2, 4);
  const int rank = shape.rank();
  const Shape rows{shape.numel() / shape[0], shape[0]};
  oracle.ask("reshape", {{"shape", list(rows)}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{reshape(in[0], rows)}; });
  const int axis = static_cast<int>(draw.between(0, rank - 1)), other = static_cast<int>(draw.between(-rank, -1));
  oracle.ask("flatten", {{"from_axis", axis}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{flatten(in[0], axis)}; });
  oracle.ask("transpose", {{"axis_a", axis}, {"axis_b", other}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{transpose(in[0], axis, other)}; });
  const List order = draw.permutation(rank);
  oracle.ask("permute", {{"order", order}}, {draw.normal(shape)},
             [order = std::vector<int>(order.begin(), order.end())](const Tensors& in) {
               return Tensors{permute(in[0], order)};
             });
  oracle.ask("reverse", {{"axis", other}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{reverse(in[0], other)}; });
  const int64_t begin = draw.between(0, shape[axis] - 1), end = draw.between(begin + 1, shape[axis]),
                step = draw.between(1, 3);
  oracle.ask("slice", {{"axis", axis}, {"begin", begin}, {"end", end}, {"step", step}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{slice(in[0], axis, begin, end, step)}; });
  const int64_t size = begin + step * (shape[axis] - 1) + draw.between(1, 3);
  oracle.ask("unslice", {{"axis", axis}, {"begin", begin}, {"size", size}, {"step", step}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{unslice(in[0], axis, begin, size, step)}; });
}

void ask_joins(TorchOracle& oracle, Draw& draw) {
  const Shape shape = draw.shape(1, 3);
  const int axis = static_cast<int>(draw.between(0, shape.rank() - 1));
  const auto sized = [&](int64_t size) { return draw.normal(shape.with(axis, size)); };
  oracle.ask("concat", {{"axis", axis}}, {sized(draw.between(1, 3)), sized(draw.between(1, 3)), sized(2)},
             [=](const Tensors& in) { return Tensors{concat(in, axis)}; });
  oracle.ask("stack", {{"axis", axis}}, {draw.normal(shape), draw.normal(shape), draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{stack(in, axis)}; });
  oracle.ask("unstack", {{"axis", axis}}, {draw.normal(shape)},
             [=](const Tensors& in) { return unstack(in[0], axis); });
  const List sizes{draw.between(1, 3), draw.between(1, 3), draw.between(1, 3)};
  oracle.ask("split", {{"sizes", sizes}, {"axis", axis}}, {sized(sizes[0] + sizes[1] + sizes[2])},
             [=](const Tensors& in) { return split(in[0], sizes, axis); });
}

void ask_padding(TorchOracle& oracle, Draw& draw) {
  const Shape shape = draw.shape(1, 4);
  const int axis = static_cast<int>(draw.between(0, shape.rank() - 1));
  const Padding p{draw.between(0, 3), draw.between(0, 3)};
  const double value = draw.real(-1, 1);
  oracle.ask("pad", {{"axis", axis}, {"before", p.before}, {"after", p.after}, {"value", value}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{pad(in[0], axis, p, static_cast<Real>(value))}; });
  const Padding inside{draw.between(0, shape[axis] - 1), draw.between(0, shape[axis] - 1)};
  oracle.ask("pad_reflect", {{"axis", axis}, {"before", inside.before}, {"after", inside.after}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{pad_reflect(in[0], axis, inside)}; });
}

void ask_indices(TorchOracle& oracle, Draw& draw) {
  const Shape shape = draw.shape(1, 3);
  const int axis = static_cast<int>(draw.between(0, shape.rank() - 1));
  const IntTensor index = draw.indices({draw.between(1, 8)}, shape[axis]);
  oracle.ask("gather", {{"axis", axis}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{gather(in[0], index, axis)}; }, {index});
  oracle.ask("scatter_add", {{"size", shape[axis]}, {"axis", axis}}, {draw.normal(shape.with(axis, index.numel()))},
             [=](const Tensors& in) { return Tensors{scatter_add(in[0], index, shape[axis], axis)}; }, {index});
  const IntTensor within = draw.indices(shape.with(-1, draw.between(1, 8)), shape.size(-1));
  oracle.ask("take_along", {}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{take_along(in[0], within)}; }, {within});
  oracle.ask("add_along", {{"size", shape.size(-1)}}, {draw.normal(within.shape())},
             [=](const Tensors& in) { return Tensors{add_along(in[0], within, shape.size(-1))}; }, {within});
  const int64_t classes = draw.between(1, 6);
  const IntTensor labels = draw.indices(shape, classes);
  oracle.ask("pick", {}, {draw.normal(shape.inserted(-1, classes))},
             [=](const Tensors& in) { return Tensors{pick(in[0], labels)}; }, {labels});
  oracle.ask("place", {{"classes", classes}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{place(in[0], labels, classes)}; }, {labels});
  oracle.ask_values("one_hot", {{"classes", classes}}, {}, {one_hot(labels, classes)}, {labels});
}

void ask_orders(TorchOracle& oracle, Draw& draw) {
  const Shape shape = draw.shape(1, 3);
  const int axis = static_cast<int>(draw.between(-shape.rank(), -1));
  const bool descending = draw.coin();
  const Tensor x = draw.distinct(shape), ties = to_tensor(draw.indices(shape, 3));
  oracle.ask_values("argmax", {{"axis", axis}}, {x}, {to_tensor(argmax(x, axis))});
  oracle.ask_values("argmin", {{"axis", axis}}, {x}, {to_tensor(argmin(x, axis))});
  oracle.ask_values("argsort", {{"axis", axis}, {"descending", descending}}, {ties},
                    {to_tensor(argsort(ties, axis, descending))});
  const int64_t k = draw.between(1, shape.size(-1));
  oracle.ask("top_k", {{"k", k}}, {x}, [=](const Tensors& in) { return Tensors{top_k(in[0], k).values}; });
  oracle.ask_values("top_k_indices", {{"k", k}}, {x}, {to_tensor(top_k(x, k).indices)});
}

}  // namespace

TEST_CASE("oracle: shape and index ops agree with PyTorch, forward and backward") {
  if (!have_torch()) return;
  TorchOracle oracle(3);
  Draw draw(4);
  for (int i = 0; i < kOracleCases; ++i) {
    ask_moves(oracle, draw);
    ask_joins(oracle, draw);
    ask_padding(oracle, draw);
    ask_indices(oracle, draw);
    ask_orders(oracle, draw);
  }
  oracle.compare();
}

}  // namespace fewer::testing
