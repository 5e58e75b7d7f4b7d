// State: how whatever must survive a restart describes itself. Plain fields as in core/describe.h, and tensors, random
// streams and whole networks besides.
//
//   void MethodState::describe(StateVisitor& v) {
//     v.field("best", best);
//     v.stream("noise", noise);
//     v.network("student", student);
//     v.scope("optimizer", optimizer);       // whatever has describe(StateVisitor&) or describe(Visitor&)
//     v.tensor("importance", importance);
//   }
//   save_state("runs/a/checkpoint.safetensors", state);
//   load_state("runs/a/checkpoint.safetensors", state);
//
// The file is safetensors: tensors under their dotted path, everything else as JSON text in the metadata entry "state".
// JSON knows no infinity: "nothing best yet" is a std::optional<double>.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "core/describe.h"
#include "core/rng.h"
#include "core/safetensors.h"
#include "core/tensor.h"
#include "nn/module.h"

namespace fewer {

// Lists state. Tensors belong to the level they are described at; use scope(), not field(), for structs that hold some.
class StateVisitor : public ForwardingVisitor {
 public:
  using ForwardingVisitor::ForwardingVisitor;
  virtual void tensor(std::string_view name, Tensor& tensor) = 0;  // may be undefined
  virtual void tensor(std::string_view name, IntTensor& tensor) = 0;
  virtual void network(std::string_view name, Layer& net) = 0;  // structure and values; may be empty
  virtual void scope(std::string_view name, FunctionRef<void(StateVisitor&)> describe) = 0;

  template <class T>
    requires requires(T& object, StateVisitor& v) { object.describe(v); }
  void scope(std::string_view name, T& object) {
    scope(name, [&](StateVisitor& v) { object.describe(v); });
  }
  void stream(std::string_view name, Rng& rng);
};

using DescribeState = FunctionRef<void(StateVisitor&)>;

Safetensors state_to_file(DescribeState state);
// Throws kData naming `where` when the file is no state or does not fit what is described.
void state_from_file(DescribeState state, const Safetensors& file, const std::string& where);

void save_state(const std::string& path, DescribeState state);  // atomically
void load_state(const std::string& path, DescribeState state);

template <class T>
  requires requires(T& object, StateVisitor& v) { object.describe(v); }
void save_state(const std::string& path, T& object) {
  save_state(path, [&](StateVisitor& v) { object.describe(v); });
}
template <class T>
  requires requires(T& object, StateVisitor& v) { object.describe(v); }
void load_state(const std::string& path, T& object) {
  load_state(path, [&](StateVisitor& v) { object.describe(v); });
}

}  // namespace fewer
