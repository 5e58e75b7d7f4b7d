#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "ops/kernels/isa.h"
#include "tests/support/naive_gemm.h"

using namespace fewer;

TEST_CASE("isa: an unknown name is a config error that lists the available ones") {
  try {
    kernels::set_isa("pentium");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kConfig);
    CHECK(std::string(error.what()).find("baseline") != std::string::npos);
    CHECK(std::string(error.what()).find("pentium") != std::string::npos);
  }
}

TEST_CASE("isa: every available name can be chosen, and its table says the same name") {
  const testing::KeepSettings keep;
  CHECK(kernels::available_isas().front() == "baseline");
  for (const std::string& name : kernels::available_isas()) {
    kernels::set_isa(name);
    CHECK(kernels::isa_name() == name);
    CHECK(kernels::kernel_table().float_columns % kernels::kernel_table().float_lanes == 0);
  }
}

#ifndef __SANITIZE_ADDRESS__
namespace {

// What `nm` says about an object file.
std::string symbols(const std::filesystem::path& object) {
  std::string out;
  FILE* pipe = popen(("nm -C --defined-only '" + object.string() + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char line[1024];
  while (std::fgets(line, sizeof(line), pipe) != nullptr) out += line;
  REQUIRE(pclose(pipe) == 0);
  return out;
}

}  // namespace

// A weak symbol (an inline function of a header) compiled for AVX-512 may replace everybody's copy at link time and crash an older processor.
// The objects lie beside this binary: build/FLAVOUR/tests/run, build/FLAVOUR/ops/kernels/isa/*.o.
TEST_CASE("isa: objects of one instruction set define no weak symbol, and nothing outside its namespace") {
  const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  int objects = 0;
  for (const auto& entry : std::filesystem::directory_iterator(build / "ops/kernels/isa")) {
    if (entry.path().extension() != ".o") continue;
    ++objects;
    const std::string isa = entry.path().stem().extension().string().substr(1);  // strip_product.avx2.o -> avx2
    INFO(entry.path().filename().string());
    const std::string all = symbols(entry.path());
    for (size_t begin = 0; begin < all.size();) {
      const size_t end = all.find('\n', begin);
      const std::string line = all.substr(begin, end - begin);
      begin = end + 1;
      INFO(line);
      const char kind = line[17];  // 16 digits, a blank, the kind
      CHECK(std::string("WVwvui").find(kind) == std::string::npos);
      if (std::isupper(kind) != 0) CHECK(line.find("fewer::kernels::" + isa + "::") != std::string::npos);
    }
  }
  CHECK(objects > 0);
}
#endif
