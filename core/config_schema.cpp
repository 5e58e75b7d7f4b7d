// JSON Schema (draft 2020-12) of described fields, for editors and other checkers: what the reader accepts, minus what a
// schema cannot say (fields that disagree).
//
// To see every alternative, element and optional value the visitor makes them: it leaves the object changed.
#include <cmath>

#include "core/config.h"
#include "core/config_write.h"

namespace fewer {
namespace {

using config::value_of;

Json typed(std::string_view type) { return Json(Json::object().add("type", Json::string(type))); }

void add_bounds(Json& schema, const FieldInfo& info) {
  if (std::isfinite(info.above)) schema.add("exclusiveMinimum", Json::number(info.above));
  if (std::isfinite(info.min)) schema.add("minimum", Json::number(info.min));
  if (std::isfinite(info.max)) schema.add("maximum", Json::number(info.max));
  if (std::isfinite(info.below)) schema.add("exclusiveMaximum", Json::number(info.below));
}

template <class Strings>
Json list_of(const Strings& strings) {
  Json list = Json::list();
  for (const auto& s : strings) list.items.push_back(Json::string(s));
  return list;
}

class SchemaVisitor : public Visitor {
 public:
  void boolean(std::string_view name, bool& value, const FieldInfo& info) override {
    put(name, typed("boolean"), info, Json::boolean(value));
  }

  void integer(std::string_view name, int64_t& value, const FieldInfo& info) override {
    Json schema = typed("integer");
    add_bounds(schema, info);
    put(name, std::move(schema), info, Json::integer(value));
  }

  void real(std::string_view name, double& value, const FieldInfo& info) override {
    Json schema = typed("number");
    add_bounds(schema, info);
    put(name, std::move(schema), info, Json::number(value));
  }

  void string(std::string_view name, std::string& value, const FieldInfo& info) override {
    Json schema = typed("string");
    if (!info.choices.empty()) schema.add("enum", list_of(info.choices));
    put(name, std::move(schema), info, Json::string(value));
  }

  void raw(std::string_view name, RawJson& value, const FieldInfo& info) override {
    put(name, Json::object(), info, value_of([&](Visitor& v) { v.raw(name, value, info); }));
  }

  void object(std::string_view name, Describe describe, const FieldInfo& info) override {
    SchemaVisitor inner;
    describe(inner);
    // Without the object, a required field of it would be missing too.
    put(name, inner.object_schema(), info, {}, !inner.required_.items.empty());
  }

  void list(std::string_view name, int64_t size, FunctionRef<void(int64_t)> resize,
            FunctionRef<void(int64_t, Visitor&)> element, const FieldInfo& info) override {
    const Json value = value_of([&](Visitor& v) { v.list(name, size, resize, element, info); });
    if (size == 0) resize(1);
    SchemaVisitor item;
    item.plain_ = true;
    element(0, item);
    if (size == 0) resize(0);
    Json schema = typed("array");
    schema.add("items", item.properties_.items.at(0));
    if (info.min_size > 0) schema.add("minItems", Json::integer(info.min_size));
    if (info.max_size < std::numeric_limits<int64_t>::max()) schema.add("maxItems", Json::integer(info.max_size));
    put(name, std::move(schema), info, value);
  }

  void optional(std::string_view name, bool present, FunctionRef<void(bool)> set_present, Describe value,
                const FieldInfo& info) override {
    const Json now = value_of([&](Visitor& v) { v.optional(name, present, set_present, value, info); });
    set_present(true);
    SchemaVisitor inner;
    inner.plain_ = true;
    value(inner);
    set_present(present);
    Json either = Json::list();
    either.items = {inner.properties_.items.at(0), typed("null")};
    put(name, Json(Json::object().add("anyOf", either)), info, now);
  }

  void variant(std::string_view name, const Alternatives& alternatives, const FieldInfo& info) override {
    const Json now = value_of([&](Visitor& v) { v.variant(name, alternatives, info); });
    std::vector<Json> schemas(alternatives.tags.size());
    const auto visit = [&](int64_t i) {
      const bool must_name = info.required || i != alternatives.current;
      schemas[static_cast<size_t>(i)] = alternative(alternatives, i, must_name);
    };
    visit(alternatives.current);  // first, while it has the values that are the defaults
    for (int64_t i = 0; i < std::ssize(alternatives.tags); ++i) {
      if (i == alternatives.current) continue;
      alternatives.select(i);
      visit(i);
    }
    alternatives.select(alternatives.current);
    const bool needed = schemas[static_cast<size_t>(alternatives.current)].find("required") != nullptr;
    Json one_of = Json::list();
    one_of.items.push_back(Json(Json::object().add("enum", list_of(alternatives.tags))));
    for (Json& schema : schemas) one_of.items.push_back(std::move(schema));
    put(name, Json(Json::object().add("oneOf", std::move(one_of))), info, now, needed);
  }

  void check(bool, std::string_view, std::initializer_list<std::string_view>) override {}

  Json object_schema() const {
    Json schema = typed("object");
    schema.add("properties", properties_);
    if (!required_.items.empty()) schema.add("required", required_);
    schema.add("additionalProperties", Json::boolean(false));
    return schema;
  }

 private:
  // The struct that the tag at position i stands for.
  static Json alternative(const Alternatives& alternatives, int64_t i, bool must_name) {
    const Json tag = Json::string(alternatives.tags[static_cast<size_t>(i)]);
    SchemaVisitor inner;
    inner.properties_.add(alternatives.key, Json(Json::object().add("const", tag)));
    if (must_name) inner.required_.items.push_back(Json::string(alternatives.key));
    alternatives.describe(inner);
    return inner.object_schema();
  }

  void put(std::string_view name, Json schema, const FieldInfo& info, const Json& value, bool needed = false) {
    needed = needed || info.required;
    if (!plain_) {
      const bool is_struct = schema.find("properties") != nullptr;  // its fields have defaults of their own
      if (*info.help) schema.add("description", Json::string(info.help));
      if (!needed && !is_struct) schema.add("default", value);
      if (needed) required_.items.push_back(Json::string(name));
    }
    properties_.add(name, std::move(schema));
  }

  bool plain_ = false;  // of the element of a list or an optional value: description and default are the owner's
  Json properties_ = Json::object();
  Json required_ = Json::list();
};

}  // namespace

std::string json_schema(Describe fields, std::string_view title) {
  SchemaVisitor visitor;
  fields(visitor);
  Json schema = Json::object();
  schema.add("$schema", Json::string("https://json-schema.org/draft/2020-12/schema"));
  schema.add("title", Json::string(title));
  Json object = visitor.object_schema();
  for (size_t i = 0; i < object.keys.size(); ++i) schema.add(object.keys[i], std::move(object.items[i]));
  return pretty_json(schema) + "\n";
}

}  // namespace fewer
