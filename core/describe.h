// How a struct tells the world what it holds: one method `describe(Visitor&)` that lists its fields by name.
//
//   struct SgdConfig {
//     static constexpr const char* kName = "sgd";   // only for alternatives of a std::variant
//     double lr = 0.1;
//     double momentum = 0;
//     bool nesterov = false;
//     void describe(Visitor& v) {
//       v.field("lr", lr, {.help = "learning rate", .above = 0});
//       v.field("momentum", momentum, {.help = "share of the last step kept", .min = 0, .below = 1});
//       v.field("nesterov", nesterov, {.help = "look ahead before measuring the gradient"});
//       v.check(!nesterov || momentum > 0, "nesterov needs momentum above 0", {"nesterov", "momentum"});
//     }
//   };
//
// The reader, the writer of resolved configs, the JSON Schema and the help text (core/config.h) are visitors over it, so a
// field is named once, and its default lives in the member initialiser only. Fields are visited in the order described:
// after `v.field("kind", kind)` the rest of a describe() may depend on `kind`.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/function_ref.h"

namespace fewer {

class Visitor;
using Describe = FunctionRef<void(Visitor&)>;  // "list your fields to this visitor"

// What is known of a field beyond its type. Designated initialisers go in this order. For a list, the bounds and choices
// are those of each element.
struct FieldInfo {
  const char* help = "";  // one line, lower case, no full stop
  double above = -std::numeric_limits<double>::infinity();  // exclusive
  double min = -std::numeric_limits<double>::infinity();    // inclusive
  double max = std::numeric_limits<double>::infinity();     // inclusive
  double below = std::numeric_limits<double>::infinity();   // exclusive
  std::vector<std::string> choices = {};                    // of a string; empty: any string will do
  int64_t min_size = 0;                                     // of a list
  int64_t max_size = std::numeric_limits<int64_t>::max();
  bool required = false;  // the reader insists that the key is there
};

// A value kept as its JSON text for somebody else to read: a teacher's whole config, say.
struct RawJson {
  std::string text = "null";  // as it stands in the file, comments included
  int line = 1;               // of the file, where the text begins
  std::string path = {};      // "teacher.config"
};

// The struct of choice: {"name": "sgd", "lr": 0.1} has tag "sgd" under key "name".
struct Alternatives {
  std::span<const std::string_view> tags;
  int64_t current;                    // which tag the value has now
  FunctionRef<void(int64_t)> select;  // makes the value a default one of tags[i]
  Describe describe;                  // lists the fields of the value as it is when called
  std::string_view key = "name";
};

template <class T>
concept Describable = requires(T& object, Visitor& v) { object.describe(v); };

template <class E>
struct NamedValue {
  const char* name;
  E value;
};

class Visitor {
 public:
  virtual ~Visitor() = default;

  // --- what describe() calls ---
  // A value: bool, integers, double or float, std::string, RawJson, a struct with describe(), and std::optional (null in
  // JSON), std::vector, std::array and std::variant of those. Alternatives of a variant are structs with a kName.
  void field(std::string_view name, bool& value, const FieldInfo& info = {}) { boolean(name, value, info); }
  void field(std::string_view name, int64_t& value, const FieldInfo& info = {}) { integer(name, value, info); }
  void field(std::string_view name, double& value, const FieldInfo& info = {}) { real(name, value, info); }
  void field(std::string_view name, float& value, FieldInfo info = {});
  void field(std::string_view name, std::string& value, const FieldInfo& info = {}) { string(name, value, info); }
  void field(std::string_view name, RawJson& value, const FieldInfo& info = {}) { raw(name, value, info); }
  template <std::integral T>
  void field(std::string_view name, T& value, FieldInfo info = {});
  template <class T>
  void field(std::string_view name, std::optional<T>& value, const FieldInfo& info = {});
  template <class T>
  void field(std::string_view name, std::vector<T>& value, const FieldInfo& info = {});
  template <class T, size_t N>
  void field(std::string_view name, std::array<T, N>& value, FieldInfo info = {});
  template <class... Ts>
  void field(std::string_view name, std::variant<Ts...>& value, const FieldInfo& info = {});
  template <Describable T>
  void field(std::string_view name, T& value, const FieldInfo& info = {}) {
    object(name, [&](Visitor& v) { value.describe(v); }, info);
  }
  // An enum by name: v.choice("mode", mode, {{"batch", BnMode::kBatch}, {"running", BnMode::kRunning}}, {.help = "..."}).
  template <class E>
  void choice(std::string_view name, E& value, std::span<const NamedValue<std::type_identity_t<E>>> table, FieldInfo info = {});
  template <class E>
  void choice(std::string_view name, E& value, std::initializer_list<NamedValue<std::type_identity_t<E>>> table,
              FieldInfo info = {}) {
    choice(name, value, std::span(table.begin(), table.size()), std::move(info));
  }
  template <class T>
  void required(std::string_view name, T& value, FieldInfo info = {}) {
    info.required = true;
    field(name, value, info);
  }

