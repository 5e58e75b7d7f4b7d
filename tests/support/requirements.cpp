#include "tests/support/requirements.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <sstream>

#include "core/error.h"
#include "datasets/places.h"
#include "datasets/registry.h"

namespace fewer::testing {
namespace {

bool required(const std::string& need) {
  const char* list = std::getenv("FEWER_REQUIRE");
  std::istringstream items(list ? list : "");
  for (std::string item; std::getline(items, item, ',');)
    if (item == need) return true;
  return false;
}

bool missing(const std::string& need, const std::string& why) {
  if (required(need)) FAIL("FEWER_REQUIRE names \"", need, "\", but ", why);
  MESSAGE("SKIPPED: ", why);
  return false;
}

}  // namespace

bool have_data(const std::string& name) {
  try {
    find_data(name, "");
    return true;
  } catch (const Error& error) {
    return missing("data", error.what());
  }
}

bool have_file(const std::string& name) {
  try {
    find_in_places("of tests", std::vector{name}, "Unpack it", "");
    return true;
  } catch (const Error& error) {
    return missing("data", error.what());
  }
}

bool have_torch() {
  static const bool present =
      std::system((std::string(kTorchPython) + " -c 'import torch' >/dev/null 2>&1").c_str()) == 0;
  return present || missing("torch", std::string(kTorchPython) + " cannot import torch: apt-get install python3-torch");
}

}  // namespace fewer::testing
