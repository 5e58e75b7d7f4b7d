// The one file that compiles stb_image. The Makefile has signed integers wrap here and leaves the undefined-behaviour
// sanitizer out: stb_image overflows and shifts too far on damaged files, without harm to memory.
#include "datasets/pictures/stb_image.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "core/error.h"
#include "datasets/pictures/checks.h"

namespace fewer {
namespace {

// The memory that stb_image takes during one decode: no more than `most` bytes at a time, all zero at first (what a
// damaged file leaves out is then black, not what memory held before), and all given back at the end, also when an
// exception leaves stb_image in the middle.
class DecoderMemory {
 public:
  explicit DecoderMemory(size_t most) : most_(most) { current = this; }
  ~DecoderMemory() { current = nullptr; }
  DecoderMemory(const DecoderMemory&) = delete;
  DecoderMemory& operator=(const DecoderMemory&) = delete;
  static thread_local DecoderMemory* current;  // of the decode that runs in this thread

  bool exhausted() const { return exhausted_; }  // more than `most` was asked for

  void* take(size_t bytes) {
    exhausted_ = exhausted_ || bytes > most_ - taken_;
    if (exhausted_) return nullptr;
    blocks_.push_back({std::make_unique<std::byte[]>(bytes), bytes});
    taken_ += bytes;
    return blocks_.back().bytes.get();
  }

  void* retake(void* old, size_t old_bytes, size_t bytes) {
    void* block = take(bytes);
    if (!block || !old) return block;
    std::memcpy(block, old, std::min(old_bytes, bytes));
    give_back(old);
    return block;
  }

  void give_back(void* block) {
    const auto it = std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& b) { return b.bytes.get() == block; });
    if (it == blocks_.end()) return;  // a null pointer
    taken_ -= it->size;
    blocks_.erase(it);
  }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    size_t size = 0;
  };
  std::vector<Block> blocks_;  // a dozen at most
  size_t most_, taken_ = 0;
  bool exhausted_ = false;
};
thread_local DecoderMemory* DecoderMemory::current = nullptr;

struct FailedAssertion {
  const char* condition;
};
[[noreturn]] void fail_assertion(const char* condition) { throw FailedAssertion{condition}; }

}  // namespace
}  // namespace fewer

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS fewer::kMostPictureSide
#define STBI_ASSERT(condition) ((condition) ? void() : fewer::fail_assertion(#condition))
#define STBI_MALLOC(bytes) fewer::DecoderMemory::current->take(bytes)
#define STBI_REALLOC_SIZED(block, old_bytes, bytes) fewer::DecoderMemory::current->retake(block, old_bytes, bytes)
#define STBI_FREE(block) fewer::DecoderMemory::current->give_back(block)
#include <stb/stb_image.h>

namespace fewer {
namespace {

const char* failure_reason(const DecoderMemory& memory) {
  if (memory.exhausted()) return "it needs more memory than a picture of its size should";
  // Some failures leave no reason; what remains is then from asking whether the file is a PNG.
  const char* reason = stbi_failure_reason();
  return reason && std::strcmp(reason, "bad png sig") != 0 ? reason : "its data make no sense";
}

}  // namespace

Image decode_with_stb(std::string_view bytes, size_t most_memory, const std::string& name) {
  const auto refuse = [&](const char* reason) {
    fail_data(name, ": cannot decode this picture: ", reason, ": the file is damaged or of a kind not read here; replace or remove it");
  };
  const DecoderMemory memory(most_memory);
  stbi__g_failure_reason = nullptr;  // the last file's
  const auto* file = reinterpret_cast<const stbi_uc*>(bytes.data());
  int width = 0, height = 0, channels = 0;
  const stbi_uc* pixels = nullptr;
  try {
    pixels = stbi_load_from_memory(file, static_cast<int>(bytes.size()), &width, &height, &channels, 0);
  } catch (const FailedAssertion& assertion) {
    refuse(assertion.condition);
  }
  if (!pixels) refuse(failure_reason(memory));
  Image image(height, width, channels);
  std::copy_n(pixels, image.pixels.size(), image.pixels.begin());
  return image;
}

}  // namespace fewer
