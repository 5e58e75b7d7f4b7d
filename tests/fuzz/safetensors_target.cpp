#include "core/error.h"
#include "core/safetensors.h"
#include "tests/fuzz/target.h"

namespace fewer::testing {
namespace {

std::vector<std::string> files() {
  Safetensors file;
  file.add_bytes("packed", std::string_view("\1\2\3", 3));
  file.add("labels", IntTensor({2}, {7, -1}));
  file.add("weight", Tensor({2, 2}, {1, -2, 0.5, 4}));
  file.add("nothing", Tensor::zeros({0, 4}));
  file.metadata["format"] = "example";
  return {to_bytes(file), to_bytes({})};
}

// Entries of other types than ours are refused one by one.
void convert(const Safetensors::Entry& entry) {
  try {
    entry.dtype == "I32" ? void(to_int_tensor(entry, "file")) : void(to_tensor(entry, "file"));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
  }
}

void read(const std::string& bytes) {
  const Safetensors file = parse_safetensors(bytes, "file");
  for (const Safetensors::Entry& entry : file.entries) convert(entry);
  const std::string written = to_bytes(file);
  ENSURE(to_bytes(parse_safetensors(written, "written")) == written, "safetensors: expected the same bytes again");
}

}  // namespace

FuzzTarget safetensors_target() { return {"safetensors", files, read}; }

}  // namespace fewer::testing
