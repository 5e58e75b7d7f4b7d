// The profile: it loses no time, and it counts what one counts by hand.
#include "nn/profile.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "core/autograd.h"
#include "core/json.h"
#include "nn/loss.h"
#include "nn/networks.h"
#include "nn/op_cost.h"
#include "nn/optimizer.h"
#include "ops/ops.h"

using namespace fewer;
using Kind = Place::Kind;

namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

const Place& at(const Place& place, Kind kind, const std::string& name) {
  for (const auto& inner : place.inside)
    if (inner->kind == kind && name == inner->name) return *inner;
  FAIL("no ", name, " in ", place.name);
  return place;
}

// Two convolutions (3x3, 5 -> 7 and 7 -> 3), padded so that 8x8 stays 8x8, of a batch of 2; then everything is squared and summed.
// h, between the two, is used twice: its gradients are added up.
struct TwoConvolutions {
  Tensor x = Tensor::full({2, 8, 8, 5}, Real(0.5));
  Tensor first = variable(Tensor::full({3, 3, 5, 7}, Real(0.1))), second = variable(Tensor::full({3, 3, 7, 3}, Real(0.1)));
  std::vector<Tensor> gradients() const {
    const Tensor h = conv2d(x, first, Conv2dOptions::same(3));
    return grad(sum(square(conv2d(h, second, Conv2dOptions::same(3)))) + sum(h), std::vector{first, second});
  }
};

constexpr int64_t kFirst = 2 * 8 * 8 * 3 * 3 * 5 * 7, kSecond = 2 * 8 * 8 * 3 * 3 * 7 * 3;  // multiply-adds

}  // namespace

TEST_CASE("profile: calls and multiply-adds of a known network are those counted by hand") {
  Profile profile;
  {
    const ObserverScope scope(profile);
    for (int i = 0; i < 3; ++i) TwoConvolutions().gradients();
  }
  const Place& forward = at(profile.root(), Kind::kOp, "conv2d");
  CHECK(forward.calls == 3 * 2);
  CHECK(forward.own.multiply_adds == 3 * (kFirst + kSecond));
  const Place& backward = at(at(profile.root(), Kind::kGradient, "grad"), Kind::kRules, "conv2d");
  CHECK(backward.calls == 3 * 2);
  CHECK(at(backward, Kind::kOp, "conv2d_grad_weight").calls == 3 * 2);
  CHECK(at(backward, Kind::kOp, "conv2d_grad_weight").own.multiply_adds == 3 * (kFirst + kSecond));
  CHECK(at(backward, Kind::kOp, "conv2d_grad_input").calls == 3);  // x is a constant
  CHECK(at(backward, Kind::kOp, "conv2d_grad_input").own.multiply_adds == 3 * kSecond);
  CHECK(backward.total().multiply_adds == 3 * (kFirst + 2 * kSecond));
  CHECK(profile.root().total().multiply_adds == 3 * (2 * kFirst + 3 * kSecond));
}

TEST_CASE("profile: gradients that are added up have a row of their own") {
  Profile profile;
  {
    const ObserverScope scope(profile);
    TwoConvolutions().gradients();
  }
  int64_t additions = 0;
  for (const auto& rules : at(profile.root(), Kind::kGradient, "grad").inside)
    for (const auto& place : rules->inside)
      if (std::string("add gradients") == place->name) additions += place->calls;
  CHECK(additions == 1);  // of h
}

TEST_CASE("profile: its rows add up to the time that passed") {
  Layer net = build_network(ResNetConfig{.depth = 8}, {32, 32, 3}, 10, Rng(1));
  Optimizer optimizer(SgdConfig{});
  const Tensor x = Tensor::zeros({16, 32, 32, 3});
  const IntTensor y = IntTensor::full({16}, 3);
  Profile profile;
  const double begin = seconds_now();
  {
    const ObserverScope scope(profile);
    for (int i = 0; i < 10; ++i)
      optimizer.step(net, grad(cross_entropy(net.forward(x, {.training = true}), y), parameters(net)));
  }
  const double passed = seconds_now() - begin;
  CHECK(profile.steps() == 10);
  CHECK(profile.root().total().seconds <= passed);
  CHECK(profile.root().total().seconds >= 0.9 * passed);  // the rest: the scheduler may step in before the first look
  double rows = 0;  // the outermost ones of the report
  const Json report = parse_json(profile_json(profile), "profile", ErrorKind::kData);
  for (const Json& row : report.find("rows")->items) {
    double seconds = 0;
    REQUIRE(to_real(*row.find("seconds"), seconds));
    if (row.find("place")->items.size() == 1) rows += seconds;
  }
  CHECK(rows / profile.root().total().seconds == doctest::Approx(1));
  CHECK(profile.first_step_seconds() < passed);
}

TEST_CASE("profile: the time of a span is its own, and work outside of ops is outside of ops") {
  const auto spend = [](double seconds) {
    for (const double end = seconds_now() + seconds; seconds_now() < end;) {}
  };
  Profile profile;
  const double begin = seconds_now();
  {
    const ObserverScope scope(profile);
    {
      const Span outer(SpanKind::kWork, "outer");
      spend(0.02);
      const Span inner(SpanKind::kWork, "inner");
      spend(0.01);
    }
    spend(0.005);
    const Span last(SpanKind::kWork, "last");
  }
  const double passed = seconds_now() - begin;
  // Each got what it spent, and together they got no more than there was: so each got its own.
  const Place& outer = at(profile.root(), Kind::kWork, "outer");
  CHECK(outer.own.seconds >= 0.02);
  CHECK(at(outer, Kind::kWork, "inner").own.seconds >= 0.01);
  CHECK(profile.root().own.seconds >= 0.005);
  CHECK(profile.root().total().seconds <= passed);
}

TEST_CASE("profile: the ops of a task in gradients_over are seen") {
  Profile profile;
  {
    const ObserverScope scope(profile);
    gradients_over(3, [](int64_t) { return TwoConvolutions().gradients(); });
  }
  CHECK(profile.root().total().multiply_adds == 3 * (2 * kFirst + 3 * kSecond));
}

TEST_CASE("profile: bytes are every input and output once, and nothing for a reshape") {
  struct Bytes : Observer {
    void on_op(const OpEvent& event) override { bytes += bytes_moved(event); }
    int64_t bytes = 0;
  } observer;
  const Tensor a = Tensor::ones({4, 6}), b = Tensor::ones({6});
  const ObserverScope scope(observer);
  add(a, b);
  CHECK(observer.bytes == static_cast<int64_t>(sizeof(Real)) * (24 + 6 + 24));
  reshape(a, {24});
  CHECK(observer.bytes == static_cast<int64_t>(sizeof(Real)) * (24 + 6 + 24));
}

TEST_CASE("profile: the table shows phases, ops, calls per step and rates") {
  Profile profile;
  {
    const ObserverScope scope(profile);
    for (int i = 0; i < 2; ++i) {
      TwoConvolutions().gradients();
      const Span step(SpanKind::kWork, Optimizer::kSpan);
    }
  }
  const std::string table = format_profile(profile);
  INFO(table);
  for (const char* part : {"2 steps", "forward", "\n  conv2d ", "\n    conv2d_grad_weight ", "engine", "optimizer", "GFLOP/s"})
    CHECK_MESSAGE(table.find(part) != std::string::npos, part);
}
