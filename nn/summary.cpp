// How the work of an op finds its layer: a place is tapped on every layer. Layers finish in the order children before parents, so all
// ops observed since the last tap belong to the layer whose tap is served now.
#include "nn/summary.h"

#include <algorithm>
#include <map>

#include "core/autograd.h"
#include "core/error.h"
#include "core/rng.h"
#include "core/storage.h"
#include "core/text_table.h"
#include "nn/op_cost.h"
#include "nn/tree_visitor.h"

namespace fewer {
namespace {

// Every layer of the tree with its own parameters.
class RowCollector final : public TreeVisitor {
 public:
  struct Row {
    LayerRow row;
    bool has_children = false;
  };
  std::vector<Row> rows;

  void enter(Layer& layer) override {
    index_[path_] = rows.size();
    rows.push_back({.row = {.path = path_, .kind = layer->kind()}});
  }
  void parameter(std::string_view, Parameter& parameter, const Shape&, ParameterRole) override {
    if (parameter.defined()) rows[index_.at(path_)].row.parameters += parameter.shape().numel();
  }
  void child(std::string_view name, Layer& layer) override {
    if (!layer.empty()) rows[index_.at(path_)].has_children = true;
    TreeVisitor::child(name, layer);
  }

 private:
  std::map<std::string, size_t> index_;
};

class MultiplyAddCounter final : public Observer {
 public:
  void on_op(const OpEvent& event) override { count_ += multiply_adds(event); }
  int64_t take() { return std::exchange(count_, 0); }

 private:
  int64_t count_ = 0;
};

Shape with_batch(const Shape& example, int64_t batch) { return example.inserted(0, batch); }
Shape without_batch(const Shape& shape) { return shape.rank() > 0 ? shape.without(0) : shape; }

void observe_pass(const Layer& net, const Shape& example, std::vector<RowCollector::Row>& rows) {
  MultiplyAddCounter counter;
  Taps taps;
  for (RowCollector::Row& entry : rows) {
    taps.replace(entry.row.path, [&counter, row = &entry.row](const Tensor& value) {
      row->output = without_batch(value.shape());
      row->multiply_adds += counter.take();
      return value;
    });
  }
  const NoGrad no_grad;
  const ObserverScope scope(counter);
  net.forward(Tensor::zeros(with_batch(example, 1)), {.taps = &taps});
}

int64_t measured_bytes(const Layer& net, const Shape& example, int64_t batch) {
  const std::vector<Tensor> wrt = parameters(net);
  const int64_t before = pool_statistics().large_bytes;
  reset_pool_peak();
  Rng rng(1);
  Tensor y = net.forward(Tensor::zeros(with_batch(example, batch)), {.training = true, .rng = &rng});
  if (y.tracked()) {
    const Tensor seed = Tensor::ones(y.shape());
    grad(std::move(y), wrt, {.allow_unused = true, .seed = seed});
  }
  return pool_statistics().peak_large_bytes - before;
}

}  // namespace

Summary summarize(const Layer& net, const Shape& example) {
  RowCollector collector;
  collector.walk(const_cast<Layer&>(net));  // describe() is not const because readers write through it; this one does not
  observe_pass(net, example, collector.rows);
  Summary summary{.input = example};
  for (RowCollector::Row& entry : collector.rows) {
    LayerRow& row = entry.row;
    summary.parameters += row.parameters;
    summary.multiply_adds += row.multiply_adds;
    if (!entry.has_children || row.parameters > 0 || row.multiply_adds > 0) summary.layers.push_back(std::move(row));
  }
  return summary;
}

std::string format_summary(const Summary& summary) {
  std::vector<std::vector<std::string>> lines{{"layer", "kind", "output", "parameters", "multiply-adds"}};
  lines.push_back({"(input)", "", summary.input.str(), "", ""});
  for (const LayerRow& row : summary.layers)
    lines.push_back({row.path, row.kind, row.output.str(), with_commas(row.parameters), with_commas(row.multiply_adds)});
  lines.push_back({"total", "", "", with_commas(summary.parameters), with_commas(summary.multiply_adds)});
  constexpr size_t kFirstNumber = 3;
  return text_table(lines, kFirstNumber);
}

int64_t training_bytes(const Layer& net, const Shape& example, int64_t batch) {
  constexpr int64_t kFew = 4, kMore = 8;
  if (batch <= kMore) return measured_bytes(net, example, batch);
  const int64_t few = measured_bytes(net, example, kFew), more = measured_bytes(net, example, kMore);
  return more + (more - few) * (batch - kMore) / (kMore - kFew);
}

}  // namespace fewer
