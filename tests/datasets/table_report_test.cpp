#include "datasets/tables/table_report.h"

#include <doctest/doctest.h>

#include "datasets/tables/table_reader.h"

namespace fewer::testing {

TEST_CASE("table report: rows, classes, ranges of numbers, frequent names and missing values") {
  TableReader reader({.target = "class"});
  reader.add("size,kind,empty,class\n1,x,,u\n,y,,v\n4,x,,u\n", "file");
  const std::string report = report_table(reader.finish());
  INFO(report);
  for (const char* part : {"rows     3, of which 3 lack a value", "classes  u 2, v 1", "1 to 4, mean 2.5", "x 66.7 %, y 33.3 %", "empty"})
    CHECK(report.find(part) != std::string::npos);
}

}  // namespace fewer::testing
