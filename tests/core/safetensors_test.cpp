#include "core/safetensors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "core/error.h"
#include "tests/support/safetensors_reader.h"

namespace fewer {
namespace {

Safetensors example() {
  Safetensors file;
  file.add_bytes("packed", std::string_view("\x01\x02\x03", 3));
  file.add("labels", IntTensor({2}, {7, -1}));
  file.add("weight", Tensor({2, 2}, {1, -2, 0.5, 4}));
  file.add("scalar", Tensor::scalar(3));
  file.add("nothing", Tensor::zeros({0, 4}));
  file.metadata["format"] = "example";
  file.metadata["quotes \" and \n lines"] = "\xc3\xbc";
  return file;
}

// A file made of a header as written and some bytes of data.
std::string framed(const std::string& header, size_t data_bytes) {
  std::string bytes(8, '\0');
  const uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data_bytes, '\0');
}

void refused(const std::string& bytes, const char* message) {
  CAPTURE(message);
  try {
    parse_safetensors(bytes, "x.safetensors");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    CHECK(std::string(error.what()).starts_with("x.safetensors"));
    CHECK_MESSAGE(std::string(error.what()).find(message) != std::string::npos, error.what());
  }
}

bool same(const Safetensors& a, const Safetensors& b) { return to_bytes(a) == to_bytes(b); }

}  // namespace

TEST_CASE("safetensors: what is written reads back, bit for bit") {
  const Safetensors file = example(), back = parse_safetensors(to_bytes(file), "x");
  CHECK(back.metadata == file.metadata);
  REQUIRE(back.entries.size() == file.entries.size());
  for (const auto& entry : file.entries) {
    const Safetensors::Entry* found = back.find(entry.name);
    REQUIRE(found);
    CHECK(found->dtype == entry.dtype);
    CHECK(found->shape == entry.shape);
    CHECK(found->bytes == entry.bytes);
  }
  CHECK(same(file, back));
}

TEST_CASE("safetensors: an independent reader finds framing, offsets and types as the format lays them down") {
  const test::SafetensorsFile file = test::read_by_the_letter(to_bytes(example()));
  CHECK(file.problems.empty());
  CHECK(file.data_begin % 8 == 0);
  REQUIRE(file.tensors.count("weight") == 1);
  const test::SafetensorsTensor& weight = file.tensors.at("weight");
  CHECK(weight.dtype == (sizeof(Real) == 4 ? "F32" : "F64"));
  CHECK(weight.shape == std::vector<uint64_t>{2, 2});
  CHECK(file.tensors.at("labels").dtype == "I32");
  CHECK(file.tensors.at("packed").dtype == "U8");
  CHECK(file.tensors.at("nothing").shape == std::vector<uint64_t>{0, 4});
  Real values[4];
  std::memcpy(values, to_bytes(example()).data() + file.data_begin + weight.begin, sizeof values);
  CHECK(values[1] == -2);
  CHECK(file.metadata.at("format") == "example");
}

TEST_CASE("safetensors: every tensor begins at a multiple of its element size") {
  const test::SafetensorsFile file = test::read_by_the_letter(to_bytes(example()));
  for (const auto& [name, tensor] : file.tensors) CHECK((file.data_begin + tensor.begin) % tensor.element_size == 0);
}

TEST_CASE("safetensors: an empty file of no tensors is a file") {
  CHECK(parse_safetensors(to_bytes({}), "x").entries.empty());
  CHECK(test::read_by_the_letter(to_bytes({})).problems.empty());
}

TEST_CASE("safetensors: tensors of either float width become ours, NaN and infinities included") {
  const float narrow[] = {0.1f, std::numeric_limits<float>::infinity()};
  const double wide[] = {0.1, std::numeric_limits<double>::quiet_NaN()};
  const Tensor from_narrow =
      to_tensor({"a", "F32", {2}, std::string(reinterpret_cast<const char*>(narrow), sizeof narrow)}, "x");
  const Tensor from_wide =
      to_tensor({"b", "F64", {2}, std::string(reinterpret_cast<const char*>(wide), sizeof wide)}, "x");
  CHECK(from_narrow.data()[0] == Real(0.1f));
  CHECK(std::isinf(from_narrow.data()[1]));
  CHECK(from_wide.data()[0] == Real(0.1));
  CHECK(std::isnan(from_wide.data()[1]));
  CHECK_THROWS_WITH_AS(to_tensor({"c", "I32", {0}, ""}, "x"), doctest::Contains("should be F32 or F64, but is I32"),
                       Error);
  CHECK(to_int_tensor(*example().find("labels"), "x")[1] == -1);
}

