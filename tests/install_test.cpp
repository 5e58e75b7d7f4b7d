// The README's promise to C++ programmers: `make install`, pkg-config, and a program of some twenty lines that compiles and runs.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "core/files.h"
#include "tests/support/run_trainer.h"
#include "tests/support/temp_folder.h"

#ifndef FEWER_DOUBLE  // the library is installed in float

using namespace fewer;
using namespace fewer::testing;

namespace {

// The first C++ block behind `marker` in a Markdown file.
std::string code_block(const std::string& path, const std::string& marker) {
  const std::string page = read_file(path);
  const std::string fence = "```cpp\n";
  const size_t begin = page.find(fence, page.find(marker)) + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

}  // namespace

TEST_CASE("install: the README's program compiles against the installed library with pkg-config, and learns") {
  const char* const build = std::getenv("FEWER_BUILD");
  if (build && std::string(build) != "build/release") return;  // a sanitizer build is not what one installs
  const TempFolder folder;
  const ProcessResult install = run_shell("make --no-print-directory install PREFIX=" + folder.file("prefix"));
  INFO(install.output);
  REQUIRE(install.exit_code == 0);
  for (const char* file : {"bin/fewer-trainer", "lib/libfewer.a", "lib/pkgconfig/fewer.pc", "include/fewer/fewer.h",
                           "include/fewer/core/tensor.h"})
    CHECK_MESSAGE(file_exists(folder.file("prefix/") + file), file);
  std::ofstream(folder.file("first.cpp")) << code_block("README.md", "tests/install_test.cpp");
  const ProcessResult compile =
      run_shell("cd " + folder.path().string() + " && PKG_CONFIG_PATH=prefix/lib/pkgconfig g++ -O1 -Wall -Wextra -Werror first.cpp "
                "$(PKG_CONFIG_PATH=prefix/lib/pkgconfig pkg-config --cflags --libs fewer) -o first");
  INFO(compile.output);
  REQUIRE(compile.exit_code == 0);
  const ProcessResult run = run_shell(folder.file("first"));
  INFO(run.output);
  CHECK(run.exit_code == 0);
}

#endif
