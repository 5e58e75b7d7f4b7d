#include "nn/kinds.h"

#include <algorithm>

#include "core/error.h"
#include "core/spelling.h"
#include "nn/activation.h"
#include "nn/conv.h"
#include "nn/dropout.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/pool.h"
#include "nn/recurrent.h"
#include "nn/residual.h"
#include "nn/sequential.h"

namespace fewer {
namespace {

struct Kind {
  std::string name;
  LayerMaker make;
};

template <class... Ms>
std::vector<Kind> kinds_of() {
  return {Kind{Ms::kKind, [] { return Layer(Ms()); }}...};
}

std::vector<Kind>& table() {
  static std::vector<Kind> kinds =
      kinds_of<Linear, Conv2d, BatchNorm, LayerNorm, Dropout, Activation, Maxout, MaxPool, AveragePool, GlobalAveragePool,
               GlobalMaxPool, Flatten, Lstm, BiLstm, LstmCell, Sequential, Residual, PadShortcut>();
  return kinds;
}

const Kind* find(std::string_view name) {
  const auto found = std::find_if(table().begin(), table().end(), [&](const Kind& kind) { return kind.name == name; });
  return found == table().end() ? nullptr : &*found;
}

}  // namespace

Layer make_layer(std::string_view kind) {
  const Kind* found = find(kind);
  if (!found) fail_data("there is no kind of layer \"", kind, "\"", did_you_mean(kind, known_kinds()));
  return found->make();
}

void add_kind(std::string_view kind, LayerMaker make) {
  if (!find(kind)) table().push_back({std::string(kind), make});
}

std::vector<std::string> known_kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : table()) names.push_back(kind.name);
  return names;
}

}  // namespace fewer
