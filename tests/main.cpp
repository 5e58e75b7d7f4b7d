// Runs every test and watches what it leaves behind.
//
// After each test case as many graph nodes and storage blocks must be alive as before it. A test that leaves some is
// run a second time when all are done: a function-local static (a table built on first use) is made once, so the second
// run leaves nothing; a leak happens again and fails the suite, naming the test. Nothing needs to be warmed up or
// announced.
//
// A test may also change the number of threads and the instruction set; both are put back after it.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "core/node.h"
#include "core/parallel.h"
#include "core/storage.h"
#include "ops/kernels/isa.h"

namespace {

struct Alive {
  int64_t nodes = fewer::live_nodes();
  int64_t blocks = fewer::pool_statistics().live_blocks;
};

struct Growth {
  std::string test;
  int64_t nodes, blocks;
};

std::vector<Growth> growths;  // of the run in progress

class AliveListener : public doctest::IReporter {
 public:
  explicit AliveListener(const doctest::ContextOptions&) {}

  void test_case_start(const doctest::TestCaseData& test) override {
    test_ = test.m_name;
    before_ = Alive();
  }
  void test_case_end(const doctest::CurrentTestCaseStats&) override {
    fewer::set_threads(0);
    fewer::kernels::set_isa(widest_isa_);
    const Alive after;
    if (after.nodes > before_.nodes || after.blocks > before_.blocks)
      growths.push_back({test_, after.nodes - before_.nodes, after.blocks - before_.blocks});
  }

  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  std::string test_;
  Alive before_;
  const std::string widest_isa_ = fewer::kernels::available_isas().back();
};

REGISTER_LISTENER("alive", 1, AliveListener);

// A filter of doctest is a list: commas inside a name are escaped.
std::string filter_for(const std::string& name) {
  std::string filter;
  for (const char c : name) filter += (c == ',' || c == '\\' ? std::string("\\") : std::string()) + c;
  return filter;
}

// Whether the test leaves something behind again.
bool leaks(const std::string& test) {
  growths.clear();
  doctest::Context again;
  again.addFilter("test-case", filter_for(test).c_str());
  again.setOption("minimal", true);
  again.run();
  for (const Growth& growth : growths) {
    std::cerr << "LEAK: test case \"" << growth.test << "\" left " << growth.nodes << " nodes and " << growth.blocks
              << " storage blocks alive\n";
  }
  return !growths.empty();
}

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  int result = context.run();
  if (context.shouldExit()) return result;
  for (const Growth& growth : std::vector<Growth>(growths))
    if (leaks(growth.test)) result = 1;
  return result;
}
