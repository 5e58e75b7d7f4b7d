// The files: questions.json lists for each question the function, its attributes and the shapes of its tensors;
// questions.bin holds their values as doubles, one after another. answers.bin holds for each tensor its rank, its sizes
// and its values, all as doubles.
#include "tests/support/torch_oracle.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/autograd.h"
#include "ops/ops.h"
#include "tests/support/requirements.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

Json sizes(const Shape& shape) {
  Json list = Json::list();
  for (const int64_t size : shape) list.items.push_back(Json::integer(size));
  return list;
}

template <class T>
Json shapes(const std::vector<T>& tensors) {
  Json list = Json::list();
  for (const T& t : tensors) list.items.push_back(sizes(t.shape()));
  return list;
}

template <class T>
void write_values(std::ostream& out, const std::vector<T>& tensors) {
  for (const T& t : tensors) {
    const std::vector<double> values(t.values().begin(), t.values().end());
    out.write(reinterpret_cast<const char*>(values.data()),
              static_cast<std::streamsize>(values.size() * sizeof(double)));
  }
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return std::move(all).str();
}

struct Answer {
  Shape shape;
  std::vector<double> values;
};

class AnswerReader {
 public:
  explicit AnswerReader(std::istream& in) : in_(in) {}
  Answer next() {
    Answer answer;
    const int rank = static_cast<int>(number());
    for (int i = 0; i < rank; ++i) answer.shape.push_back(static_cast<int64_t>(number()));
    for (int64_t i = 0; i < answer.shape.numel(); ++i) answer.values.push_back(number());
    return answer;
  }

 private:
  double number() {
    double value = 0;
    in_.read(reinterpret_cast<char*>(&value), sizeof(value));
    ENSURE(in_.good(), "the oracle's answers end too early");
    return value;
  }
  std::istream& in_;
};

}  // namespace

Tensor to_tensor(const IntTensor& x) {
  Tensor result = Tensor::uninitialized(x.shape());
  std::copy(x.values().begin(), x.values().end(), result.mutable_data());
  return result;
}

void TorchOracle::ask(std::string function, OracleAttributes attributes, const Tensors& inputs,
                      const TensorFunction& ours, std::vector<IntTensor> integers) {
  Tensors x, cotangents;
  for (const Tensor& input : inputs) x.push_back(variable(input));
  const Tensors y = ours(x);
  Tensor total;
  for (const Tensor& output : y) {
    cotangents.push_back(Tensor::normal(output.shape(), 0, 1, rng_));
    const Tensor term = sum(output * cotangents.back());
    total = total.defined() ? total + term : term;
  }
  Tensors answers;
  for (const Tensor& output : y) answers.push_back(output.detach());
  const Tensors gradients = grad(total, x, {.allow_unused = true});
  for (size_t i = 0; i < x.size(); ++i)
    answers.push_back(gradients[i].defined() ? gradients[i] : Tensor::zeros(x[i].shape()));
  questions_.push_back(
      {std::move(function), std::move(attributes), inputs, cotangents, std::move(integers), std::move(answers)});
}

void TorchOracle::ask_values(std::string function, OracleAttributes attributes, const Tensors& inputs,
                             const Tensors& answers, std::vector<IntTensor> integers) {
  Tensors plain;
  for (const Tensor& answer : answers) plain.push_back(answer.detach());
  questions_.push_back({std::move(function), std::move(attributes), inputs, {}, std::move(integers), std::move(plain)});
}

void TorchOracle::write(const std::string& path) const {
  Json all = Json::list();
  std::ofstream values(path + ".bin", std::ios::binary);
  for (const Question& q : questions_) {
    Json attributes = Json::object(), question = Json::object();
    for (const auto& [name, value] : q.attributes) attributes.add(name, value.json);
    question.add("function", Json::string(q.function)).add("attributes", attributes).add("inputs", shapes(q.inputs));
    question.add("integers", shapes(q.integers)).add("cotangents", shapes(q.cotangents));
    all.items.push_back(std::move(question));
    write_values(values, q.inputs);
    write_values(values, q.integers);
    write_values(values, q.cotangents);
  }
  std::ofstream(path + ".json") << compact_json(all);
}

// Relative to the size of their answer; answers whose typical value is below 1e-3 count as if it were that, since
// rounding of terms that cancel does not shrink with their sum.
double TorchOracle::error(const Tensor& ours, const std::vector<double>& theirs) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < theirs.size(); ++i) {
    const double d = static_cast<double>(ours.values()[i]) - theirs[i];
    difference += d * d;
    size += theirs[i] * theirs[i];
  }
  const double least = 1e-3 * std::sqrt(static_cast<double>(theirs.size()));
  return theirs.empty() ? 0 : std::sqrt(difference) / std::max(std::sqrt(size), least);
}

void TorchOracle::compare(int cases, double tolerance) const {
  const TempFolder folder;
  write(folder.file("questions"));
  const std::string command = std::string(kTorchPython) + " tests/oracle/oracle.py " + folder.file("questions") + " " +
                              folder.file("answers.bin") + " 2> " + folder.file("log");
  REQUIRE_MESSAGE(std::system(command.c_str()) == 0, "the oracle failed: " << contents(folder.file("log")));
  std::ifstream file(folder.file("answers.bin"), std::ios::binary);
  AnswerReader answers(file);
  std::map<std::string, int> asked;
  for (const Question& q : questions_) {
    const std::string name = text(q.function, " number ", ++asked[q.function]);
    for (size_t i = 0; i < q.answers.size(); ++i) {
      const Answer theirs = answers.next();
      const size_t outputs = q.cotangents.empty() ? q.answers.size() : q.cotangents.size();
      const std::string what = i < outputs ? text("output ", i) : text("gradient of input ", i - outputs);
      REQUIRE_MESSAGE(q.answers[i].shape().str() == theirs.shape.str(), name << ", " << what);
      const double relative = error(q.answers[i], theirs.values);
      CHECK_MESSAGE(relative < tolerance,
                    name << ", " << what << ", shape " << theirs.shape.str() << ": relative error " << relative);
    }
  }
  for (const auto& [function, count] : asked)
    CHECK_MESSAGE(count >= cases, function << " was asked " << count << " times");
}

}  // namespace fewer::testing
