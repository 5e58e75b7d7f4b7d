#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/ops/gradient_table.h"

namespace fewer::testing {
namespace {

using Reduce = Tensor (*)(const Tensor&, const Axes&, bool);

// Over everything, over one axis, over a negative one that stays, over two apart.
void add_reduction(GradientRows& rows, const char* name, Reduce f, const Tensor& x) {
  const std::pair<const char*, std::pair<Axes, bool>> variants[] = {{"all axes", {{}, false}},
                                                                    {"axis 1", {{1}, false}},
                                                                    {"last axis, kept", {{-1}, true}},
                                                                    {"axes 0 and 2", {{0, 2}, false}}};
  for (const auto& [variant, arguments] : variants)
    rows.push_back({name,
                    variant,
                    [f, arguments](const Tensors& in) { return Tensors{f(in[0], arguments.first, arguments.second)}; },
                    {x}});
}

}  // namespace

GradientRows reduce_rows() {
  Samples s(10);
  GradientRows rows;
  add_reduction(rows, "sum", sum, s.normal({2, 3, 4}));
  add_reduction(rows, "mean", mean, s.normal({2, 3, 4}));
  add_reduction(rows, "max", max, s.distinct({2, 3, 4}));
  add_reduction(rows, "min", min, s.distinct({2, 3, 4}));
  add_reduction(rows, "variance", variance, s.normal({2, 3, 4}));
  add_reduction(rows, "log_sum_exp", log_sum_exp, s.normal({2, 3, 4}));
  for (const Real p : {Real(1), Real(2), Real(3)}) {
    const std::string variant = "p = " + std::to_string(static_cast<int>(p));
    rows.push_back({"norm", variant, [p](const Tensors& in) { return Tensors{norm(in[0], p)}; }, {s.distinct({2, 3})}});
    rows.push_back({"norm",
                    variant + ", axis 0",
                    [p](const Tensors& in) { return Tensors{norm(in[0], p, {0}, true)}; },
                    {s.distinct({4, 3})}});
  }
  const std::pair<int, bool> directions[] = {{0, false}, {-1, true}};
  for (const auto& [axis, reverse] : directions)
    rows.push_back({"cumulative_sum", reverse ? "reverse" : "", [axis = axis, reverse = reverse](const Tensors& in) {
                      return Tensors{square(cumulative_sum(in[0], axis, reverse))};
                    }, {s.normal({4, 3})}});
  rows.push_back({"sum_to",
                  "",
                  [](const Tensors& in) {
                    return Tensors{sum_to(in[0], {3, 1})};
                  },
                  {s.normal({2, 3, 4})}});
  rows.push_back({"expand",
                  "",
                  [](const Tensors& in) {
                    return Tensors{expand(in[0], {2, 3, 4})};
                  },
                  {s.normal({3, 1})}});
  return rows;
}

TEST_CASE("gradient table: reductions") { check_rows(reduce_rows()); }

}  // namespace fewer::testing
