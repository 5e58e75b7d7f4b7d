#include "tests/bench/onednn.h"

#if __has_include(<dnnl.hpp>)
#include <dnnl.hpp>

#include <algorithm>
#include <unordered_map>

namespace fewer::bench {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

class Convolution {
 public:
  Convolution(const kernels::ConvSizes& s, ConvPass pass) {
    const auto any = [](const memory::dims& dims) {
      return memory::desc(dims, memory::data_type::f32, memory::format_tag::any);
    };
    const memory::desc x = any({s.batch, s.in, s.height, s.width}), w = any({s.out, s.in, s.kernel_h, s.kernel_w}),
                       y = any({s.batch, s.out, s.out_height, s.out_width});
    const memory::dims strides{s.stride_h, s.stride_w}, before{s.pad_top, s.pad_left}, after{s.pad_bottom, s.pad_right};
    const auto direct = dnnl::algorithm::convolution_direct;
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, direct, x, w, y, strides, before, after}, engine_);
    if (pass == ConvPass::kForward) {
      primitive_ = dnnl::convolution_forward(forward);
      arguments_ = {{DNNL_ARG_SRC, filled(forward.src_desc())},
                    {DNNL_ARG_WEIGHTS, filled(forward.weights_desc())},
                    {DNNL_ARG_DST, filled(forward.dst_desc())}};
    } else if (pass == ConvPass::kGradInput) {
      const dnnl::convolution_backward_data::primitive_desc gradient({direct, x, w, y, strides, before, after}, engine_,
                                                                     forward);
      primitive_ = dnnl::convolution_backward_data(gradient);
      arguments_ = {{DNNL_ARG_DIFF_SRC, filled(gradient.diff_src_desc())},
                    {DNNL_ARG_WEIGHTS, filled(gradient.weights_desc())},
                    {DNNL_ARG_DIFF_DST, filled(gradient.diff_dst_desc())}};
    } else {
      const dnnl::convolution_backward_weights::primitive_desc gradient({direct, x, w, y, strides, before, after}, engine_,
                                                                        forward);
      primitive_ = dnnl::convolution_backward_weights(gradient);
      arguments_ = {{DNNL_ARG_SRC, filled(gradient.src_desc())},
                    {DNNL_ARG_DIFF_WEIGHTS, filled(gradient.diff_weights_desc())},
                    {DNNL_ARG_DIFF_DST, filled(gradient.diff_dst_desc())}};
    }
  }
  void operator()() {
    primitive_.execute(stream_, arguments_);
    stream_.wait();
  }

 private:
  memory filled(const memory::desc& layout) const {
    memory result(layout, engine_);
    std::fill_n(static_cast<float*>(result.get_data_handle()), layout.get_size() / sizeof(float), 0.5f);
    return result;
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::primitive primitive_;
  Arguments arguments_;
};

}  // namespace

SidePtr onednn_side(const kernels::ConvSizes& sizes, ConvPass pass) { return in_process(Convolution(sizes, pass)); }
bool have_onednn() { return true; }

}  // namespace fewer::bench

#else

namespace fewer::bench {

SidePtr onednn_side(const kernels::ConvSizes&, ConvPass) { return nullptr; }
bool have_onednn() { return false; }

}  // namespace fewer::bench

#endif
