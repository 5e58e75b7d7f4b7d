#include "core/tensor.h"

#include <doctest/doctest.h>

#include "core/autograd.h"
#include "core/parallel.h"
#include "core/rng.h"

using namespace fewer;
using doctest::Contains;

TEST_CASE("tensor: an undefined tensor holds nothing") {
  const Tensor t;
  CHECK_FALSE(t.defined());
  CHECK(to_string(t) == "undefined");
  CHECK_FALSE(IntTensor().defined());
}

TEST_CASE("tensor: values are row-major") {
  const Tensor t({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(t.at({1, 0}) == 4);
  CHECK(t.values()[5] == 6);
  CHECK(t.size(-1) == 3);
  CHECK(to_string(t, 2) == "[2, 3] {1, 2, ...}");
}

TEST_CASE("tensor: wrong counts and indices are named") {
  CHECK_THROWS_WITH(Tensor({2, 3}, {1, 2}), Contains("shape [2, 3] has 6 elements, but 2 values were given"));
  const Tensor t = Tensor::zeros({2, 3});
  CHECK_THROWS_WITH(t.at({2, 0}), Contains("index 2 is outside axis 0 of shape [2, 3]"));
  CHECK_THROWS_WITH(t.at({0}), Contains("1 indices for shape [2, 3]"));
  CHECK_THROWS_WITH(t.item(), Contains("expected one element, but the shape is [2, 3]"));
  CHECK_THROWS_WITH(t.viewed_as({4}), Contains("[2, 3] has 6 elements, [4] has 4"));
}

TEST_CASE("tensor: copies share storage until somebody writes") {
  Tensor a({3}, {1, 2, 3});
  const Tensor b = a;
  CHECK(a.shares_storage_with(b));
  CHECK_FALSE(a.unique_storage());
  a.mutable_data()[0] = 9;
  CHECK(a.at({0}) == 9);
  CHECK(b.at({0}) == 1);
  CHECK_FALSE(a.shares_storage_with(b));
}

TEST_CASE("tensor: a sole owner writes in place") {
  Tensor a = Tensor::ones({3});
  const Real* before = a.data();
  CHECK(a.mutable_data() == before);
}

TEST_CASE("tensor: a view of another shape protects its elements too") {
  Tensor a({4}, {1, 2, 3, 4});
  const Tensor view = a.viewed_as({2, 2});
  CHECK(view.shares_storage_with(a));
  a.mutable_data()[3] = 0;
  CHECK(view.at({1, 1}) == 4);
}

TEST_CASE("tensor: clone has storage of its own") {
  const Tensor a = Tensor::full({40000}, 2);
  const Tensor b = a.clone();
  CHECK_FALSE(a.shares_storage_with(b));
  CHECK(b.values()[39999] == 2);
}

TEST_CASE("tensor: what a graph remembers cannot be written") {
  Tensor x = variable(Tensor::ones({2}));
  CHECK(x.tracked());
  CHECK_THROWS_WITH(x.mutable_data(), Contains("detach() it first"));
  Tensor free = x.detach();
  CHECK_FALSE(free.tracked());
  free.mutable_data()[0] = 5;
  CHECK(x.at({0}) == 1);
}

TEST_CASE("tensor: a variable shares the storage of its value") {
  const Tensor value = Tensor::ones({2});
  CHECK(variable(value).shares_storage_with(value));
  CHECK_THROWS_WITH(variable(Tensor()), Contains("undefined"));
}

TEST_CASE("tensor: an empty tensor is defined") {
  const Tensor t = Tensor::zeros({0, 3});
  CHECK(t.defined());
  CHECK(t.numel() == 0);
  CHECK(t.clone().shape() == Shape{0, 3});
}

TEST_CASE("tensor: random fills are the same bits at any number of threads") {
  const auto draw = [] {
    Rng rng(5);
    return Tensor::normal({100003}, 0, 1, rng);
  };
  set_threads(1);
  const Tensor alone = draw();
  for (const int n : {2, 3}) {
    set_threads(n);
    const Tensor together = draw();
    CHECK(std::equal(alone.values().begin(), alone.values().end(), together.values().begin()));
  }
}

TEST_CASE("int tensor: values, ranges and the same copy-on-write") {
  IntTensor a({3}, {4, 5, 6});
  const IntTensor b = a, c = a.reshaped({3, 1});
  a.mutable_data()[0] = 0;
  CHECK(b[0] == 4);
  CHECK(c[0] == 4);
  CHECK(IntTensor::arange(4)[3] == 3);
  CHECK(IntTensor::full({1}, 7).item() == 7);
  CHECK_THROWS_WITH(a.item(), Contains("expected one element"));
  CHECK_THROWS_WITH(a.reshaped({4}), Contains("[3] has 3 elements"));
}
