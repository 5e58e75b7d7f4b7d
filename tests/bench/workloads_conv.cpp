// 3x3 convolutions layer by layer, all three passes, against oneDNN's direct algorithm (what PyTorch runs).
#include "core/error.h"
#include "core/rng.h"
#include "core/tensor.h"
#include "ops/kernels/conv2d.h"
#include "tests/bench/bench.h"
#include "tests/bench/onednn.h"

namespace fewer::bench {
namespace {

struct ConvLayer {
  int64_t batch, image, in, out, stride;
  bool has_target() const { return stride == 1 && in >= 16 && out <= 128; }
};

constexpr ConvLayer kLayers[] = {
    {128, 32, 16, 16, 1},   {128, 16, 32, 32, 1}, {128, 8, 64, 64, 1},    // ResNet-20
    {128, 32, 32, 32, 1},   {128, 16, 64, 64, 1}, {128, 8, 128, 128, 1},  // double width, WRN-16-2
    {128, 28, 64, 64, 1},   {128, 14, 64, 64, 1}, {25, 14, 64, 64, 1},  {128, 7, 64, 64, 1},  // Conv4-64
    {64, 32, 64, 64, 1},    {64, 16, 64, 128, 1}, {64, 8, 128, 256, 1}, {64, 8, 256, 256, 1}, {64, 4, 512, 512, 1},  // VGG-9
    {128, 32, 3, 16, 1},    {128, 28, 1, 64, 1},                          // first layers
    {128, 32, 16, 32, 2},   {128, 16, 32, 64, 2}};                        // where a stage begins

kernels::ConvSizes sizes_of(const ConvLayer& layer) {
  const int64_t out_image = (layer.image - 1) / layer.stride + 1;
  return {.batch = layer.batch, .height = layer.image, .width = layer.image, .in = layer.in, .kernel_h = 3, .kernel_w = 3,
          .out = layer.out, .out_height = out_image, .out_width = out_image, .stride_h = layer.stride,
          .stride_w = layer.stride, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1};
}

class OurConv {
 public:
  OurConv(const kernels::ConvSizes& s, ConvPass pass) : s_(s), pass_(pass) {}
  void operator()() {
    switch (pass_) {
      case ConvPass::kForward: return kernels::conv2d(x_.data(), w_.data(), y_.mutable_data(), s_);
      case ConvPass::kGradInput: return kernels::conv2d_grad_input(y_.data(), w_.data(), x_.mutable_data(), s_);
      case ConvPass::kGradWeight: return kernels::conv2d_grad_weight(x_.data(), y_.data(), w_.mutable_data(), s_);
    }
  }

 private:
  kernels::ConvSizes s_;
  ConvPass pass_;
  Rng rng_{1};
  Tensor x_ = Tensor::normal({s_.batch, s_.height, s_.width, s_.in}, 0, 1, rng_);
  Tensor w_ = Tensor::normal({3, 3, s_.in, s_.out}, 0, 1, rng_);
  Tensor y_ = Tensor::normal({s_.batch, s_.out_height, s_.out_width, s_.out}, 0, 1, rng_);
};

Workload conv_workload(const ConvLayer& layer, ConvPass pass, const char* pass_name) {
  const kernels::ConvSizes s = sizes_of(layer);
  return {.name = text("conv/", layer.in, "_", layer.out, "_", layer.image, "x", layer.image, "_b", layer.batch,
                       layer.stride > 1 ? "_stride2" : "", "_", pass_name),
          .peer_name = "oneDNN",
          .ours = [s, pass] { return in_process(OurConv(s, pass)); },
          .peer = [s, pass] { return onednn_side(s, pass); },
          .flop = [s] { return 2.0 * static_cast<double>(s.batch * s.out_height * s.out_width * 9 * s.in * s.out); },
          .must = layer.has_target() ? 1.4 : 0};
}

}  // namespace

std::vector<Workload> conv_workloads() {
  std::vector<Workload> list;
  for (const ConvLayer& layer : kLayers) {
    list.push_back(conv_workload(layer, ConvPass::kForward, "forward"));
    if (layer.in >= 16) list.push_back(conv_workload(layer, ConvPass::kGradInput, "grad_input"));  // images need no gradient
    list.push_back(conv_workload(layer, ConvPass::kGradWeight, "grad_weight"));
  }
  return list;
}

}  // namespace fewer::bench
