#include "core/record.h"

#include <doctest/doctest.h>

#include <limits>

using namespace fewer;

TEST_CASE("record: fields of every type, in the order set") {
  const std::vector<double> losses = {0.5, 0.25};
  const std::vector<std::string> names = {"a", "b\"c"};
  const std::vector<Record> parts = {Record().set("x", 1), Record()};
  Record r;
  r.set("epoch", 3).set("bytes", uint64_t{1} << 40).set("loss", 0.1).set("rate", 0.1f).set("done", true).set("name", "x\ny");
  r.set("losses", losses).set("names", names).set("parts", parts).set("inner", Record().set("k", std::string("v")));
  CHECK(r.json() == R"({"epoch": 3, "bytes": 1099511627776, "loss": 0.1, "rate": 0.1, "done": true, "name": "x\ny", )"
                    R"("losses": [0.5, 0.25], "names": ["a", "b\"c"], "parts": [{"x": 1}, {}], "inner": {"k": "v"}})");
}

TEST_CASE("record: setting a field again replaces it in place") {
  CHECK(Record().set("a", 1).set("b", 2).set("a", "x").json() == R"({"a": "x", "b": 2})");
}

TEST_CASE("record: NaN and infinity are null") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const std::vector<double> list = {1, inf};
  CHECK(Record().set("a", nan).set("b", -inf).set("c", static_cast<float>(nan)).set("d", list).json() ==
        R"({"a": null, "b": null, "c": null, "d": [1, null]})");
}

TEST_CASE("record: the pretty form ends with a newline") {
  CHECK(Record().set("a", 1).pretty() == "{\n  \"a\": 1\n}\n");
  CHECK(Record().json() == "{}");
}