  // --- what a visitor implements ---
  virtual void boolean(std::string_view name, bool& value, const FieldInfo& info) = 0;
  virtual void integer(std::string_view name, int64_t& value, const FieldInfo& info) = 0;
  virtual void real(std::string_view name, double& value, const FieldInfo& info) = 0;
  virtual void string(std::string_view name, std::string& value, const FieldInfo& info) = 0;
  virtual void raw(std::string_view name, RawJson& value, const FieldInfo& info) = 0;
  // A nested object; `describe` lists its fields to the visitor it is given, not to this one.
  virtual void object(std::string_view name, Describe describe, const FieldInfo& info = {}) = 0;
  // A list of `size` elements. `element(i, item)` makes exactly one call on `item`, whose name does not matter: item.field("",
  // values[i]) or item.object("", ...). A reader calls `resize` first.
  virtual void list(std::string_view name, int64_t size, FunctionRef<void(int64_t)> resize,
                    FunctionRef<void(int64_t, Visitor&)> element, const FieldInfo& info = {}) = 0;
  // A value that may be missing: null in JSON. `value` makes one call, of the same name, for the value when there is one.
  virtual void optional(std::string_view name, bool present, FunctionRef<void(bool)> set_present, Describe value,
                        const FieldInfo& info = {}) = 0;
  // One of a closed list of structs, chosen by a tag; a bare "sgd" in JSON is short for {"name": "sgd"}.
  virtual void variant(std::string_view name, const Alternatives& alternatives, const FieldInfo& info = {}) = 0;
  // Fields that must agree: what is wrong, unless `ok`, and which fields of this struct are involved.
  virtual void check(bool ok, std::string_view message, std::initializer_list<std::string_view> fields = {}) = 0;
};

// Passes everything on. Derive from it to add calls of your own (nn adds parameters, buffers and children); what is nested
// in objects, lists and variants is described to the target's visitors.
class ForwardingVisitor : public Visitor {
 public:
  explicit ForwardingVisitor(Visitor& target) : target_(target) {}
  void boolean(std::string_view name, bool& value, const FieldInfo& info) override { target_.boolean(name, value, info); }
  void integer(std::string_view name, int64_t& value, const FieldInfo& info) override { target_.integer(name, value, info); }
  void real(std::string_view name, double& value, const FieldInfo& info) override { target_.real(name, value, info); }
  void string(std::string_view name, std::string& value, const FieldInfo& info) override { target_.string(name, value, info); }
  void raw(std::string_view name, RawJson& value, const FieldInfo& info) override { target_.raw(name, value, info); }
  void object(std::string_view name, Describe describe, const FieldInfo& info) override { target_.object(name, describe, info); }
  void list(std::string_view name, int64_t size, FunctionRef<void(int64_t)> resize,
            FunctionRef<void(int64_t, Visitor&)> element, const FieldInfo& info) override {
    target_.list(name, size, resize, element, info);
  }
  void optional(std::string_view name, bool present, FunctionRef<void(bool)> set_present, Describe value,
                const FieldInfo& info) override {
    target_.optional(name, present, set_present, value, info);
  }
  void variant(std::string_view name, const Alternatives& alternatives, const FieldInfo& info) override {
    target_.variant(name, alternatives, info);
  }
  void check(bool ok, std::string_view message, std::initializer_list<std::string_view> fields) override {
    target_.check(ok, message, fields);
  }

