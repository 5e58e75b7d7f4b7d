// What errors say.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "core/error.h"

namespace fewer::testing {

// What an error says, or "" when `body` throws none; its kind goes to `kind`.
template <class Body>
std::string message_of(Body&& body, ErrorKind* kind = nullptr) {
  try {
    body();
  } catch (const Error& error) {
    if (kind) *kind = error.kind();
    return error.what();
  }
  return "";
}

// The same, for an error that must be of this kind.
template <class Body>
std::string message_of(ErrorKind expected, Body&& body) {
  ErrorKind kind = expected;
  const std::string message = message_of(body, &kind);
  CHECK(kind == expected);
  return message;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace fewer::testing
