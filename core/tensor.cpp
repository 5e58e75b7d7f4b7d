#include "core/tensor.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/parallel.h"
#include "core/rng.h"

namespace fewer {
namespace {

// Storage that only this handle holds, with the same contents.
void make_unique(StoragePtr& storage, int64_t bytes) {
  if (storage.unique()) return;
  StoragePtr copy = StoragePtr::allocate(bytes);
  std::memcpy(copy.data(), storage.data(), static_cast<size_t>(bytes));
  storage = std::move(copy);
}

template <class To, class From>
void copy_values(To* out, std::span<const From> values, const Shape& shape, const char* what) {
  ENSURE(static_cast<int64_t>(values.size()) == shape.numel(), what, ": shape ", shape, " has ", shape.numel(),
         " elements, but ", values.size(), " values were given");
  for (size_t i = 0; i < values.size(); ++i) out[i] = static_cast<To>(values[i]);
}

}  // namespace

Tensor::Tensor(const Shape& shape, std::initializer_list<double> values) : Tensor(uninitialized(shape)) {
  copy_values(mutable_data(), std::span(values.begin(), values.size()), shape, "Tensor");
}

Tensor Tensor::full(const Shape& shape, Real value) {
  Tensor result = uninitialized(shape);
  Real* out = result.mutable_data();
  parallel_for(shape.numel(), kGrain, [&](int64_t begin, int64_t end) { std::fill(out + begin, out + end, value); });
  return result;
}

Tensor Tensor::from(std::span<const Real> values, const Shape& shape) {
  Tensor result = uninitialized(shape);
  copy_values(result.mutable_data(), values, shape, "Tensor::from");
  return result;
}

Tensor Tensor::uniform(const Shape& shape, Real low, Real high, Rng& rng) {
  Tensor result = uninitialized(shape);
  rng.fill_uniform(result.mutable_data(), shape.numel(), low, high);
  return result;
}

Tensor Tensor::normal(const Shape& shape, Real mean, Real std, Rng& rng) {
  Tensor result = uninitialized(shape);
  rng.fill_normal(result.mutable_data(), shape.numel(), mean, std);
  return result;
}

void Tensor::prepare_to_write() {
  ENSURE(!tracked(), "Tensor: a tensor inside a graph cannot be written to; detach() it first");
  make_unique(storage_, numel() * static_cast<int64_t>(sizeof(Real)));
}

Real Tensor::item() const {
  ENSURE(defined() && numel() == 1, "Tensor::item: expected one element, but the shape is ", shape_);
  return data()[0];
}

Real Tensor::at(std::initializer_list<int64_t> index) const {
  ENSURE(static_cast<int>(index.size()) == rank(), "Tensor::at: ", index.size(), " indices for shape ", shape_);
  int64_t position = 0;
  int axis = 0;
  for (const int64_t i : index) {
    ENSURE(i >= 0 && i < shape_[axis], "Tensor::at: index ", i, " is outside axis ", axis, " of shape ", shape_);
    position = position * shape_[axis++] + i;
  }
  return data()[position];
}

Tensor Tensor::clone() const {
  Tensor copy = uninitialized(shape_);
  Real* out = copy.mutable_data();
  const Real* in = data();
  parallel_for(numel(), kGrain, [&](int64_t begin, int64_t end) { std::copy(in + begin, in + end, out + begin); });
  return copy;
}

Tensor Tensor::viewed_as(const Shape& shape) const {
  ENSURE(shape.numel() == numel(), "reshape: ", shape_, " has ", numel(), " elements, ", shape, " has ", shape.numel());
  return Tensor(shape, storage_);
}

IntTensor::IntTensor(const Shape& shape, std::initializer_list<int32_t> values) : IntTensor(uninitialized(shape)) {
  copy_values(mutable_data(), std::span(values.begin(), values.size()), shape, "IntTensor");
}

IntTensor IntTensor::full(const Shape& shape, int32_t value) {
  IntTensor result = uninitialized(shape);
  std::fill_n(result.mutable_data(), shape.numel(), value);
  return result;
}

IntTensor IntTensor::from(std::span<const int32_t> values, const Shape& shape) {
  IntTensor result = uninitialized(shape);
  copy_values(result.mutable_data(), values, shape, "IntTensor::from");
  return result;
}

IntTensor IntTensor::arange(int32_t n) {
  IntTensor result = uninitialized({n});
  std::iota(result.mutable_data(), result.mutable_data() + n, 0);
  return result;
}

int32_t* IntTensor::mutable_data() {
  make_unique(storage_, numel() * static_cast<int64_t>(sizeof(int32_t)));
  return static_cast<int32_t*>(storage_.data());
}

int32_t IntTensor::item() const {
  ENSURE(defined() && numel() == 1, "IntTensor::item: expected one element, but the shape is ", shape_);
  return data()[0];
}

IntTensor IntTensor::reshaped(const Shape& shape) const {
  ENSURE(shape.numel() == numel(), "reshaped: ", shape_, " has ", numel(), " elements, ", shape, " has ", shape.numel());
  return IntTensor(shape, storage_);
}

std::string to_string(const Tensor& tensor, int64_t max_values) {
  if (!tensor.defined()) return "undefined";
  std::ostringstream out;
  out << tensor.shape() << " {";
  const int64_t shown = std::min(tensor.numel(), max_values);
  for (int64_t i = 0; i < shown; ++i) out << (i ? ", " : "") << tensor.data()[i];
  out << (shown < tensor.numel() ? ", ...}" : "}");
  return std::move(out).str();
}

}  // namespace fewer
