// A recursive-descent parser for JSON with comments. One function per rule of the grammar (RFC 8259); each is called with
// the position on the rule's first character and leaves it behind the last.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "core/json.h"

namespace fewer {
namespace {

// The length of the UTF-8 character that `bytes` begins with, or 0 when it is not well formed (Unicode 15, table 3-7).
size_t utf8_length(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const unsigned second = byte(1);
  const bool bad = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
                   (first == 0xf4 && second > 0x8f);
  return bad ? 0 : length;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& where, ErrorKind kind, int first_line)
      : text_(text), where_(where), kind_(kind), line_(first_line) {}

  Json document() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = line_begin_ = 3;  // a byte order mark, as some editors write
    Json result = value(0);
    skip_space();
    if (at_ < text_.size()) wrong("the end of the text");
    return result;
  }

 private:
  Json value(int depth) {
    skip_space();
    if (depth > kMaxJsonDepth) wrong(text("at most ", kMaxJsonDepth, " levels of lists and objects"));
    Json v;
    v.line = line_;
    v.begin = at_;
    const char c = peek();
    if (c == '{') object(v, depth);
    else if (c == '[') list(v, depth);
    else if (c == '"') v.kind = Json::Kind::kString, v.text = string();
    else if (c == '-' || is_digit(c)) number(v);
    else word(v);
    v.end = at_;
    return v;
  }

  void object(Json& v, int depth) {
    v.kind = Json::Kind::kObject;
    ++at_;
    if (skip_space(), peek() == '}') return void(++at_);
    while (true) {
      skip_space();
      if (peek() != '"') wrong("a key in double quotes");
      v.keys.push_back(string());
      skip_space();
      if (peek() != ':') wrong("':' after a key");
      ++at_;
      v.items.push_back(value(depth + 1));
      if (skip_space(), peek() == '}') return void(++at_);
      if (peek() != ',') wrong("',' or '}' after a value");
      ++at_;
    }
  }

  void list(Json& v, int depth) {
    v.kind = Json::Kind::kList;
    ++at_;
    if (skip_space(), peek() == ']') return void(++at_);
    while (true) {
      v.items.push_back(value(depth + 1));
      if (skip_space(), peek() == ']') return void(++at_);
      if (peek() != ',') wrong("',' or ']' after a value");
      ++at_;
    }
  }

  void number(Json& v) {
    v.kind = Json::Kind::kNumber;
    const size_t begin = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') ++at_;
    else digits();
    if (peek() == '.') ++at_, digits();
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    if (is_digit(peek())) wrong("no digit after a leading 0");
    v.text = text_.substr(begin, at_ - begin);
  }

  void digits() {
    if (!is_digit(peek())) wrong("a digit");
    while (is_digit(peek())) ++at_;
  }

  void word(Json& v) {
    const auto is = [&](std::string_view w) { return found() == w; };
    if (!is("true") && !is("false") && !is("null")) wrong("a value");
    v.kind = is("null") ? Json::Kind::kNull : Json::Kind::kBool;
    v.text = found();
    at_ += v.text.size();
  }

  std::string string() {
    std::string out;
    ++at_;
    while (peek() != '"') {
      if (at_ >= text_.size() || peek() == '\n') wrong("'\"' at the end of a string");
      if (static_cast<unsigned char>(peek()) < 0x20) wrong("no control character in a string");
      if (peek() == '\\') {
        escape(out);
        continue;
      }
      const size_t length = utf8_length(text_.substr(at_));
      if (length == 0) wrong("text in UTF-8");
      out += text_.substr(at_, length);
      at_ += length;
    }
    ++at_;
    return out;
  }

  void escape(std::string& out) {
    ++at_;
    static constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const size_t which = at_ < text_.size() ? kNames.find(peek()) : kNames.npos;
    if (which != kNames.npos) {
      out += kMeanings[which];
      ++at_;
    } else if (peek() == 'u') {
      append_utf8(out, unicode());
    } else {
      wrong("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
  }

  // \uXXXX, or a pair of them for a character above U+FFFF.
  uint32_t unicode() {
    const uint32_t high = hex4();
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff || !text_.substr(at_).starts_with("\\u")) wrong("a low surrogate after a high one");
    ++at_;
    const uint32_t low = hex4();
    if (low < 0xdc00 || low > 0xdfff) wrong("a low surrogate after a high one");
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }

  uint32_t hex4() {
    uint32_t code = 0;
    const std::string_view digits = text_.substr(++at_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) wrong("four hexadecimal digits after \\u");
    at_ += 4;
    return code;
  }

  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') ++line_, line_begin_ = at_ + 1;
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') ++at_;
      else if (c == '/') comment();
      else return;
    }
  }

  void comment() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      at_ = std::min(text_.size(), text_.find('\n', at_));
    } else if (rest.starts_with("/*")) {
      const size_t end = text_.find("*/", at_ + 2);
      if (end == text_.npos) wrong("'*/' at the end of a comment");
      for (; at_ < end; ++at_)
        if (text_[at_] == '\n') ++line_, line_begin_ = at_ + 1;
      at_ += 2;
    } else {
      wrong("a comment, // or /* */");
    }
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  // What stands at the position: a word, or one character.
  std::string_view found() const {
    const std::string_view rest = text_.substr(at_);
    size_t n = 0;
    while (n < rest.size() && n < 20 && (std::isalnum(static_cast<unsigned char>(rest[n])) || rest[n] == '_')) ++n;
    return rest.substr(0, std::max<size_t>(n, 1));
  }

  [[noreturn]] void wrong(const std::string& expected) const {
    std::string came = "the end of the text";
    if (at_ < text_.size()) {
      const unsigned char c = static_cast<unsigned char>(text_[at_]);
      came = c == '\n' ? "the end of the line" : c < 0x20 || c >= 0x7f ? text("byte ", int{c}) : text("'", found(), "'");
    }
    throw Error(kind_, text(where_, ":", line_, ":", at_ - line_begin_ + 1, ": expected ", expected, ", found ", came));
  }

  std::string_view text_;
  const std::string& where_;
  ErrorKind kind_;
  size_t at_ = 0;
  size_t line_begin_ = 0;
  int line_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& where, ErrorKind kind, int first_line) {
  if (text.size() > kMaxJsonBytes)
    throw Error(kind, fewer::text(where, ": expected at most ", kMaxJsonBytes, " bytes of JSON, got ", text.size()));
  return Parser(text, where, kind, first_line).document();
}

bool to_real(const Json& number, double& value) {
  const char* end = number.text.data() + number.text.size();
  const auto result = std::from_chars(number.text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end;
}

// 12 directly, so that all 64 bits are kept; 1e3 and 12.0 by way of a double, as far as doubles are exact.
bool to_integer(const Json& number, int64_t& value) {
  const char* end = number.text.data() + number.text.size();
  const auto result = std::from_chars(number.text.data(), end, value);
  if (result.ec == std::errc() && result.ptr == end) return true;
  constexpr double kExact = 9007199254740992.0;  // 2^53
  double real = 0;
  if (!to_real(number, real) || std::floor(real) != real || std::abs(real) > kExact) return false;
  value = static_cast<int64_t>(real);
  return true;
}

}  // namespace fewer
