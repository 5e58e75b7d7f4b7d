// Recurrent layers. Time first: x [T, N, I]. Gates stand in the order i, f, g, o (ops/ops.h, `lstm`).
#pragma once

#include "nn/init.h"
#include "nn/module.h"
#include "ops/ops.h"

namespace fewer {

// A forget gate that starts open lets gradients through time from the first step (Jozefowicz et al. 2015).
struct LstmInit {
  InitConfig input = GlorotUniformInit{};
  InitConfig recurrent = OrthogonalInit{};  // of each gate by itself
  InitConfig bias = ConstantInit{0};
  double forget_bias = 1;               // added to the bias of the forget gate
  void describe(Visitor& v);
};

struct LstmSpec {
  int64_t in = 0, size = 0;
};

// A whole sequence, from a zero state.
struct Lstm final : ModuleKind<Lstm> {
  static constexpr const char* kKind = "lstm";
  LstmSpec spec;
  Parameter input_weight;      // [in, 4*size]
  Parameter recurrent_weight;  // [size, 4*size]
  Parameter bias;              // [4*size]

  Lstm() = default;  // for a file to fill
  Lstm(const LstmSpec& spec, Rng& rng, const LstmInit& init = {});
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override;  // x [T, N, in] -> [T, N, size]
  LstmResult run(const Tensor& x, const Tensor& h0 = {}, const Tensor& c0 = {}) const;  // states [N, size]; undefined: zeros
};

enum class Merge { kSum, kConcat };

struct BiLstmSpec {
  int64_t in = 0, size = 0;
  Merge merge = Merge::kConcat;
};

// One LSTM forward and one backward in time, added or side by side.
struct BiLstm final : ModuleKind<BiLstm> {
  static constexpr const char* kKind = "bi_lstm";
  Merge merge = Merge::kConcat;
  Layer ahead, back;  // Lstm, named "forward" and "backward"

  BiLstm() = default;  // for a file to fill
  BiLstm(const BiLstmSpec& spec, Rng& rng, const LstmInit& init = {});
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override;  // x [T, N, in] -> [T, N, size], or 2*size wide
};

struct LstmState {
  Tensor h, c;  // [N, size]
};

struct LstmCellSpec {
  int64_t in = 0, size = 0;
  int64_t recurrent = 0;  // width of what is fed back; 0: `size`. An attention LSTM feeds back [h, r], twice as wide
};

// One step at a time, for loops in which something happens between steps.
struct LstmCell final : ModuleKind<LstmCell> {
  static constexpr const char* kKind = "lstm_cell";
  LstmCellSpec spec;
  Parameter input_weight;      // [in, 4*size]
  Parameter recurrent_weight;  // [recurrent, 4*size]
  Parameter bias;              // [4*size]

  LstmCell() = default;  // for a file to fill
  LstmCell(const LstmCellSpec& spec, Rng& rng, const LstmInit& init = {});
  void describe(ModuleVisitor& v) override;
  // x [N, in], fed_back [N, recurrent], c [N, size] -> the next state; undefined fed_back and c are zeros.
  LstmState step(const Tensor& x, const Tensor& fed_back, const Tensor& c) const;
  Tensor forward(const Tensor& x, const Pass& pass) const override;  // h after one step from zeros
};

}  // namespace fewer
