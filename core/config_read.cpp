// The reader: a visitor that looks up each described field in a parsed object and notes every mistake on the way. What
// nobody asked for is an unknown key.
#include <algorithm>

#include "core/config.h"
#include "core/config_text.h"
#include "core/json.h"
#include "core/spelling.h"

namespace fewer {
namespace {

using config::came;
using config::type_text;

struct Mistake {
  int line;
  std::string path;
  std::string what;
};

// What all readers of one text share.
struct Reading {
  std::string_view text;
  std::vector<Mistake> mistakes = {};
};

class Reader : public Visitor {
 public:
  // Reads the members of `object`, or, as a reader of one element of a list, the value itself whatever name is asked for.
  enum class Of { kObject, kElement };
  Reader(Reading& reading, const Json& value, std::string path, Of of = Of::kObject)
      : reading_(reading), value_(value), path_(std::move(path)), of_(of), mistakes_before_(reading.mistakes.size()) {}

  // Reports the keys that are unknown or double. `kind` names the alternative of a variant.
  void finish(std::string_view kind = {}) {
    for (size_t i = 0; i < value_.keys.size(); ++i) {
      const std::string& key = value_.keys[i];
      const Json* first = value_.find(key);
      if (first != &value_.items[i])
        mistake(value_.items[i].line, path_, text("duplicate key \"", key, "\", already on line ", first->line));
      else if (std::find(known_.begin(), known_.end(), key) == known_.end())
        mistake(first->line, path_, unknown(key, kind));
    }
  }

  void boolean(std::string_view name, bool& value, const FieldInfo& info) override {
    if (const Json* found = find(name, info, "true or false")) {
      if (!found->is(Json::Kind::kBool)) return wrong(*found, path_of(name), "true or false");
      value = found->text == "true";
    }
    note(name, Json::boolean(value));
  }

  void integer(std::string_view name, int64_t& value, const FieldInfo& info) override {
    constexpr std::string_view kNoun = "a whole number";
    if (const Json* found = find(name, info, type_text(kNoun, info))) {
      int64_t read = 0;
      if (!found->is(Json::Kind::kNumber) || !to_integer(*found, read))
        return wrong(*found, path_of(name), type_text(kNoun, info));
      const bool beyond_int = read != static_cast<int32_t>(read);
      if (!config::within_bounds(static_cast<double>(read), info))
        return wrong(*found, path_of(name), type_text(kNoun, info, /*type_limits=*/beyond_int));
      value = read;
    }
    note(name, Json::integer(value));
  }

  void real(std::string_view name, double& value, const FieldInfo& info) override {
    const std::string expected = type_text("a number", info, /*type_limits=*/true);
    if (const Json* found = find(name, info, expected)) {
      double read = 0;
      if (!found->is(Json::Kind::kNumber) || !to_real(*found, read) || !config::within_bounds(read, info))
        return wrong(*found, path_of(name), expected);
      value = read;
    }
    note(name, Json::number(value));
  }

  void string(std::string_view name, std::string& value, const FieldInfo& info) override {
    const std::string expected = type_text("a string", info);
    if (const Json* found = find(name, info, expected)) {
      if (!found->is(Json::Kind::kString)) return wrong(*found, path_of(name), expected);
      if (!info.choices.empty() && std::find(info.choices.begin(), info.choices.end(), found->text) == info.choices.end())
        return wrong(*found, path_of(name), expected, did_you_mean(found->text, info.choices));
      value = found->text;
    }
    note(name, Json::string(value));
  }

  void raw(std::string_view name, RawJson& value, const FieldInfo& info) override {
    const Json* found = find(name, info, "a value");
    if (!found) return;
    value = {.text = std::string(reading_.text.substr(found->begin, found->end - found->begin)),
             .line = found->line,
             .path = path_of(name)};
  }

  void object(std::string_view name, Describe describe, const FieldInfo& info) override {
    const Json* found = find(name, info, "an object");
    if (found && !found->is(Json::Kind::kObject)) return wrong(*found, path_of(name), "an object");
    if (!found && info.required) return;
    read_members(found ? *found : nothing(), name, describe);
  }

  void list(std::string_view name, int64_t, FunctionRef<void(int64_t)> resize, FunctionRef<void(int64_t, Visitor&)> element,
            const FieldInfo& info) override {
    const std::string size = config::size_text(info);
    const std::string expected = size.empty() ? "a list" : "a list " + size;
    const Json* found = find(name, info, expected);
    if (!found) return;
    if (!found->is(Json::Kind::kList)) return wrong(*found, path_of(name), expected);
    const int64_t count = static_cast<int64_t>(found->items.size());
    if (count < info.min_size || count > info.max_size)
      return mistake(found->line, path_of(name), text("expected ", expected, ", got a list of ", count));
    resize(count);
    for (int64_t i = 0; i < count; ++i) {
      Reader item(reading_, found->items[static_cast<size_t>(i)], text(path_of(name), "[", i, "]"), Of::kElement);
      element(i, item);
    }
  }

  void optional(std::string_view name, bool, FunctionRef<void(bool)> set_present, Describe value,
                const FieldInfo& info) override {
    const Json* found = find(name, info, "a value or null");
    if (!found) return;
    set_present(!found->is(Json::Kind::kNull));
    if (!found->is(Json::Kind::kNull)) value(*this);
  }

