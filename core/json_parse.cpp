// Everything nlohmann/json does here: it reads the text, as a stream of events that TreeBuilder turns into our tree, and
// escapes strings. Its header is heavy, so no other file includes it.
#include <algorithm>
#include <cctype>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/json.h"

namespace fewer {
namespace {

// Hands the characters of a text to the library and counts them in `at`, which tells where its lexer stands when an event
// comes. One space is added behind the text: to know that a number has ended the lexer must read one character more, and
// so there always is one.
class CountedCharacters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  CountedCharacters(std::string_view text, size_t* at) : text_(text), at_(at) {}
  char operator*() const { return *at_ < text_.size() ? text_[*at_] : ' '; }
  CountedCharacters& operator++() {
    ++*at_;
    return *this;
  }
  bool operator==(const CountedCharacters& other) const { return *at_ == *other.at_; }

 private:
  std::string_view text_;
  size_t* at_;
};

// What the parser says it expected, in words for someone who writes a config; "a value" for all else.
std::string expectation(std::string_view message) {
  static constexpr std::string_view kWords[][2] = {{"string literal", "a key in double quotes"},
                                                   {"':'", "':' after a key"},
                                                   {"']'", "',' or ']' after a value"},
                                                   {"'}'", "',' or '}' after a value"},
                                                   {"end of input", "the end of the text"}};
  for (const auto& [theirs, ours] : kWords)
    if (message.ends_with(text("; expected ", theirs))) return text("expected ", ours);
  return "expected a value";
}

// The library's events do not say where a value begins. We look for it from the end of the token before: past white space,
// comments, and the one separator that may stand there.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, const std::string& where, ErrorKind kind, int first_line)
      : text_(text), where_(where), kind_(kind), line_(first_line), first_line_(first_line) {}

  Json build() {
    // For the library a NUL ends the text, or a comment, and what follows would go unread.
    if (const size_t nul = text_.find('\0'); nul != text_.npos) wrong(nul, "expected text without NUL bytes");
    size_t end = text_.size() + 1;
    nlohmann::json::sax_parse(CountedCharacters(text_, &lexer_at_), CountedCharacters(text_, &end), this,
                              nlohmann::json::input_format_t::json, /*strict=*/true, /*ignore_comments=*/true);
    return std::move(root_);
  }

  bool null() override { return scalar(Json::Kind::kNull, "null"); }
  bool boolean(bool value) override { return scalar(Json::Kind::kBool, value ? "true" : "false"); }
  bool string(std::string& value) override { return scalar(Json::Kind::kString, std::move(value)); }
  bool number_integer(int64_t) override { return number(); }
  bool number_unsigned(uint64_t) override { return number(); }
  bool number_float(double, const std::string&) override { return number(); }
  bool binary(binary_t&) override { return false; }  // of binary formats only

  bool start_object(size_t) override { return open(Json::Kind::kObject); }
  bool start_array(size_t) override { return open(Json::Kind::kList); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& value) override {
    open_.back()->keys.push_back(std::move(value));
    return token_ends(lexer_at_, ':');
  }

  // `read` counts the characters up to the one that was wrong. Inside a string or a number that is the place to show;
  // elsewhere it is the begin of the word.
  bool parse_error(size_t read, const std::string&, const nlohmann::json::exception& problem) override {
    constexpr int kNumberOverflow = 406;
    const size_t begin = next_token();
    if (problem.id == kNumberOverflow) wrong(begin, "expected a number of at most 1.8e308");
    const std::string_view message = problem.what();
    const size_t reason = message.find(" - ") + 3, reason_end = message.find("; last read: ");
    const bool readable = reason_end == message.npos;  // a token, in the wrong place
    const std::string_view why = message.substr(reason, readable ? 0 : reason_end - reason);
    if (readable || why == "invalid literal") wrong(begin, expectation(message));
    const bool inside = begin < text_.size() && (text_[begin] == '"' || is_number_begin(text_[begin]));
    wrong(inside ? std::min(read - 1, text_.size()) : begin, std::string(why));
  }

 private:
  static bool is_number_begin(char c) { return c == '-' || (c >= '0' && c <= '9'); }

  // Appends a value to the innermost open list or object. The pointers in open_ stay valid: a list or object that is open
  // is the last item of its parent, which grows only after it is closed.
  Json& add(Json::Kind kind) {
    Json& value = open_.empty() ? root_ : open_.back()->items.emplace_back();
    value.kind = kind;
    value.begin = next_token();
    line_ += count_lines(line_known_at_, value.begin);
    line_known_at_ = value.begin;
    value.line = line_;
    return value;
  }

