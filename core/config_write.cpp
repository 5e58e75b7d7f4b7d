#include "core/config_write.h"

#include <cmath>

#include "core/config.h"

namespace fewer {
namespace config {

void Writer::put(std::string_view name, Json value) {
  if (of_ == Of::kElement) target_ = std::move(value);
  else target_.add(name, std::move(value));
}

void Writer::boolean(std::string_view name, bool& value, const FieldInfo&) { put(name, Json::boolean(value)); }
void Writer::integer(std::string_view name, int64_t& value, const FieldInfo&) { put(name, Json::integer(value)); }

void Writer::real(std::string_view name, double& value, const FieldInfo&) {
  ENSURE(std::isfinite(value), "write_json: field \"", name, "\" is ", value,
         ", which JSON cannot hold; use a std::optional");
  put(name, Json::number(value));
}

void Writer::string(std::string_view name, std::string& value, const FieldInfo&) { put(name, Json::string(value)); }

void Writer::raw(std::string_view name, RawJson& value, const FieldInfo&) {
  put(name, parse_json(value.text, value.path.empty() ? std::string(name) : value.path, ErrorKind::kOther, value.line));
}

void Writer::object(std::string_view name, Describe describe, const FieldInfo&) {
  Json members = Json::object();
  Writer inner(members);
  describe(inner);
  put(name, std::move(members));
}

void Writer::list(std::string_view name, int64_t size, FunctionRef<void(int64_t)>,
                  FunctionRef<void(int64_t, Visitor&)> element, const FieldInfo&) {
  Json elements = Json::list();
  for (int64_t i = 0; i < size; ++i) elements.items.push_back(value_of([&](Visitor& item) { element(i, item); }));
  put(name, std::move(elements));
}

void Writer::optional(std::string_view name, bool present, FunctionRef<void(bool)>, Describe value, const FieldInfo&) {
  if (present) value(*this);
  else put(name, Json());
}

void Writer::variant(std::string_view name, const Alternatives& alternatives, const FieldInfo&) {
  Json members = Json::object();
  members.add(alternatives.key, Json::string(alternatives.tags[static_cast<size_t>(alternatives.current)]));
  Writer inner(members);
  alternatives.describe(inner);
  put(name, std::move(members));
}

Json value_of(Describe field) {
  Json value;
  Writer writer(value, Writer::Of::kElement);
  field(writer);
  return value;
}

}  // namespace config

std::string write_json(Describe fields) {
  Json root = Json::object();
  config::Writer writer(root);
  fields(writer);
  return pretty_json(root) + "\n";
}

}  // namespace fewer
