// One exception type for everything that can go wrong, and the macro that throws it.
//
// A message reads *where: what was expected, what came, what to do*, for example
//   conv2d: weight [3, 3, 16, 32] expects 16 input channels, but x is [8, 32, 32, 3]
// Library code throws; only `main` catches and turns the kind into the exit code of the process.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace fewer {

// What went wrong, as far as the caller must tell it apart. The values are the exit codes of `trainer`.
enum class ErrorKind {
  kOther = 1,   // a broken contract, a diverged run, a full disk
  kConfig = 2,  // a bad config or command line
  kData = 3,    // a bad or missing data set or model file
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// Joins parts with operator<<: text("x is ", shape) == "x is [8, 32]".
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}

template <class... Parts>
[[noreturn, gnu::noinline, gnu::cold]] void fail(const Parts&... parts) {
  throw Error(ErrorKind::kOther, text(parts...));
}
template <class... Parts>
[[noreturn, gnu::noinline, gnu::cold]] void fail_config(const Parts&... parts) {
  throw Error(ErrorKind::kConfig, text(parts...));
}
template <class... Parts>
[[noreturn, gnu::noinline, gnu::cold]] void fail_data(const Parts&... parts) {
  throw Error(ErrorKind::kData, text(parts...));
}

}  // namespace fewer

// Throws Error(kOther) with the joined parts unless `condition` holds. For what a caller can get wrong.
#define ENSURE(condition, ...)                                 \
  do {                                                         \
    if (!(condition)) [[unlikely]] ::fewer::fail(__VA_ARGS__); \
  } while (false)

// The same for our own invariants inside hot loops: checked in debug and sanitizer builds only.
#ifdef FEWER_DEBUG
#define DENSURE(condition, ...) ENSURE(condition, __VA_ARGS__)
#else
#define DENSURE(condition, ...) \
  do {                          \
  } while (false)
#endif