TEST_CASE("safetensors: a name is given once") {
  Safetensors file = example();
  CHECK_THROWS_WITH_AS(file.add("weight", Tensor::scalar(1)), doctest::Contains("two tensors are called \"weight\""),
                       Error);
  CHECK_THROWS_AS(file.add("__metadata__", Tensor::scalar(1)), Error);
}

TEST_CASE("safetensors: a damaged header is refused with what is wrong in it") {
  const std::string a = R"("a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})";
  refused("", "only 0 bytes");
  refused(std::string(8, '\xff'), "announce a header");
  refused(framed("{" + a + "}", 4).substr(0, 20), "truncated: the header");
  refused(framed("", 0), "should begin with '{'");
  refused(framed(" {}", 0), "should begin with '{'");
  refused(framed("{" + a, 4), "header");
  refused(framed("{/**/" + a + "}", 4), "comment");
  refused(framed("{" + a + "," + a + "}", 4), "\"a\" appears twice");
  refused(framed(R"({"__metadata__": {"k": 1}})", 0), "should be a string");
  refused(framed(R"({"__metadata__": {"k": "", "k": ""}})", 0), "appears twice");
  refused(framed(R"({"__metadata__": []})", 0), "should be an object");
}

TEST_CASE("safetensors: tensors that are not described as the format asks are refused") {
  const auto one = [](const std::string& described) { return framed("{\"a\": " + described + "}", 4); };
  refused(one("[]"), "should be described by");
  refused(one(R"({"dtype": "F32", "shape": [1]})"), "should be described by");
  refused(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4], "more": 1})"), "should be described by");
  refused(one(R"({"dtype": "F31", "shape": [1], "data_offsets": [0, 4]})"), "unknown type \"F31\"");
  refused(one(R"({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})"), "whole numbers");
  refused(one(R"({"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]})"), "whole numbers");
  refused(one(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]})"), "does not take 4 bytes");
  refused(one(R"({"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]})"),
          "larger than any memory");
  refused(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]})"), "data_offsets");
  refused(one(R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 4]})"), "data_offsets");
  refused(one(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})"), "there are 4 bytes of data");
}

TEST_CASE("safetensors: holes, overlap and bytes left over are refused") {
  const auto two = [](const char* first, const char* second, size_t bytes) {
    return framed(std::string(R"({"a": {"dtype": "U8", "shape": [2], "data_offsets": )") + first +
                      R"(}, "b": {"dtype": "U8", "shape": [2], "data_offsets": )" + second + "}}", bytes);
  };
  CHECK(parse_safetensors(two("[2, 4]", "[0, 2]", 4), "x").entries.size() == 2);
  refused(two("[0, 2]", "[3, 5]", 5), "there is a hole");
  refused(two("[1, 3]", "[3, 5]", 5), "there is a hole");
  refused(two("[0, 2]", "[1, 3]", 3), "tensors overlap");
  refused(two("[0, 2]", "[2, 4]", 5), "end at byte 4 of 5");
}

TEST_CASE("safetensors: a file cut anywhere is refused") {
  const std::string whole = to_bytes(example());
  for (size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(parse_safetensors(whole.substr(0, length), "x"), Error);
  }
}

TEST_CASE("safetensors: with any bit flipped a file is refused or another valid one") {
  const std::string whole = to_bytes(example());
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    bool noticed = false;
    try {
      noticed = !same(parse_safetensors(damaged, "x"), example());
    } catch (const Error& error) {
      noticed = error.kind() == ErrorKind::kData;
    }
    CHECK(noticed);
  }
}

TEST_CASE("safetensors: files on disk are written whole and name their path when they are bad") {
  const std::string path = (std::filesystem::temp_directory_path() / "fewer_safetensors_test.safetensors").string();
  write_safetensors(path, example());
  CHECK(same(read_safetensors(path), example()));
  std::filesystem::resize_file(path, 30);
  CHECK_THROWS_WITH_AS(read_safetensors(path), doctest::Contains(path.c_str()), Error);
  std::filesystem::remove(path);
  CHECK_THROWS_WITH_AS(read_safetensors(path), doctest::Contains(path.c_str()), Error);
}

}  // namespace fewer
