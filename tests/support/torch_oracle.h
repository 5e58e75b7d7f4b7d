// Asks PyTorch what we computed ourselves, and compares.
//
//   TorchOracle oracle(1);
//   oracle.ask("softmax", {{"axis", 1}}, {x}, [](const Tensors& in) { return Tensors{softmax(in[0], 1)}; });
//   ...
//   oracle.compare();
//
// `ask` computes our outputs and, contracted with random cotangents, our gradients. `compare` writes all questions to a
// file, starts one Python process (importing torch costs more than everything else) and reads its answers, computed in
// double by the function of the same name in tests/oracle/functions.py. Our layout is what travels; the Python side
// translates it to torch's. REQUIRES: have_torch() (tests/support/requirements.h), and the top of the source tree as
// the current folder.
#pragma once

#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/rng.h"
#include "tests/support/gradient_check.h"

namespace fewer::testing {

// A number, a list of integers or a word, on its way to a keyword argument of Python.
struct AttributeValue {
  template <class Number>
  requires std::is_arithmetic_v<Number> AttributeValue(Number x)
      : json(std::is_integral_v<Number> ? Json::integer(static_cast<int64_t>(x))
                                        : Json::number(static_cast<double>(x))) {}
  AttributeValue(const std::string& word) : json(Json::string(word)) {}
  AttributeValue(const std::vector<int64_t>& integers) : json(Json::list()) {
    for (const int64_t i : integers) json.items.push_back(Json::integer(i));
  }
  Json json;
};
using OracleAttributes = std::vector<std::pair<std::string, AttributeValue>>;

class TorchOracle {
 public:
  static constexpr double kTolerance = sizeof(Real) == sizeof(double) ? 1e-10 : 1e-4;

  explicit TorchOracle(uint64_t seed) : rng_(seed) {}

  // `integers` follow the inputs among the arguments of the Python function; `ours` has them captured.
  void ask(std::string function, OracleAttributes attributes, const Tensors& inputs, const TensorFunction& ours,
           std::vector<IntTensor> integers = {});
  // The same for what is not differentiated: an answer already at hand.
  void ask_values(std::string function, OracleAttributes attributes, const Tensors& inputs, const Tensors& answers,
                  std::vector<IntTensor> integers = {});

  // Relative L2 errors stay below `tolerance`, every function was asked at least `cases` times, and the shapes are the
  // same.
  void compare(int cases = 20, double tolerance = kTolerance) const;

 private:
  struct Question {
    std::string function;
    OracleAttributes attributes;
    Tensors inputs, cotangents;  // no cotangents: only values are compared
    std::vector<IntTensor> integers;
    Tensors answers;  // outputs, then gradients of the inputs
  };
  void write(const std::string& path) const;
  static double error(const Tensor& ours, const std::vector<double>& theirs);

  Rng rng_;
  std::vector<Question> questions_;
};

Tensor to_tensor(const IntTensor& x);  // the same numbers as Real, to compare what returns indices

}  // namespace fewer::testing
