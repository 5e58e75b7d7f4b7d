#include "core/sha256.h"

#include <doctest/doctest.h>

namespace fewer::testing {

TEST_CASE("sha256: the examples of FIPS 180-4") {
  CHECK(sha256(std::string_view("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(std::string_view("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256(std::string_view("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: bytes may come in pieces of any size, at every length around a block's") {
  for (size_t length = 0; length < 200; ++length) {
    const std::string bytes(length, 'x');
    Sha256 hash;
    for (size_t i = 0, step = 1; i < length; i += step, step = step % 7 + 1)
      hash.update({reinterpret_cast<const uint8_t*>(bytes.data()) + i, std::min(step, length - i)});
    CHECK(hash.finish() == sha256(bytes));
  }
}

}  // namespace fewer::testing
