// Tensor: the one type a user computes with, and IntTensor for labels and indices.
//
// A Tensor is a small value: a shape, shared storage (contiguous, row-major) and, when a gradient may be wanted, a place in
// a graph. Copying a handle is cheap and shares storage, but a Tensor still behaves as a value: writing through
// mutable_data() copies first if anybody else holds the storage, so no other handle ever changes.
//
// Images are channels-last everywhere: [N, H, W, C].
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "core/node.h"
#include "core/real.h"
#include "core/shape.h"
#include "core/storage.h"

namespace fewer {

class Rng;

class Tensor {
 public:
  Tensor() = default;  // undefined: holds nothing, defined() is false
  Tensor(const Shape& shape, std::initializer_list<double> values);  // row-major; as many values as the shape has elements

  static Tensor uninitialized(const Shape& shape) {
    return Tensor(shape, StoragePtr::allocate(shape.numel() * static_cast<int64_t>(sizeof(Real))));
  }
  static Tensor full(const Shape& shape, Real value);
  static Tensor zeros(const Shape& shape) { return full(shape, 0); }
  static Tensor ones(const Shape& shape) { return full(shape, 1); }
  static Tensor scalar(Real value) { return full({}, value); }
  static Tensor from(std::span<const Real> values, const Shape& shape);
  static Tensor uniform(const Shape& shape, Real low, Real high, Rng& rng);
  static Tensor normal(const Shape& shape, Real mean, Real std, Rng& rng);

  bool defined() const { return static_cast<bool>(storage_); }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t size(int axis) const { return shape_.size(axis); }  // negative axes count from the end
  int64_t numel() const { return shape_.numel(); }

  const Real* data() const { return static_cast<const Real*>(storage_.data()); }
  std::span<const Real> values() const { return {data(), static_cast<size_t>(numel())}; }
  // For writing. Copies first when the storage is shared. REQUIRES: not tracked (a graph remembers values; detach() first).
  Real* mutable_data() {
    if (node_ || !storage_.unique()) [[unlikely]] prepare_to_write();
    return static_cast<Real*>(storage_.data());
  }
  Real item() const;                                      // the only element; throws when there are more
  Real at(std::initializer_list<int64_t> index) const;    // one element, bounds checked

  // --- its place in a graph (core/autograd.h) ---
  bool tracked() const { return static_cast<bool>(node_); }
  Tensor detach() const { return Tensor(shape_, storage_); }  // same storage, outside any graph
  Tensor clone() const;                                       // own storage, outside any graph
  const NodePtr& node() const { return node_; }
  uint32_t output_index() const { return output_; }

  // The same elements under another shape, outside any graph. The op `reshape` is what users call.
  Tensor viewed_as(const Shape& shape) const;
  bool shares_storage_with(const Tensor& other) const { return storage_ == other.storage_; }
  bool unique_storage() const { return storage_.unique(); }

  // For the engine: a tensor over existing storage, as output `output` of `node`.
  Tensor(const Shape& shape, StoragePtr storage, NodePtr node = {}, uint32_t output = 0)
      : shape_(shape), storage_(std::move(storage)), output_(output), node_(std::move(node)) {}
  const StoragePtr& storage() const { return storage_; }
  void hang_on(NodePtr node, uint32_t output) {
    node_ = std::move(node);
    output_ = output;
  }

 private:
  void prepare_to_write();

  Shape shape_;
  StoragePtr storage_;
  uint32_t output_ = 0;  // which output of the node this is
  NodePtr node_;         // not beside storage_: one wide load of both would wait for the two narrow stores before it
};

// Labels and indices: 32-bit integers, never differentiated. The same value semantics.
class IntTensor {
 public:
  IntTensor() = default;
  IntTensor(const Shape& shape, std::initializer_list<int32_t> values);
  static IntTensor uninitialized(const Shape& shape) {
    return IntTensor(shape, StoragePtr::allocate(shape.numel() * static_cast<int64_t>(sizeof(int32_t))));
  }
  static IntTensor full(const Shape& shape, int32_t value);
  static IntTensor from(std::span<const int32_t> values, const Shape& shape);
  static IntTensor arange(int32_t n);  // 0 .. n-1

  bool defined() const { return static_cast<bool>(storage_); }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t size(int axis) const { return shape_.size(axis); }
  int64_t numel() const { return shape_.numel(); }
  const int32_t* data() const { return static_cast<const int32_t*>(storage_.data()); }
  std::span<const int32_t> values() const { return {data(), static_cast<size_t>(numel())}; }
  int32_t* mutable_data();
  int32_t item() const;
  int32_t operator[](int64_t i) const { return data()[i]; }  // row-major position. REQUIRES: 0 <= i < numel()
  IntTensor reshaped(const Shape& shape) const;              // shares storage; same number of elements

 private:
  IntTensor(const Shape& shape, StoragePtr storage) : shape_(shape), storage_(std::move(storage)) {}
  Shape shape_;
  StoragePtr storage_;
};

std::string to_string(const Tensor& tensor, int64_t max_values = 64);  // shape and values, for messages and debugging

}  // namespace fewer
