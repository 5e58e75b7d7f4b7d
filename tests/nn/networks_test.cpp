// Every network runs, uses exactly the parameters it lists, has the multiply-adds its paper counts and refuses what does not fit.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/config.h"
#include "nn/model_file.h"
#include "nn/networks.h"
#include "nn/summary.h"
#include "tests/support/forgotten_member.h"

using namespace fewer;

namespace {

const Shape kMnist{28, 28, 1}, kCifar{32, 32, 3};

struct Example {
  const char* config;
  Shape input;
};
const Example kExamples[] = {
    {R"({"name": "mlp", "hidden": [20, 10], "norm": {}, "dropout_input": 0.1, "dropout": 0.5})", kMnist},
    {R"("lenet_300_100")", kMnist},
    {R"("lenet_5")", kMnist},
    {R"("conv4")", kMnist},
    {R"({"name": "conv4", "ceil_mode": true, "norm": null})", kMnist},
    {R"({"name": "conv4", "downsample": "stride", "features": "mean", "norm": {"scale": false}})", kMnist},
    {R"({"name": "vgg", "depth": 9, "width": 0.125})", kCifar},
    {R"({"name": "vgg", "depth": 16, "width": 0.125, "norm": null})", kCifar},
    {R"({"name": "resnet", "depth": 14, "width": 0.5})", kCifar},
    {R"({"name": "resnet", "depth": 8, "shortcut": "projection"})", kMnist},
    {R"({"name": "wrn", "depth": 10, "width": 2, "dropout": 0.3})", kCifar},
    {R"({"name": "maxout", "net": "fitnet_1", "dropout": 0.2})", kCifar},
    {R"({"name": "maxout", "net": "mnist_teacher"})", kMnist},
    {R"({"name": "maxout", "net": "mnist_student"})", kMnist},
    {R"({"name": "maxout", "net": "custom", "layers": "4 p 8 P", "hidden": 0})", kMnist}};

NetworkConfig read(const std::string& config) {
  NetworkConfig network;
  read_json([&](Visitor& v) { v.field("network", network); }, R"({"network": )" + config + "}", "test");
  return network;
}

Layer build(const NetworkConfig& config, const Shape& input, int64_t classes = 10) {
  return build_network(config, input, classes, Rng(1));
}

Tensor noise(const Shape& example, int64_t batch) {
  Rng rng(2);
  return Tensor::normal(example.inserted(0, batch), 0, 1, rng);
}

int64_t macs(const std::string& config, const Shape& input) { return summarize(build(read(config), input), input).multiply_adds; }

}  // namespace

TEST_CASE("networks: the leaves a forward pass reaches are exactly the parameters") {
  for (const Example& example : kExamples) {
    CAPTURE(example.config);
    const Layer net = build(read(example.config), example.input);
    Rng rng(3);
    const Tensor y = net.forward(noise(example.input, 2), {.training = true, .rng = &rng});
    CHECK(y.shape() == Shape{2, 10});
    for (const std::string& mistake : testing::forgotten_members(net, y)) FAIL_CHECK(mistake);
  }
}

TEST_CASE("networks: each is restored from its file, to the same outputs bit for bit") {
  for (const Example& example : kExamples) {
    CAPTURE(example.config);
    const Layer net = build(read(example.config), example.input);
    const Model restored = model_from_file(model_to_file({.net = net, .info = {}, .extra = {}}), "test");
    const Tensor x = noise(example.input, 1), y = net.forward(x, {}), z = restored.net.forward(x, {});
    CHECK(std::equal(y.values().begin(), y.values().end(), z.values().begin(), z.values().end()));
  }
}

TEST_CASE("networks: the default taps exist") {
  for (const Example& example : kExamples) {
    CAPTURE(example.config);
    const NetworkConfig config = read(example.config);
    Taps taps;
    for (const std::string& place : default_taps(config)) taps.observe(place);
    build(config, example.input).forward(noise(example.input, 1), {.taps = &taps});
    CHECK_NOTHROW(taps.ensure_all_reached());
  }
}

