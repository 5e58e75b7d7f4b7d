#include "nn/model_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/json.h"
#include "nn/activation.h"
#include "nn/conv.h"
#include "nn/dropout.h"
#include "nn/kinds.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/pool.h"
#include "nn/recurrent.h"
#include "nn/residual.h"
#include "nn/sequential.h"
#include "tests/support/safetensors_reader.h"

namespace fewer {
namespace {

// What comes with nn: read before any test runs, as tests may add kinds of their own.
const std::vector<std::string> kKindsOfNn = known_kinds();

// A tree with a layer of every kind that comes with nn. For saving, not for running: the shapes do not fit.
Layer every_kind() {
  Rng rng(7);
  return Sequential{
      {"linear", Linear({.in = 3, .out = 2}, rng)},
      {"conv", Conv2d({.in = 4, .out = 6, .kernel = 3, .padding = 1, .groups = 2, .bias = false}, rng)},
      {"block", Residual({.body = {{"bn", BatchNorm({.channels = 2, .steps = 3})}},
                          .shortcut = PadShortcut({.in = 2, .out = 4}),
                          .activation = relu()})},
      {"plain_block", Residual({.body = {{"ln", LayerNorm({.features = 5})}}})},
      {"recurrent", Sequential{Lstm({.in = 2, .size = 3}, rng), BiLstm({.in = 2, .size = 2}, rng),
                               LstmCell({.in = 2, .size = 2}, rng)}},
      {"rest", Sequential{Dropout(0.25), Activation(ActivationFunction::kLeakyRelu, 0.2), Maxout(3),
                          MaxPool({.kernel = 3}), AveragePool(), GlobalAveragePool(), GlobalMaxPool(), Flatten()}},
  };
}

// A kind that objects to what it reads on its own, rather than through the reader.
struct Touchy final : ModuleKind<Touchy> {
  static constexpr const char* kKind = "touchy";
  int64_t width = 1;
  void describe(ModuleVisitor& v) override {
    v.field("width", width);
    ENSURE(width < 3, "touchy: width ", width, " is too much");
  }
  Tensor forward(const Tensor& x, const Pass&) const override { return x; }
};

// A network that runs, small enough to damage at every bit.
Model small_model() {
  Rng rng(3);
  Model model;
  model.net = Sequential{{"fc", Linear({.in = 2, .out = 2}, rng)}, {"act", relu()}};
  model.info = {.input_shape = {2}, .classes = {"no", "yes"}, .method = "supervised", .chosen_by = "last"};
  return model;
}

Model saved_and_loaded(const Model& model) {
  return model_from_file(parse_safetensors(to_bytes(model_to_file(model)), "m"), "m");
}

void check_same_values(Layer a, Layer b) {
  const std::vector<NamedParameter> of_a = named_parameters(a, true), of_b = named_parameters(b, true);
  REQUIRE(of_a.size() == of_b.size());
  for (size_t i = 0; i < of_a.size(); ++i) {
    CHECK(of_a[i].name == of_b[i].name);
    CHECK(of_a[i].parameter->trainable() == of_b[i].parameter->trainable());
    CHECK(std::ranges::equal(of_a[i].parameter->value().values(), of_b[i].parameter->value().values()));
  }
}

}  // namespace

TEST_CASE("model file: every kind of layer survives, bit for bit") {
  Layer net = every_kind();
  std::vector<std::string> missing = kKindsOfNn;
  for (const NamedModule& module : named_modules(net)) std::erase(missing, module.module->kind());
  CHECK_MESSAGE(missing.empty(), "a kind is not in the example: ", missing.empty() ? "" : missing.front());
  Model model;
  model.net = net;
  const Model back = saved_and_loaded(model);
  check_same_values(net, back.net);
  CHECK(to_bytes(model_to_file(back)) == to_bytes(model_to_file(model)));
}

TEST_CASE("model file: buffers are saved, with what training made of them") {
  BatchNorm norm({.channels = 2});
  norm.running_mean = Tensor({1, 2}, {3, -4});
  Model model;
  model.net = norm;
  CHECK(saved_and_loaded(model).net.as<BatchNorm>()->running_mean.at({0, 1}) == -4);
}

TEST_CASE("model file: frozen parameters come back frozen") {
  Model model = small_model();
  named_parameters(model.net)[1].parameter->set_trainable(false);
  const Model back = saved_and_loaded(model);
  CHECK(parameters(back.net).size() == 1);
  check_same_values(model.net, back.net);
}

TEST_CASE("model file: what is needed to use the model comes with it") {
  Model model = small_model();
  model.info = {.task = Task::kEmbedding,
                .input_shape = {28, 28, 1},
                .mean = {0.13066047740239478},
                .std = {0.3081},
                .classes = {"a", "\"b\""},
                .method = "fitnets",
                .chosen_by = "validation accuracy",
                .chosen_epoch = 12,
                .chosen_value = 0.991,
                .config = {.text = R"({"method": "fitnets"})"}};
  model.extra["licence"] = "CC0";
  const Model back = saved_and_loaded(model);
  CHECK(back.info.task == Task::kEmbedding);
  CHECK(back.info.input_shape == model.info.input_shape);
  CHECK(back.info.mean == model.info.mean);
  CHECK(back.info.classes == model.info.classes);
  CHECK(back.info.chosen_epoch == 12);
  CHECK(back.info.chosen_value == 0.991);
  CHECK(parse_json(back.info.config.text, "config").find("method")->text == "fitnets");
  CHECK(back.extra == model.extra);
}

TEST_CASE("model file: an independent reader finds the tensors by their names and the tree in the metadata") {
  const test::SafetensorsFile file = test::read_by_the_letter(to_bytes(model_to_file(small_model())));
  CHECK(file.problems.empty());
  CHECK(file.tensors.at("fc.weight").shape == std::vector<uint64_t>{2, 2});
  CHECK(file.tensors.at("fc.bias").dtype == (sizeof(Real) == 4 ? "F32" : "F64"));
  const Json tree = parse_json(file.metadata.at("network"), "network");
  CHECK(tree.find("kind")->text == "sequential");
  CHECK(tree.find("fc")->find("kind")->text == "linear");
}

TEST_CASE("model file: a network without values or with reserved metadata is not saved") {
  Model model;
  CHECK_THROWS_WITH_AS(model_to_file(model), doctest::Contains("no network"), Error);
  Linear linear;
  linear.spec = {.in = 2, .out = 2};
  model.net = linear;
  CHECK_THROWS_WITH_AS(model_to_file(model), doctest::Contains("weight [2, 2] has no value yet"), Error);
  model = small_model();
  model.extra["network"] = "mine";
  CHECK_THROWS_WITH_AS(model_to_file(model), doctest::Contains("format's own"), Error);
}

TEST_CASE("model file: what does not fit together is refused by name") {
  const auto refused = [](auto damage, const char* message) {
    Safetensors file = model_to_file(small_model());
    damage(file);
    CAPTURE(message);
    try {
      model_from_file(file, "m.safetensors");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kData);
      CHECK_MESSAGE(std::string(error.what()).find(message) != std::string::npos, error.what());
      CHECK(std::string(error.what()).starts_with("m.safetensors"));
    }
  };
  const auto edit = [](const char* key, const std::string& from, const std::string& to) {
    return [=](Safetensors& file) {
      std::string& text = file.metadata[key];
      REQUIRE(text.find(from) != std::string::npos);
      text.replace(text.find(from), from.size(), to);
    };
  };
  refused([](Safetensors& f) { f.metadata.erase("format"); }, "\"format\" is missing");
  refused(edit("version", "1", "2"), "expected version 1");
  refused([](Safetensors& f) { f.entries.pop_back(); }, "\"fc.bias\" [2] is missing");
  refused([](Safetensors& f) { f.add("fc.extra", Tensor::scalar(1)); }, "holds 3 tensors, but the network has 2");
  refused(edit("network", "\"linear\"", "\"linaer\""), "did you mean \"linear\"");
  refused(edit("network", "\"out\": 2", "\"out\": 3"), "\"fc.weight\" should be [2, 3], but is [2, 2]");
  refused(edit("network", "\"out\": 2", "\"out\": -3"), "out");
  refused([](Safetensors& f) {
    f.metadata["network"] = R"({"kind": "sequential", "names": ["fc"], "fc": null})";
    f.entries.clear();
  }, "layer \"fc\" is null");
  refused(edit("frozen", "[]", "[\"fc.wieght\"]"), "frozen");
  refused(edit("info", "classification", "clasification"), "task");
}

