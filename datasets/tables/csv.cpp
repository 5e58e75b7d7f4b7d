#include "datasets/tables/csv.h"

#include <algorithm>

#include "core/error.h"

namespace fewer {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string where, CsvFormat format)
    : text_(text), where_(std::move(where)), format_(format) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // the mark some programs put before UTF-8
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  skip_what_is_no_row();
  if (at_end()) return false;
  row_line_ = line_;
  fields.push_back(field());
  while (!at_line_end()) {
    ++at_;  // the separator
    fields.push_back(field());
  }
  next_line();
  if (first_row_line_ == 0) {
    first_row_line_ = row_line_;
    row_size_ = fields.size();
  }
  if (fields.size() != row_size_)
    fail_data(where_, ": line ", row_line_, ": expected ", row_size_, " fields as in line ", first_row_line_, ", got ",
              fields.size(), ": is one missing, or a separator inside a field without quotes?");
  return true;
}

void CsvReader::next_line() {
  if (at_end()) return;
  ++at_;
  ++line_;
}

void CsvReader::skip_blanks() {
  while (!at_end() && text_[at_] != format_.separator && is_blank(text_[at_])) ++at_;
}

void CsvReader::skip_what_is_no_row() {
  while (!at_end()) {
    const size_t begin = at_;
    skip_blanks();
    const bool comment = format_.comment != '\0' && !at_end() && text_[begin] == format_.comment;
    if (comment) at_ = std::min(text_.find('\n', at_), text_.size());
    if (!at_line_end()) {
      at_ = begin;
      return;
    }
    next_line();
  }
}

// Ends before the separator or at the end of the line.
std::string CsvReader::field() {
  skip_blanks();
  if (!at_end() && text_[at_] == '"') return quoted_field();
  const size_t begin = at_;
  for (; !at_line_end() && text_[at_] != format_.separator; ++at_) {
    const unsigned char c = static_cast<unsigned char>(text_[at_]);
    if (c < ' ' && !is_blank(text_[at_])) damaged("a control character");
  }
  size_t end = at_;
  while (end > begin && is_blank(text_[end - 1])) --end;
  return std::string(text_.substr(begin, end - begin));
}

std::string CsvReader::quoted_field() {
  std::string value;
  for (++at_;; ++at_) {
    if (at_end())
      fail_data(where_, ": line ", row_line_, ": expected the quote that ends a field of this row, but the file ends");
    if (text_[at_] == '\0') damaged("a control character");
    if (text_[at_] == '\n') ++line_;
    if (text_[at_] == '"' && !text_.substr(at_).starts_with("\"\"")) break;
    if (text_[at_] == '"') ++at_;
    value += text_[at_];
  }
  ++at_;
  skip_blanks();
  if (!at_line_end() && text_[at_] != format_.separator) damaged("more text after the quote that ends a field");
  return value;
}

void CsvReader::damaged(const std::string& what) const {
  fail_data(where_, ": line ", line_, " (byte ", at_, "): expected rows of text, got ", what,
            ": is this a CSV file, and intact?");
}

}  // namespace fewer
