// Damaged pictures: a clear error, no crash and no more memory than the file deserves. tests/fuzz looks for more.
#include <doctest/doctest.h>

#include <cstring>

#include "core/error.h"
#include "core/rng.h"
#include "datasets/pictures/checks.h"
#include "datasets/pictures/decode.h"
#include "tests/support/messages.h"
#include "tests/support/picture_files.h"

namespace fewer::testing {
namespace {

using namespace std::string_literals;

// The message of the data error that decoding throws; "" when it decodes.
std::string complaint(const std::string& file) {
  return message_of(ErrorKind::kData, [&] { decode_picture(file, "file"); });
}

std::string replaced(std::string text, size_t at, const std::string& by) { return text.replace(at, by.size(), by); }

const std::string kPng = png_bytes({.width = 9, .height = 2, .depth = 1, .rows = "\0\xa5\x80\0\x5a\x00"s});
const std::string kBmp = bmp_bytes({.width = 2, .height = 2, .rows = "\1\2\3\4\5\6\0\0\7\10\11\12\13\14\0\0"s});
const std::string kPaletteBmp =
    bmp_bytes({.width = 2, .height = 1, .bits = 8, .behind_header = "\1\2\3\0\4\5\6\0"s, .rows = "\0\1\0\0"s});
const std::string kPalettePng = png_bytes({.width = 2, .color_type = 3, .rows = "\0\0\1"s, .palette = "abcdef"});

const std::vector<std::string> kGood = {kPng, kPalettePng, kBmp, kPaletteBmp, grey_jpeg(), progressive_jpeg()};

size_t behind(const std::string& file, const std::string& part) { return file.find(part) + part.size(); }

}  // namespace

TEST_CASE("pictures: a file cut anywhere is an error that names the file") {
  for (const std::string& good : kGood)
    for (size_t length = 0; length < good.size(); ++length) {
      const std::string message = complaint(good.substr(0, length));
      INFO(length, " of ", good.size(), ": ", message);
      CHECK(message.starts_with("file: "));
      CHECK(contains(message, "replace or remove it"));
    }
}

TEST_CASE("png: every flipped bit is an error, for all is under a check sum") {
  for (const std::string& good : {kPng, kPalettePng})
    for (size_t bit = 0; bit < 8 * good.size(); ++bit)
      CHECK(complaint(replaced(good, bit / 8, std::string(1, static_cast<char>(good[bit / 8] ^ 1 << bit % 8)))) != "");
}

TEST_CASE("pictures: flipped bits and overwritten bytes never do worse than an error") {
  Rng rng(1);
  for (const std::string& good : kGood)
    for (int trial = 0; trial < 3000; ++trial) {
      std::string damaged = good;
      for (int64_t changes = 1 + rng.below(4); changes > 0; --changes) {
        char& byte = damaged[static_cast<size_t>(rng.below(static_cast<int64_t>(damaged.size())))];
        byte = static_cast<char>(rng.bernoulli(0.5) ? byte ^ 1 << rng.below(8) : rng.below(256));
      }
      complaint(with_new_check_sums(damaged));
    }
}

TEST_CASE("pictures: no bytes, zero bytes and other files are told apart from pictures") {
  for (const std::string& file : {""s, std::string(1000, '\0'), "GIF89a\1\0\1\0"s, "P6 1 1 255\n"s, "\x89PNG\n"s})
    CHECK(contains(complaint(file), "expected a PNG, JPEG or BMP picture"));
}

TEST_CASE("png: sizes of 0, too large, or more than the data can hold are refused before memory is taken") {
  const size_t width = behind(kPng, "IHDR");
  const auto with_size = [&](uint32_t w, uint32_t h) { return complaint(with_new_check_sums(replaced(kPng, width, big32(w) + big32(h)))); };
  CHECK(contains(with_size(0, 2), "expected sides of 1 to 32768"));
  CHECK(contains(with_size(9, 0xffffffff), "expected sides of 1 to 32768"));
  CHECK(contains(with_size(32768, 32768), "at most 67108864 pixels"));
  CHECK(contains(with_size(8000, 8000), "the header announces 8000 x 8000 pixels, more than"));
  CHECK(contains(with_size(9, 3), "not enough pixels"));
}

TEST_CASE("png: depths and colour types that do not exist, unknown chunks and bad palettes are refused") {
  const size_t depth = behind(kPng, "IHDR") + 8;
  CHECK(contains(complaint(with_new_check_sums(replaced(kPng, depth, "\3"))), "no colour type 0 with 3 bits"));
  CHECK(contains(complaint(with_new_check_sums(replaced(kPng, depth, "\1\2"))), "no colour type 2 with 1 bits"));
  CHECK(contains(complaint(with_new_check_sums(replaced(kPng, depth + 2, "\1"))), "unknown compression"));
  const std::string chunk = png_chunk("CgBI", "abcd");
  CHECK(contains(complaint(std::string(kPng).insert(33, chunk)), "unknown chunk \"CgBI\""));
  CHECK(contains(complaint(std::string(kPng).insert(33, png_chunk("te\nt", "abcd"))), "expected the type of a chunk"));
  CHECK(complaint(std::string(kPng).insert(33, png_chunk("teXt", "abcd"))) == "");
  CHECK(contains(complaint(std::string(kPalettePng).insert(33, png_chunk("PLTE", "abcd"))), "expected a palette of 1 to 256"));
  CHECK(contains(complaint(png_bytes({.width = 2, .color_type = 3, .rows = "\0\0\1"s})), "no PLTE"));
  CHECK(contains(complaint(std::string(kPng, 0, 8) + png_chunk("IEND", "")), "expected the chunk IHDR"));
}

TEST_CASE("png: data that inflate to far more than the picture needs stop at the memory it deserves") {
  CHECK(contains(complaint(png_bytes({.rows = std::string(64 << 20, '\0')})), "it needs more memory than a picture of its size should"));
}

TEST_CASE("png: a check sum that is wrong is named with its chunk") {
  CHECK(contains(complaint(replaced(kPng, behind(kPng, "IDAT") + 2, "!")), "the check sum of chunk \"IDAT\""));
}

TEST_CASE("jpeg: a Huffman table of more than 256 codes is refused") {
  const size_t counts = grey_jpeg().find("\xff\xc4") + 5;
  const std::string damaged = replaced(grey_jpeg(), counts, std::string(16, '\xff'));
  CHECK(contains(complaint(damaged), "expected a Huffman table of at most 256 codes, got 4080"));
}

TEST_CASE("jpeg: tables missing, segments too short, kinds not read and sizes not borne out are refused") {
  const std::string good = grey_jpeg();
  const size_t frame = good.find("\xff\xc0"), huffman = good.find("\xff\xc4"), quantization = good.find("\xff\xdb");
  const size_t second = good.find("\xff\xc4", huffman + 2);
  CHECK(contains(complaint(std::string(good).erase(huffman, second - huffman)), "Huffman tables are not defined"));
  CHECK(contains(complaint(std::string(good).erase(quantization, 69)), "quantisation table 0 is used but not defined"));
  CHECK(contains(complaint(replaced(good, frame + 1, "\xc3")), "only baseline and progressive"));
  CHECK(contains(complaint(replaced(good, frame + 4, "\x0c")), "expected 8 bits per channel, got 12"));
  CHECK(contains(complaint(replaced(good, frame + 5, "\x7f\xff\x02\x00"s)), "pixels, more than 162 bytes can hold"));
  CHECK(contains(complaint(replaced(good, frame + 5, "\0\0"s)), "expected sides of 1"));
  CHECK(contains(complaint(replaced(good, huffman + 2, "\0\1"s)), "a segment of 1 bytes"));
  CHECK(contains(complaint(replaced(good, huffman + 2, "\0\x14"s)), "should end at byte"));
  CHECK(contains(complaint(good.substr(0, 2) + "\xff\xd9"), "expected image data"));
}

TEST_CASE("jpeg: a picture of more scans than any needs is refused") {
  std::string many = progressive_jpeg();
  const size_t scan = many.rfind("\xff\xda"), end = many.rfind("\xff\xd9");
  const std::string refinement = many.substr(scan, end - scan);
  for (int i = 0; i < 100; ++i) many.insert(end, refinement);
  CHECK(contains(complaint(many), "at most 100 scans"));
}

TEST_CASE("bmp: pixels that are not there, or beyond their palette, and kinds not read are refused") {
  CHECK(contains(complaint(replaced(kBmp, 18, little32(0x7fffffff))), "expected sides of 1"));
  CHECK(contains(complaint(replaced(kBmp, 22, little32(0x80000000))), "expected sides of 1"));
  CHECK(contains(complaint(replaced(kBmp, 18, little32(100))), "100 x 2 pixels of 24 bits, 600 bytes, but only 16 follow"));
  CHECK(contains(complaint(replaced(kBmp, 10, little32(20))), "the pixels should begin between byte 54"));
  CHECK(contains(complaint(replaced(kBmp, 14, little32(12))), "expected an info header of 40 bytes"));
  CHECK(contains(complaint(replaced(kBmp, 28, "\7")), "expected 1, 4, 8, 16, 24 or 32 bits"));
  CHECK(contains(complaint(replaced(kBmp, 30, "\1")), "expected no compression"));
  CHECK(contains(complaint(replaced(kPaletteBmp, kPaletteBmp.size() - 3, "\2")), "pixel 1 of the row that ends here has colour 2"));
  CHECK(contains(complaint(bmp_bytes({.width = 2, .height = 1, .bits = 8, .rows = "\0\1\0\0"s})), "expected a palette of 1 to 256"));
}

}  // namespace fewer::testing
