// CSV: text in rows of fields, as spreadsheets and the UCI repository write it.
//
// Fields are separated by one character; spaces and tabs around a field do not count ("39, State-gov, 77516"). A field
// that begins with a quote ends with one and may hold separators, line breaks and, doubled, quotes (RFC 4180). Empty
// lines and comment lines are passed over. Lines end in "\n" or "\r\n", the last may lack it. Every row has as many
// fields as the first. Every error is Error(kData) and names the file and the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fewer {

struct CsvFormat {
  char separator = ',';
  char comment = '\0';  // a line that begins with it is passed over; '\0': there are no comments
};

class CsvReader {
 public:
  CsvReader(std::string_view text, std::string where, CsvFormat format);  // REQUIRES: text outlives the reader

  // Replaces `fields` by those of the next row; false at the end of the text.
  bool next(std::vector<std::string>& fields);
  int64_t line() const { return row_line_; }  // where that row began, from 1

 private:
  bool at_end() const { return at_ == text_.size(); }
  bool at_line_end() const { return at_end() || text_[at_] == '\n'; }
  void next_line();
  void skip_blanks();
  void skip_what_is_no_row();
  std::string field();
  std::string quoted_field();
  [[noreturn]] void damaged(const std::string& what) const;

  std::string_view text_;
  std::string where_;
  CsvFormat format_;
  size_t at_ = 0;
  int64_t line_ = 1, row_line_ = 0;
  int64_t first_row_line_ = 0;  // 0: no row yet
  size_t row_size_ = 0;
};

}  // namespace fewer