  bool scalar(Json::Kind kind, std::string characters) {
    Json& value = add(kind);
    value.text = std::move(characters);
    value.end = lexer_at_;
    return token_ends(value.end, ',');
  }

  bool number() {
    Json& value = add(Json::Kind::kNumber);
    value.end = lexer_at_ - 1;
    value.text = text_.substr(value.begin, value.end - value.begin);
    return token_ends(value.end, ',');
  }

  bool open(Json::Kind kind) {
    if (open_.size() == kMaxJsonDepth)
      wrong(next_token(), text("expected at most ", kMaxJsonDepth, " levels of lists and objects"));
    open_.push_back(&add(kind));
    return token_ends(lexer_at_, kNoSeparator);
  }

  bool close() {
    open_.back()->end = lexer_at_;
    open_.pop_back();
    return token_ends(lexer_at_, ',');
  }

  bool token_ends(size_t end, char separator) {
    token_end_ = end;
    separator_ = separator;
    return true;  // go on parsing
  }

  size_t next_token() const {
    const size_t at = skip_space(token_end_);
    return at < text_.size() && text_[at] == separator_ ? skip_space(at + 1) : at;
  }

  // Past white space and comments, as far as they are closed.
  size_t skip_space(size_t at) const {
    while (true) {
      at = std::min(text_.find_first_not_of(" \t\r\n", at), text_.size());
      const std::string_view rest = text_.substr(at);
      const size_t end = rest.starts_with("/*") ? rest.find("*/", 2) : rest.npos;
      if (rest.starts_with("//")) at += std::min(rest.find_first_of("\r\n"), rest.size());
      else if (end != rest.npos) at += end + 2;
      else return at;
    }
  }

  int count_lines(size_t begin, size_t end) const {
    return static_cast<int>(std::count(text_.begin() + begin, text_.begin() + end, '\n'));
  }

  // What stands at a position: a word or number, or one character.
  std::string found(size_t at) const {
    if (at >= text_.size()) return "the end of the text";
    const auto c = static_cast<unsigned char>(text_[at]);
    if (c == '\n') return "the end of the line";
    if (c < 0x20 || c >= 0x7f) return text("byte ", int{c});
    const auto in_word = [](unsigned char w) { return std::isalnum(w) || w == '_' || w == '+' || w == '-' || w == '.'; };
    constexpr size_t kMaxWord = 20;
    const std::string_view rest = text_.substr(at, kMaxWord);
    const auto length = std::find_if_not(rest.begin(), rest.end(), in_word) - rest.begin();
    return text("'", rest.substr(0, std::max<size_t>(length, 1)), "'");
  }

  [[noreturn]] void wrong(size_t at, const std::string& what) const {
    const size_t line_break = text_.substr(0, at).rfind('\n');
    const size_t line_begin = line_break == text_.npos ? std::min(bom_size(), at) : line_break + 1;
    const int line = first_line_ + count_lines(0, at);
    throw Error(kind_, text(where_, ":", line, ":", at - line_begin + 1, ": ", what, ", found ", found(at)));
  }

  // A byte order mark, as some editors write, is skipped by the library.
  size_t bom_size() const { return text_.starts_with("\xef\xbb\xbf") ? 3 : 0; }

  static constexpr char kNoSeparator = '\0';

  std::string_view text_;
  const std::string& where_;
  ErrorKind kind_;
  Json root_;
  std::vector<Json*> open_;         // the lists and objects around the next value, outermost first
  size_t lexer_at_ = 0;             // how many characters the library has read
  size_t token_end_ = bom_size();   // where the last value, key or bracket ended
  char separator_ = kNoSeparator;   // what may stand between there and the next
  int line_;                        // the line number at line_known_at_
  size_t line_known_at_ = 0;
  int first_line_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& where, ErrorKind kind, int first_line) {
  if (text.size() > kMaxJsonBytes)
    throw Error(kind, fewer::text(where, ": expected at most ", kMaxJsonBytes, " bytes of JSON, got ", text.size()));
  return TreeBuilder(text, where, kind, first_line).build();
}

std::string quoted(std::string_view characters) {
  const nlohmann::json value = std::string(characters);
  return value.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

}  // namespace fewer
