#include "core/observer.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "core/autograd.h"
#include "ops/ops.h"

using namespace fewer;

namespace {

struct Seen {
  std::string op;
  std::vector<Shape> inputs, outputs;
  bool in_gradient;
};

class Notebook : public Observer {
 public:
  void on_op(const OpEvent& event) override {
    Seen seen{event.op, {}, {}, event.in_gradient};
    for (const TensorRef& input : event.inputs) seen.inputs.push_back((*input).shape());
    for (const Tensor& output : event.outputs) seen.outputs.push_back(output.shape());
    pages.push_back(std::move(seen));
  }
  std::vector<Seen> pages;
};

}  // namespace

TEST_CASE("observer: sees each op with its inputs and outputs, constants too") {
  Notebook notebook;
  const ObserverScope scope(notebook);
  matmul(Tensor::ones({2, 3}), Tensor::ones({3, 4}));
  REQUIRE(notebook.pages.size() == 1);
  CHECK(notebook.pages[0].op == "matmul");
  CHECK(notebook.pages[0].inputs == std::vector<Shape>{{2, 3}, {3, 4}});
  CHECK(notebook.pages[0].outputs == std::vector<Shape>{{2, 4}});
  CHECK_FALSE(notebook.pages[0].in_gradient);
}

TEST_CASE("observer: tells the ops of gradient rules from those of the forward pass") {
  Notebook notebook;
  const Tensor x = variable(Tensor::ones({3}));
  const Tensor loss = sum(x * x);
  const ObserverScope scope(notebook);
  grad(loss, x);
  REQUIRE_FALSE(notebook.pages.empty());
  for (const Seen& seen : notebook.pages) CHECK(seen.in_gradient);
}

TEST_CASE("observer: sees the attributes of an op, however many") {
  struct Attributed : Observer {
    void on_op(const OpEvent& event) override { seen.assign(event.attributes.begin(), event.attributes.end()); }
    std::vector<int64_t> seen;
  } observer;
  const ObserverScope scope(observer);
  record_constant("probe", Tensor::ones({1}), {}, {3, 1, 4});
  CHECK(observer.seen == std::vector<int64_t>{3, 1, 4});
  conv2d(Tensor::ones({1, 1, 9, 1}), Tensor::ones({1, 3, 1, 1}), {.dilation_w = 4});
  REQUIRE(observer.seen.size() == 9);
  CHECK(observer.seen.back() == 4);
}

namespace {

// What happens, one line each, indented by the spans that are open.
class Diary : public Observer {
 public:
  void on_op(const OpEvent& event) override { lines.push_back(indent + event.op); }
  void on_span_begin(SpanKind kind, const char* name) override {
    lines.push_back(indent + (kind == SpanKind::kGradient ? "gradient " : kind == SpanKind::kRules ? "rules " : "work ") + name);
    indent += "  ";
  }
  void on_span_end() override { indent.resize(indent.size() - 2); }
  std::vector<std::string> lines;
  std::string indent;
};

}  // namespace

TEST_CASE("observer: hears of a gradient, of each op's rules in it and of gradients that are added up") {
  const Tensor x = variable(Tensor::ones({3}));
  const Tensor loss = sum(x * x);
  Diary diary;
  const ObserverScope scope(diary);
  grad(loss, x);
  CHECK(diary.lines == std::vector<std::string>{"gradient grad", "  rules sum", "    expand", "  rules mul", "    mul", "    mul",
                                                "    work add gradients"});
  CHECK(diary.indent.empty());
}

TEST_CASE("observer: a span ends when an exception leaves it") {
  Diary diary;
  const ObserverScope scope(diary);
  CHECK_THROWS([] {
    const Span span(SpanKind::kWork, "trying");
    fail("in vain");
  }());
  CHECK(diary.lines == std::vector<std::string>{"work trying"});
  CHECK(diary.indent.empty());
}

TEST_CASE("observer: scopes nest and end") {
  Notebook outer, inner;
  const Tensor x = Tensor::ones({2});
  {
    const ObserverScope first(outer);
    exp(x);
    {
      const ObserverScope second(inner);
      exp(x);
    }
    exp(x);
  }
  exp(x);
  CHECK(outer.pages.size() == 3);
  CHECK(inner.pages.size() == 1);
  CHECK_FALSE(observed());
}

TEST_CASE("observer: does not see the ops of an observer, and survives one that throws") {
  struct Computing : Observer {
    void on_op(const OpEvent& event) override {
      ++calls;
      exp(event.outputs[0]);
      if (calls == 2) fail("stop at the second op");
    }
    int calls = 0;
  } computing;
  const Tensor x = Tensor::ones({2});
  const ObserverScope scope(computing);
  exp(x);
  CHECK(computing.calls == 1);
  CHECK_THROWS_WITH(exp(x), "stop at the second op");
  exp(x);
  CHECK(computing.calls == 3);
}

TEST_CASE("observer: belongs to its thread") {
  Notebook notebook;
  const ObserverScope scope(notebook);
  std::thread([] { exp(Tensor::ones({2})); }).join();
  CHECK(notebook.pages.empty());
}
