#include <doctest/doctest.h>

#include "core/json.h"
#include "tests/core/config_example.h"

using namespace fewer;

namespace {

// The schema of one field of the example experiment, on one line.
std::string schema_of(const char* field) {
  const Json schema = parse_json(json_schema<example::Experiment>("experiment"), "schema");
  return compact_json(*schema.find("properties")->find(field));
}

}  // namespace

TEST_CASE("schema: names the draft, refuses other keys and lists what is required, also through a struct") {
  const Json schema = parse_json(json_schema<example::Experiment>("experiment"), "schema");
  CHECK(schema.find("$schema")->text == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema.find("title")->text == "experiment");
  CHECK(schema.find("additionalProperties")->text == "false");
  CHECK(compact_json(*schema.find("required")) == R"(["data"])");
  CHECK(compact_json(*schema.find("properties")->find("data")->find("required")) == R"(["name"])");
}

TEST_CASE("schema: types, ranges, choices, sizes, defaults and descriptions") {
  CHECK(schema_of("epochs") ==
        R"({"type": "integer", "minimum": 1, "maximum": 1000, "description": "passes over the data", "default": 30})");
  CHECK(schema_of("mode") ==
        R"({"type": "string", "enum": ["batch", "running"], "description": "which statistics", "default": "batch"})");
  CHECK(schema_of("hidden") ==
        R"({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 2147483647}, "minItems": 1, "maxItems": 4, )"
        R"("description": "units per layer", "default": [800, 800]})");
  CHECK(schema_of("clip") == R"({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}], )"
                             R"("description": "largest gradient norm", "default": null})");
}

TEST_CASE("schema: a variant is its bare name or exactly one of its structs; only the default kind may go unnamed") {
  const Json one_of = *parse_json(schema_of("optimizer"), "schema").find("oneOf");
  REQUIRE(one_of.items.size() == 3);
  CHECK(compact_json(one_of.items[0]) == R"({"enum": ["sgd", "adam"]})");
  CHECK(compact_json(*one_of.items[1].find("properties")->find("name")) == R"({"const": "sgd"})");
  CHECK(one_of.items[1].find("required") == nullptr);
  CHECK(compact_json(*one_of.items[2].find("properties")->find("name")) == R"({"const": "adam"})");
  CHECK(compact_json(*one_of.items[2].find("required")) == R"(["name"])");
}

TEST_CASE("help: one aligned line per field with type and range, default and meaning") {
  CHECK(help_text<example::Experiment>() == R"(epochs        whole number from 1 to 1000              30          passes over the data
mode          one of batch, running                    "batch"     which statistics
data          object                                               what to learn from
  name        one of mnist, glyphs                     required    which data set
  validation  whole number at least 0                  0           examples held out
optimizer     one of sgd, adam                         "sgd"       how to step
  "sgd":
    lr        number above 0                           0.1         learning rate
    momentum  number at least 0 and below 1            0           share of the last step kept
    nesterov  true or false                            false       look ahead first
  "adam":
    lr        number above 0                           0.001       learning rate
    steps     whole number at least 1                  1           steps taken
hidden        list of 1 to 4: whole number at least 1  [800, 800]  units per layer
clip          number above 0 or null                   null        largest gradient norm
teacher       any JSON                                 null        the config of another run
)");
}

TEST_CASE("schema and help: every kind of field has one, empty lists and absent values included") {
  const std::string schema = json_schema<example::Everything>("everything");
  const Json properties = *parse_json(schema, "schema").find("properties");
  const Json written = parse_json(write_json(example::Everything{}), "written");
  CHECK(properties.keys == written.keys);
  CHECK(compact_json(*properties.find("choices")->find("items")).find("oneOf") != std::string::npos);
  CHECK(compact_json(*properties.find("grid")->find("items")->find("items")).find("integer") != std::string::npos);
  for (const std::string& key : written.keys) CHECK(help_text<example::Everything>().find(key) != std::string::npos);
}