 protected:
  Visitor& target_;
};

// Ignores everything, nested fields included: the target for visitors that look at something other than plain fields.
class IgnoringVisitor : public Visitor {
 public:
  void boolean(std::string_view, bool&, const FieldInfo&) override {}
  void integer(std::string_view, int64_t&, const FieldInfo&) override {}
  void real(std::string_view, double&, const FieldInfo&) override {}
  void string(std::string_view, std::string&, const FieldInfo&) override {}
  void raw(std::string_view, RawJson&, const FieldInfo&) override {}
  void object(std::string_view, Describe, const FieldInfo&) override {}
  void list(std::string_view, int64_t, FunctionRef<void(int64_t)>, FunctionRef<void(int64_t, Visitor&)>,
            const FieldInfo&) override {}
  void optional(std::string_view, bool, FunctionRef<void(bool)>, Describe, const FieldInfo&) override {}
  void variant(std::string_view, const Alternatives&, const FieldInfo&) override {}
  void check(bool, std::string_view, std::initializer_list<std::string_view>) override {}
};

// --- the conveniences in terms of the primitives ---

template <std::integral T>
void Visitor::field(std::string_view name, T& value, FieldInfo info) {
  constexpr double kLow = static_cast<double>(std::numeric_limits<T>::min());
  constexpr double kHigh = static_cast<double>(std::numeric_limits<T>::max());
  if (sizeof(T) < sizeof(int64_t) || std::is_unsigned_v<T>) info.min = std::max(info.min, kLow);
  if (sizeof(T) < sizeof(int64_t)) info.max = std::min(info.max, kHigh);
  int64_t wide = static_cast<int64_t>(value);
  integer(name, wide, info);
  value = static_cast<T>(wide);
}

template <class T>
void Visitor::field(std::string_view name, std::optional<T>& value, const FieldInfo& info) {
  const auto set_present = [&](bool present) {
    if (!present) value.reset();
    if (present && !value) value.emplace();
  };
  optional(name, value.has_value(), set_present, [&](Visitor& v) { v.field(name, *value, info); }, info);
}

template <class T>
void Visitor::field(std::string_view name, std::vector<T>& value, const FieldInfo& info) {
  static_assert(!std::same_as<T, bool>, "std::vector<bool> has no elements to refer to");
  const FieldInfo each{.above = info.above, .min = info.min, .max = info.max, .below = info.below, .choices = info.choices};
  list(name, static_cast<int64_t>(value.size()), [&](int64_t size) { value.resize(static_cast<size_t>(size)); },
       [&](int64_t i, Visitor& item) { item.field("", value[static_cast<size_t>(i)], each); }, info);
}

template <class T, size_t N>
void Visitor::field(std::string_view name, std::array<T, N>& value, FieldInfo info) {
  const FieldInfo each{.above = info.above, .min = info.min, .max = info.max, .below = info.below, .choices = info.choices};
  info.min_size = info.max_size = N;
  list(name, N, [](int64_t) {}, [&](int64_t i, Visitor& item) { item.field("", value[static_cast<size_t>(i)], each); }, info);
}

template <class... Ts>
void Visitor::field(std::string_view name, std::variant<Ts...>& value, const FieldInfo& info) {
  static constexpr std::string_view kTags[] = {Ts::kName...};
  const auto select = [&](int64_t tag) {
    int64_t i = 0;
    ((i++ == tag ? void(value.template emplace<Ts>()) : void()), ...);
  };
  const auto describe = [&](Visitor& v) { std::visit([&](auto& chosen) { chosen.describe(v); }, value); };
  variant(name, {.tags = kTags, .current = static_cast<int64_t>(value.index()), .select = select, .describe = describe}, info);
}

template <class E>
void Visitor::choice(std::string_view name, E& value, std::span<const NamedValue<std::type_identity_t<E>>> table,
                     FieldInfo info) {
  std::string chosen;
  for (const auto& entry : table) {
    info.choices.emplace_back(entry.name);
    if (entry.value == value) chosen = entry.name;
  }
  string(name, chosen, info);
  for (const auto& entry : table)
    if (chosen == entry.name) value = entry.value;
}

}  // namespace fewer
