// Internal to core/config_*.cpp: the visitor that turns described fields into a tree of JSON.
#pragma once

#include "core/describe.h"
#include "core/json.h"

namespace fewer::config {

// Adds a member to `target` for each field; as a writer of one element or default value it sets `target` itself.
class Writer : public Visitor {
 public:
  enum class Of { kObject, kElement };
  explicit Writer(Json& target, Of of = Of::kObject) : target_(target), of_(of) {
    if (of == Of::kObject) target.kind = Json::Kind::kObject;
  }

  void boolean(std::string_view name, bool& value, const FieldInfo& info) override;
  void integer(std::string_view name, int64_t& value, const FieldInfo& info) override;
  void real(std::string_view name, double& value, const FieldInfo& info) override;
  void string(std::string_view name, std::string& value, const FieldInfo& info) override;
  void raw(std::string_view name, RawJson& value, const FieldInfo& info) override;
  void object(std::string_view name, Describe describe, const FieldInfo& info) override;
  void list(std::string_view name, int64_t size, FunctionRef<void(int64_t)> resize,
            FunctionRef<void(int64_t, Visitor&)> element, const FieldInfo& info) override;
  void optional(std::string_view name, bool present, FunctionRef<void(bool)> set_present, Describe value,
                const FieldInfo& info) override;
  void variant(std::string_view name, const Alternatives& alternatives, const FieldInfo& info) override;
  void check(bool, std::string_view, std::initializer_list<std::string_view>) override {}

 private:
  void put(std::string_view name, Json value);

  Json& target_;
  Of of_;
};

// The value of the one field that `field` describes.
Json value_of(Describe field);

}  // namespace fewer::config
