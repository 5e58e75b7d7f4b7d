// Matrix products, against OpenBLAS with one or two threads, whichever is faster for the shape.
#include <cblas.h>
#include <omp.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "core/tensor.h"
#include "ops/kernels/gemm.h"
#include "tests/bench/bench.h"

namespace fewer::bench {
namespace {

struct Product {
  int64_t m, n, k;
  const char* form;  // "NN", "TN", "NT": whether A and B are stored transposed
  const char* use;   // where the shape comes from: only convolutions and LSTMs have a target
  bool transpose_a() const { return form[0] == 'T'; }
  bool transpose_b() const { return form[1] == 'T'; }
  bool has_target() const { return std::string(use) != "large"; }
};

constexpr Product kProducts[] = {
    {16, 1024, 144, "NN", "conv"}, {144, 1024, 16, "TN", "conv"}, {16, 144, 1024, "NT", "conv"},
    {32, 256, 288, "NN", "conv"},  {288, 256, 32, "TN", "conv"},  {32, 288, 256, "NT", "conv"},
    {64, 64, 576, "NN", "conv"},   {64, 64, 576, "TN", "conv"},   {64, 64, 576, "NT", "conv"},
    {64, 196, 576, "NN", "conv"},  {64, 196, 576, "TN", "conv"},  {64, 196, 576, "NT", "conv"},
    {64, 784, 576, "NN", "conv"},  {512, 16, 4608, "NN", "conv"}, {512, 4, 4608, "NN", "conv"},
    {1024, 16, 144, "NN", "conv"}, {256, 32, 288, "NN", "conv"},  {196, 64, 576, "NN", "conv"},
    {16, 800, 405, "NT", "lstm"},  {16, 800, 200, "NT", "lstm"},  {16, 200, 800, "NN", "lstm"},
    {128, 1200, 784, "NT", "large"},  {128, 1200, 1200, "NT", "large"}, {128, 1200, 1200, "NN", "large"},
    {1200, 1200, 128, "TN", "large"}, {512, 512, 512, "NN", "large"},   {1024, 1024, 1024, "NN", "large"}};

class Operands {
 public:
  explicit Operands(const Product& p) : p_(p) {}
  void ours() {
    kernels::gemm(a_.data(), b_.data(), c_.mutable_data(),
                  {.m = p_.m, .n = p_.n, .k = p_.k, .transpose_a = p_.transpose_a(), .transpose_b = p_.transpose_b()});
  }
  void openblas() {
    const auto flag = [](bool transpose) { return transpose ? CblasTrans : CblasNoTrans; };
    const auto size = [](int64_t n) { return static_cast<blasint>(n); };
    cblas_sgemm(CblasRowMajor, flag(p_.transpose_a()), flag(p_.transpose_b()), size(p_.m), size(p_.n), size(p_.k), 1.0f,
                a_.data(), size(p_.transpose_a() ? p_.m : p_.k), b_.data(), size(p_.transpose_b() ? p_.k : p_.n), 0.0f,
                c_.mutable_data(), size(p_.n));
  }
  const Tensor& result() const { return c_; }

 private:
  Product p_;
  Rng rng_{1};
  Tensor a_ = Tensor::normal({p_.m, p_.k}, 0, 1, rng_), b_ = Tensor::normal({p_.k, p_.n}, 0, 1, rng_);
  Tensor c_ = Tensor::uninitialized({p_.m, p_.n});
};

// Both must compute the same before anybody's speed counts.
void ensure_equal(const Product& p, const std::string& name) {
  Operands one(p), other(p);
  one.ours();
  other.openblas();
  Real error = 0, scale = std::sqrt(static_cast<Real>(p.k));
  for (int64_t i = 0; i < one.result().numel(); ++i)
    error = std::max(error, std::abs(one.result().data()[i] - other.result().data()[i]));
  ENSURE(error < 1e-4f * scale, "bench: ", name, ": ours and OpenBLAS differ by ", error);
}

SidePtr openblas_side(const Product& p, int thread_count) {
  return in_process(
      [operands = Operands(p), thread_count]() mutable {
        omp_set_num_threads(thread_count);
        operands.openblas();
        omp_set_num_threads(threads());
      },
      text(thread_count, thread_count == 1 ? " thread" : " threads"));
}

SidePtr best_openblas(const Product& p) {
  std::vector<SidePtr> sides;
  for (int count = 1; count <= threads(); ++count) sides.push_back(openblas_side(p, count));
  return better_of(std::move(sides));
}

}  // namespace

std::vector<Workload> gemm_workloads() {
  std::vector<Workload> list;
  for (const Product& p : kProducts) {
    const std::string name = text("gemm/", p.use, "_", p.m, "x", p.n, "x", p.k, "_", p.form);
    list.push_back({.name = name,
                    .peer_name = "OpenBLAS",
                    .ours = [p, name] {
                      ensure_equal(p, name);
                      return in_process([operands = Operands(p)]() mutable { operands.ours(); });
                    },
                    .peer = [p] { return best_openblas(p); },
                    .flop = [p] { return 2.0 * static_cast<double>(p.m * p.n * p.k); },
                    .must = p.has_target() ? 1.0 : 0});
  }
  return list;
}

}  // namespace fewer::bench