TEST_CASE("model file: what a layer objects to while it is read is put down to the file") {
  add_kind<Touchy>();
  Model model;
  model.net = Touchy();
  Safetensors file = model_to_file(model);
  std::string& tree = file.metadata["network"];
  tree.replace(tree.find("\"width\": 1"), 10, "\"width\": 9");
  CHECK_THROWS_WITH_AS(model_from_file(file, "m"), doctest::Contains("m: the network does not fit together: touchy"),
                       Error);
}

TEST_CASE("model file: with any bit flipped it is refused or loads as some network") {
  const std::string whole = to_bytes(model_to_file(small_model()));
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ErrorKind kind = ErrorKind::kData;
    try {
      model_from_file(parse_safetensors(damaged, "m"), "m");
    } catch (const Error& error) {
      kind = error.kind();
    }
    CAPTURE(bit);
    CHECK(kind == ErrorKind::kData);
  }
}

TEST_CASE("model file: whitening comes with the model; half of it, or one that is not square, is refused") {
  Rng rng(1);
  Model model{.net = Linear({.in = 3, .out = 2}, rng), .info = {}};
  model.info.contrast = true;
  model.whitening_mean = Tensor::normal({3}, 0, 1, rng);
  model.whitening = Tensor::normal({3, 3}, 0, 1, rng);
  Safetensors file = model_to_file(model);
  const Model read = model_from_file(file, "file");
  CHECK(read.info.contrast);
  CHECK(std::ranges::equal(read.whitening.values(), model.whitening.values()));
  CHECK(std::ranges::equal(read.whitening_mean.values(), model.whitening_mean.values()));
  Safetensors half = file;
  std::erase_if(half.entries, [](const Safetensors::Entry& e) { return e.name == "normalization.mean"; });
  CHECK_THROWS_WITH_AS(model_from_file(half, "file"), doctest::Contains("expected both"), Error);
  model.whitening = Tensor::normal({3, 2}, 0, 1, rng);
  CHECK_THROWS_WITH_AS(model_from_file(model_to_file(model), "file"), doctest::Contains("square"), Error);
}

TEST_CASE("model file: saving and loading through the disk gives the same outputs") {
  const std::string path = (std::filesystem::temp_directory_path() / "fewer_model_file_test.safetensors").string();
  const Model model = small_model();
  save_model(path, model);
  const Model back = load_model(path);
  std::filesystem::remove(path);
  const Tensor x({3, 2}, {1, 2, -3, 4, 0.5, -0.25});
  CHECK(std::ranges::equal(model.net.forward(x, {}).values(), back.net.forward(x, {}).values()));
}

}  // namespace fewer