  void variant(std::string_view name, const Alternatives& alternatives, const FieldInfo& info) override {
    const std::vector<std::string> tags(alternatives.tags.begin(), alternatives.tags.end());
    const std::string expected = "one of " + joined(tags);
    const Json* found = find(name, info, expected);
    if (!found && info.required) return;
    const bool shorthand = found && found->is(Json::Kind::kString);
    if (found && !shorthand && !found->is(Json::Kind::kObject))
      return wrong(*found, path_of(name), text(expected, ", or an object with \"", alternatives.key, "\""));

    const std::string tag_path = shorthand ? path_of(name) : text(path_of(name), ".", alternatives.key);
    const Json* tag = !found ? nullptr : shorthand ? found : found->find(alternatives.key);
    if (!tag && info.required) return mistake(found->line, tag_path, "missing: expected " + expected);
    size_t chosen = static_cast<size_t>(alternatives.current);
    if (tag) {
      chosen = tag->is(Json::Kind::kString) ? std::find(tags.begin(), tags.end(), tag->text) - tags.begin() : tags.size();
      if (chosen == tags.size()) return wrong(*tag, tag_path, expected, did_you_mean(tag->text, tags));
      if (static_cast<int64_t>(chosen) != alternatives.current) alternatives.select(static_cast<int64_t>(chosen));
    }
    read_members(found && !shorthand ? *found : nothing(), name, alternatives.describe, alternatives.key, tags[chosen]);
  }

  void check(bool ok, std::string_view message, std::initializer_list<std::string_view> fields) override {
    if (ok || (fields.size() == 0 && reading_.mistakes.size() > mistakes_before_)) return;
    int line = 0;
    std::string values;
    for (const std::string_view name : fields) {
      if (is_wrong(name)) return;  // that was reported, and the value means nothing
      const Json* found = value_.find(name);
      if (found && line == 0) line = found->line;
      const auto note = std::find_if(notes_.begin(), notes_.end(), [&](const Note& n) { return n.name == name; });
      if (note != notes_.end())
        values += text(values.empty() ? "" : ", ", name, " is ", note->value, found ? "" : " by default");
    }
    mistake(line ? line : value_.line, path_, text(message, values.empty() ? "" : " (" + values + ")"));
  }

 private:
  struct Note {
    std::string name;
    std::string value;
  };

  // The value of a field, or nullptr when the text leaves it out.
  const Json* find(std::string_view name, const FieldInfo& info, const std::string& expected) {
    if (of_ == Of::kElement) return &value_;
    known_.emplace_back(name);
    const Json* found = value_.find(name);
    if (!found && info.required) mistake(value_.line, path_of(name), "missing: expected " + expected);
    return found;
  }

  // Fields of a struct that the text leaves out are visited too: they may be required, or disagree.
  void read_members(const Json& members, std::string_view name, Describe describe, std::string_view tag_key = {},
                    std::string_view kind = {}) {
    Reader inner(reading_, members, path_of(name));
    if (!tag_key.empty()) inner.known_.emplace_back(tag_key);
    describe(inner);
    inner.finish(kind);
  }

  // An object without members, at the line of the object it is missing from.
  const Json& nothing() {
    nothing_ = Json::object();
    nothing_.line = value_.line;
    return nothing_;
  }

  std::string path_of(std::string_view name) const {
    if (of_ == Of::kElement) return path_;
    return path_.empty() ? std::string(name) : text(path_, ".", name);
  }

  std::string unknown(const std::string& key, std::string_view kind) const {
    const std::string guess = did_you_mean(key, known_);
    const std::string of = kind.empty() ? "" : text(" of ", kind);
    return text("unknown key \"", key, "\"", of, guess.empty() ? "; known here: " + joined(known_) : guess);
  }

  void note(std::string_view name, const Json& value) { notes_.push_back({std::string(name), came(value)}); }

  // Whether a mistake was noted in this field or in something it holds.
  bool is_wrong(std::string_view name) const {
    const std::string path = path_of(name);
    for (size_t i = mistakes_before_; i < reading_.mistakes.size(); ++i) {
      const std::string& other = reading_.mistakes[i].path;
      if (other.starts_with(path) && (other.size() == path.size() || other[path.size()] == '.' || other[path.size()] == '['))
        return true;
    }
    return false;
  }

  void wrong(const Json& found, std::string path, const std::string& expected, const std::string& hint = "") {
    mistake(found.line, std::move(path), text("expected ", expected, ", got ", came(found), hint));
  }
  void mistake(int line, std::string path, std::string what) {
    reading_.mistakes.push_back({line, std::move(path), std::move(what)});
  }

  Reading& reading_;
  const Json& value_;
  std::string path_;
  Of of_;
  size_t mistakes_before_;
  std::vector<std::string> known_;
  std::vector<Note> notes_;
  Json nothing_;
};

void throw_mistakes(std::vector<Mistake> mistakes, const std::string& where, ErrorKind kind) {
  if (mistakes.empty()) return;
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
  std::string message;
  for (const Mistake& m : mistakes)
    message += text(message.empty() ? "" : "\n", where, ":", m.line, ": ", m.path, m.path.empty() ? "" : ": ", m.what);
  throw Error(kind, message);
}

}  // namespace

void read_json(Describe fields, const RawJson& raw, const std::string& where, ErrorKind kind) {
  const Json root = parse_json(raw.text, where, kind, raw.line);
  Reading reading{raw.text};
  if (root.is(Json::Kind::kObject)) {
    Reader reader(reading, root, raw.path);
    fields(reader);
    reader.finish();
  } else {
    reading.mistakes.push_back({root.line, raw.path, "expected an object, got " + came(root)});
  }
  throw_mistakes(std::move(reading.mistakes), where, kind);
}

void read_json(Describe fields, std::string_view text, const std::string& where, ErrorKind kind) {
  read_json(fields, RawJson{.text = std::string(text), .line = 1, .path = ""}, where, kind);
}

}  // namespace fewer
