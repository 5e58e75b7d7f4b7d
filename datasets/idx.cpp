#include "datasets/idx.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "core/error.h"

namespace fewer {
namespace {

constexpr int64_t kPiece = int64_t{1} << 20;
constexpr const char* kFetchAgain = ": the file is damaged or not what its name says, fetch it again";

std::string hex(std::span<const uint8_t> bytes) {
  std::ostringstream out;
  out << std::hex << std::setfill('0');
  for (size_t i = 0; i < bytes.size(); ++i) out << (i ? " " : "") << std::setw(2) << int{bytes[i]};
  return out.str();
}

void read_header_bytes(ByteReader& reader, std::span<uint8_t> out, const char* what) {
  const int64_t at = reader.position();
  const int64_t got = reader.read(out);
  if (got < static_cast<int64_t>(out.size()))
    fail_data(reader.name(), ": byte ", at, ": expected ", out.size(), " bytes of ", what, ", but the file ends after ",
              got, kFetchAgain);
}

void check_magic(const ByteReader& reader, std::span<const uint8_t> magic, int rank) {
  const uint8_t expected[4] = {0, 0, 0x08, static_cast<uint8_t>(rank)};
  if (std::equal(magic.begin(), magic.end(), expected)) return;
  const bool other_type = magic[0] == 0 && magic[1] == 0 && magic[2] != 0x08;
  const bool other_rank = magic[0] == 0 && magic[1] == 0 && magic[2] == 0x08;
  const char* hint = other_type   ? " (elements of another type than unsigned bytes)"
                     : other_rank ? " (another rank: images and labels exchanged?)"
                                  : " (no IDX file)";
  fail_data(reader.name(), ": byte 0: expected an IDX file of unsigned bytes and rank ", rank, ", that is ",
            hex(expected), ", got ", hex(magic), hint, kFetchAgain);
}

// The sizes in the header, once it is certain that the elements they announce may be there.
Shape read_sizes(ByteReader& reader, int rank) {
  std::vector<uint8_t> bytes(static_cast<size_t>(4 * rank));
  read_header_bytes(reader, bytes, "sizes");
  Shape shape;
  for (int axis = 0; axis < rank; ++axis) {
    const uint8_t* b = bytes.data() + 4 * axis;
    shape.push_back(int64_t{b[0]} << 24 | int64_t{b[1]} << 16 | int64_t{b[2]} << 8 | int64_t{b[3]});
  }
  if (std::find(shape.begin(), shape.end(), 0) != shape.end())
    fail_data(reader.name(), ": byte 4: expected sizes of at least 1, got ", shape, kFetchAgain);
  const int64_t most = reader.most_remaining();
  int64_t elements = 1;
  for (const int64_t size : shape) {
    if (elements > most / size)
      fail_data(reader.name(), ": byte 4: the header announces ", shape, " elements, but at most ", most,
                " bytes follow it", kFetchAgain);
    elements *= size;
  }
  return shape;
}

// Grows with what really comes: for a gzipped file the bound known beforehand is a loose one.
std::vector<uint8_t> read_elements(ByteReader& reader, const Shape& shape) {
  const int64_t total = shape.numel();
  std::vector<uint8_t> values;
  int64_t done = 0;
  while (done < total) {
    const int64_t piece = std::min(total - done, std::max(kPiece, done));
    values.resize(static_cast<size_t>(done + piece));
    const int64_t got = reader.read({values.data() + done, static_cast<size_t>(piece)});
    done += got;
    if (got < piece)
      fail_data(reader.name(), ": byte ", reader.position(), ": the header announces ", shape, " = ", total,
                " elements, but the file ends after ", done, kFetchAgain);
  }
  return values;
}

void check_end(ByteReader& reader, const Shape& shape) {
  const int64_t at = reader.position();
  uint8_t extra = 0;
  if (reader.read({&extra, 1}) != 0)
    fail_data(reader.name(), ": byte ", at, ": expected the end of the file after ", shape,
              " elements, but more follows", kFetchAgain);
}

std::vector<int32_t> to_classes(const std::string& path, std::span<const uint8_t> labels,
                                const IdxPairOptions& options) {
  const int first = options.first_label, last = first + static_cast<int>(options.classes.size()) - 1;
  std::vector<int32_t> classes;
  classes.reserve(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < first || labels[i] > last)
      fail_data(path, ": label ", i, " (byte ", 8 + i, "): expected a class from ", first, " to ", last, ", got ",
                int{labels[i]}, kFetchAgain);
    classes.push_back(labels[i] - first);
  }
  return classes;
}

// Every image [W, H] of the file becomes [H, W].
std::vector<uint8_t> transpose_each(std::span<const uint8_t> in, int64_t images, int64_t height, int64_t width) {
  std::vector<uint8_t> out;
  out.reserve(in.size());
  for (int64_t i = 0; i < images; ++i)
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x) out.push_back(in[static_cast<size_t>((i * width + x) * height + y)]);
  return out;
}

}  // namespace

IdxArray read_idx(ByteReader& reader, int rank) {
  uint8_t magic[4] = {};
  read_header_bytes(reader, magic, "IDX header");
  check_magic(reader, magic, rank);
  IdxArray array;
  array.shape = read_sizes(reader, rank);
  array.values = read_elements(reader, array.shape);
  check_end(reader, array.shape);
  return array;
}

IdxArray read_idx(const std::string& path, int rank) {
  ByteReader reader(path);
  return read_idx(reader, rank);
}

ImageSet read_idx_pair(ByteReader& image_file, ByteReader& label_file, const IdxPairOptions& options) {
  const IdxArray labels = read_idx(label_file, 1);
  ImageSet set;
  set.labels = to_classes(label_file.name(), labels.values, options);
  IdxArray images = read_idx(image_file, 3);
  if (images.shape[0] != labels.shape[0])
    fail_data(image_file.name(), ": expected one image per label, got ", images.shape[0], " images and ",
              labels.shape[0], " labels in ", label_file.name(),
              ": the two files do not belong together, fetch both again");
  set.height = images.shape[options.transposed ? 2 : 1];
  set.width = images.shape[options.transposed ? 1 : 2];
  set.channels = 1;
  set.pixels = options.transposed ? transpose_each(images.values, set.size(), set.height, set.width)
                                  : std::move(images.values);
  set.classes = options.classes;
  return set;
}

ImageSet read_idx_pair(const std::string& image_path, const std::string& label_path, const IdxPairOptions& options) {
  ByteReader images(image_path), labels(label_path);
  return read_idx_pair(images, labels, options);
}

std::string idx_path(const std::filesystem::path& folder, const std::string& stem) {
  for (const char* ending : {".gz", ""}) {
    const std::filesystem::path path = folder / (stem + ending);
    if (std::filesystem::exists(path)) return path.string();
  }
  fail_data(
      (folder / stem).string(),
      ": expected this file, plain or with .gz, but neither is there: put the data set's files in this folder");
}

}  // namespace fewer
