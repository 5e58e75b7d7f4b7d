#include "nn/state.h"

#include <bit>

#include "core/config.h"
#include "core/error.h"
#include "nn/tree_file.h"

namespace fewer {
namespace {

constexpr const char* kFormat = "fewer.state";

// Fields go to the JSON visitor of their level, tensors to the file; a field of their name says whether there is one.
class StateWriter final : public StateVisitor {
 public:
  StateWriter(Visitor& json, Safetensors& file, std::string prefix)
      : StateVisitor(json), file_(file), prefix_(std::move(prefix)) {}

  void tensor(std::string_view name, Tensor& tensor) override { write(name, tensor); }
  void tensor(std::string_view name, IntTensor& tensor) override { write(name, tensor); }

  void network(std::string_view name, Layer& net) override {
    std::vector<std::string> frozen = frozen_parameters(net);
    bool present = !net.empty();
    target_.object(name, [&](Visitor& v) {
      v.field("present", present);
      if (!present) return;
      v.field("frozen", frozen);
      v.object("tree", [&](Visitor& tree) { describe_tree(tree, net); });
    });
    store_values(net, text(prefix_, name, "."), file_);
  }

  void scope(std::string_view name, FunctionRef<void(StateVisitor&)> describe) override {
    target_.object(name, [&](Visitor& json) {
      StateWriter level(json, file_, text(prefix_, name, "."));
      describe(level);
    });
  }

 private:
  template <class T>
  void write(std::string_view name, const T& tensor) {
    bool present = tensor.defined();
    target_.field(name, present);
    if (present) file_.add(text(prefix_, name), tensor);
  }

  Safetensors& file_;
  std::string prefix_;
};

class StateReader final : public StateVisitor {
 public:
  StateReader(Visitor& json, const Safetensors& file, const std::string& where, std::string prefix)
      : StateVisitor(json), file_(file), where_(where), prefix_(std::move(prefix)) {}

  void tensor(std::string_view name, Tensor& tensor) override {
    const Safetensors::Entry* entry = find(name);
    tensor = entry ? to_tensor(*entry, where_) : Tensor();
  }
  void tensor(std::string_view name, IntTensor& tensor) override {
    const Safetensors::Entry* entry = find(name);
    tensor = entry ? to_int_tensor(*entry, where_) : IntTensor();
  }

  void network(std::string_view name, Layer& net) override {
    Layer read;  // from nothing: surgery may have changed the structure since the method built its network
    std::vector<std::string> frozen;
    target_.object(name, [&](Visitor& v) {
      bool present = false;
      v.field("present", present, {.required = true});
      if (!present) return;
      v.field("frozen", frozen, {.required = true});
      v.object("tree", [&](Visitor& tree) { describe_tree(tree, read); }, {.required = true});
    }, {.required = true});
    load_values(read, text(prefix_, name, "."), file_, where_);
    freeze_parameters(read, frozen, where_);
    net = std::move(read);
  }

  void scope(std::string_view name, FunctionRef<void(StateVisitor&)> describe) override {
    const auto describe_level = [&](Visitor& json) {
      StateReader level(json, file_, where_, text(prefix_, name, "."));
      describe(level);
    };
    target_.object(name, describe_level, {.required = true});
  }

 private:
  const Safetensors::Entry* find(std::string_view name) {
    bool present = false;
    target_.field(name, present, {.required = true});
    if (!present) return nullptr;
    const Safetensors::Entry* entry = file_.find(text(prefix_, name));
    if (!entry) fail_data(where_, ": tensor \"", prefix_, name, "\" is missing");
    return entry;
  }

  const Safetensors& file_;
  const std::string& where_;
  std::string prefix_;
};

}  // namespace

void StateVisitor::stream(std::string_view name, Rng& rng) {
  const Rng::State before = rng.state();
  int64_t key = std::bit_cast<int64_t>(before.key), counter = std::bit_cast<int64_t>(before.counter);
  object(name, [&](Visitor& v) {
    v.field("key", key, {.required = true});
    v.field("counter", counter, {.required = true});
  }, {.required = true});
  rng = Rng(Rng::State{std::bit_cast<uint64_t>(key), std::bit_cast<uint64_t>(counter)});
}

Safetensors state_to_file(DescribeState state) {
  Safetensors file;
  const std::string json = write_json([&](Visitor& v) {
    StateWriter writer(v, file, "");
    state(writer);
  });
  file.metadata = {{"format", kFormat}, {"state", json}};
  return file;
}

void state_from_file(DescribeState state, const Safetensors& file, const std::string& where) {
  const auto format = file.metadata.find("format"), json = file.metadata.find("state");
  if (format == file.metadata.end() || format->second != kFormat || json == file.metadata.end())
    fail_data(where, ": this is no checkpoint written by fewer");
  try {
    read_json([&](Visitor& v) {
      StateReader reader(v, file, where, "");
      state(reader);
    }, json->second, where + ": state", ErrorKind::kData);
  } catch (const Error& error) {  // whatever a damaged state provokes, the file is to blame: name it
    if (error.kind() == ErrorKind::kData) throw;
    fail_data(where, ": ", error.what());
  }
}

void save_state(const std::string& path, DescribeState state) { write_safetensors(path, state_to_file(state)); }

void load_state(const std::string& path, DescribeState state) { state_from_file(state, read_safetensors(path), path); }

}  // namespace fewer