TEST_CASE("networks: without classes, the features come out") {
  const auto features = [](const char* config, const Shape& input) { return build(read(config), input, 0).forward(noise(input, 3), {}).shape(); };
  CHECK(features(R"("conv4")", kMnist) == Shape{3, 64});
  CHECK(features(R"({"name": "conv4", "ceil_mode": true})", kMnist) == Shape{3, 256});
  CHECK(features(R"({"name": "resnet", "depth": 8})", kCifar) == Shape{3, 64});
  CHECK(features(R"("lenet_5")", kMnist) == Shape{3, 500});
}

TEST_CASE("networks: the same stream builds the same values, and layers do not disturb each other's") {
  const Layer a = build(read(R"({"name": "mlp", "hidden": [5]})"), {3});
  const Layer b = build(read(R"({"name": "mlp", "hidden": [5], "norm": {}, "dropout": 0.5})"), {3});
  const auto first = [](const Layer& net) { return parameters(net)[0].values(); };
  CHECK(std::equal(first(a).begin(), first(a).end(), first(b).begin()));
}

TEST_CASE("networks: layers of one name in different places start differently") {
  Layer net = build(read(R"({"name": "resnet", "depth": 14})"), kCifar);
  const auto first = [&](const char* path) { return find_layer(net, path)->as<Conv2d>()->weight.value().at({0, 0, 0, 0}); };
  CHECK(first("stage1.0.conv1") != first("stage1.1.conv1"));
}

TEST_CASE("wrn: where the width changes, the shortcut projects the normalised and rectified input") {
  Layer net = build(read(R"({"name": "wrn", "depth": 10, "width": 1})"), kCifar);
  Taps taps;
  for (const char* place : {"stage2.0.relu1", "stage2.0.shortcut"}) taps.observe(place);
  net.forward(noise(kCifar, 1), {.taps = &taps});
  const Tensor projected = find_layer(net, "stage2.0.shortcut")->forward(taps.value("stage2.0.relu1"), {});
  CHECK(projected.at({0, 3, 4, 5}) == taps.value("stage2.0.shortcut").at({0, 3, 4, 5}));
}

TEST_CASE("networks: multiply-adds are those of the papers") {
  CHECK(macs(R"("lenet_300_100")", kMnist) == 266200);
  CHECK(macs(R"("lenet_5")", kMnist) == 2293000);
  CHECK(macs(R"({"name": "vgg", "depth": 16})", kCifar) == 313463808);
  CHECK(macs(R"({"name": "resnet", "depth": 56})", kCifar) == 125485696);
  CHECK(macs(R"({"name": "wrn", "depth": 16, "width": 2})", kCifar) == doctest::Approx(101e6).epsilon(0.005));
  CHECK(macs(R"({"name": "maxout", "net": "cifar_teacher"})", kCifar) == doctest::Approx(725.1e6).epsilon(0.0002));
  CHECK(macs(R"({"name": "maxout", "net": "fitnet_4"})", kCifar) == doctest::Approx(381.7e6).epsilon(0.0002));
  CHECK(macs(R"({"name": "maxout", "net": "mnist_teacher"})", kMnist) == doctest::Approx(28.7e6).epsilon(0.002));
}

TEST_CASE("networks: what does not fit is refused with the layer's name") {
  const auto refused = [](const char* config, const Shape& input, const char* message) {
    CAPTURE(config);
    try {
      build(read(config), input);
      FAIL_CHECK("nothing was thrown");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kConfig);
      CHECK(std::string(error.what()).find(message) != std::string::npos);
    }
  };
  refused(R"("lenet_5")", {12, 12, 1}, "layer \"conv2\": a window of 5x5 does not fit into [4, 4, 20]");
  refused(R"({"name": "vgg", "depth": 16})", kMnist, "layer \"pool5\": a window of 2x2 does not fit into [1, 1, 512]");
  refused(R"("conv4")", {784}, "layer \"conv1\": expected an image [H, W, C], but there is [784]");
  refused(R"({"name": "maxout", "net": "custom", "layers": "16 p p"})", kCifar, "\"16 p p\"");
  refused(R"({"name": "resnet", "depth": 21})", kCifar, "6n + 2");
  refused(R"({"name": "vgg", "depth": 12})", kCifar, "9, 11, 13, 16 or 19");
  refused(R"("lenet_5")", {28, 0, 1}, "at least one element");
}
