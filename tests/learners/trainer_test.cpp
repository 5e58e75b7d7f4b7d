// The trainer as its user meets it: the real binary, its files, its messages and its exit codes.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/files.h"
#include "core/json.h"
#include "tests/support/messages.h"
#include "tests/support/run_trainer.h"
#include "tests/support/temp_folder.h"

#ifndef FEWER_DOUBLE  // the binary is built in float

using namespace fewer;
using namespace fewer::testing;

namespace {

// A run of about a second: 4 classes of glyphs, a small network with batch norm and dropout-free layers.
std::string small_config(const std::string& extra = "") {
  return R"({"method": "supervised", "name": "small",
    "data": {"name": "glyphs", "validation": 40, "glyphs": {"classes": 4, "train_per_class": 50, "test_per_class": 20}},
    "network": {"name": "mlp", "hidden": [32], "dropout": 0.2},
    "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9}, "epochs": 4, "batch": 32)" +
         (extra.empty() ? "" : ", " + extra) + "}";
}

std::string write(const TempFolder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder.file(name)) << text;
  return folder.file(name);
}

}  // namespace

TEST_CASE("trainer: a run leaves config, metrics, checkpoint, model and summary") {
  const TempFolder folder;
  const std::string config = write(folder, "c.json", small_config());
  const ProcessResult run = run_trainer("run " + config + " --out " + folder.file("runs"));
  INFO(run.output);
  REQUIRE(run.exit_code == 0);
  const std::string at = folder.file("runs/small/");
  for (const char* name : {"config.json", "metrics.jsonl", "last.safetensors", "model.safetensors", "summary.json"})
    CHECK_MESSAGE(file_exists(at + name), name);
  const Json summary = parse_json(read_file(at + "summary.json"), "summary", ErrorKind::kData);
  for (const char* key : {"method", "name", "seed", "threads", "isa", "seconds", "git", "metrics", "chosen"})
    CHECK_MESSAGE(summary.find(key) != nullptr, key);
  CHECK(summary.find("chosen")->find("by")->text == "validation_error");
  double error = 1;
  REQUIRE(to_real(*summary.find("metrics")->find("test_error"), error));
  CHECK(error < 0.5);  // chance is 0.75
}

TEST_CASE("trainer: the resolved config, run again, gives the same model bit for bit") {
  const TempFolder folder;
  const std::string config = write(folder, "c.json", small_config());
  REQUIRE(run_trainer("run " + config + " --quiet --out " + folder.file("a")).exit_code == 0);
  REQUIRE(run_trainer("run " + folder.file("a/small/config.json") + " --quiet --out " + folder.file("b")).exit_code == 0);
  CHECK(read_file(folder.file("a/small/model.safetensors")) == read_file(folder.file("b/small/model.safetensors")));
  CHECK(read_file(folder.file("a/small/config.json")) == read_file(folder.file("b/small/config.json")));
}

TEST_CASE("trainer: --profile writes where the time went and leaves the model as it is, bit for bit") {
  const TempFolder folder;
  const std::string call = "run " + write(folder, "c.json", small_config()) + " --out " + folder.file("runs");
  REQUIRE(run_trainer(call + "/plain --quiet").exit_code == 0);
  const ProcessResult profiled = run_trainer(call + "/profiled --profile");
  REQUIRE_MESSAGE(profiled.exit_code == 0, profiled.output);
  CHECK(read_file(folder.file("runs/plain/small/model.safetensors")) == read_file(folder.file("runs/profiled/small/model.safetensors")));
  const Json profile = parse_json(read_file(folder.file("runs/profiled/small/profile.json")), "profile", ErrorKind::kData);
  CHECK(profile.find("steps")->text == "20");  // 160 images, 4 epochs
  for (const char* part : {"forward", "backward", "  linear ", "load batch", "optimizer", "evaluate", "save checkpoint"})
    CHECK_MESSAGE(contains(profiled.output, part), profiled.output);
}

TEST_CASE("trainer: the model does not depend on the number of threads") {
  const TempFolder folder;
  // A convolutional network with batch norm, so that parallel sums, products and convolutions all take part.
  const std::string config = write(folder, "c.json", R"({"method": "supervised", "name": "t",
    "data": {"name": "glyphs", "augment": ["flip"], "glyphs": {"classes": 4, "train_per_class": 40, "test_per_class": 10}},
    "network": {"name": "resnet", "depth": 8}, "optimizer": {"name": "adam", "lr": 0.003}, "epochs": 1, "batch": 32})");
  for (const char* threads : {"1", "2", "3"})
    REQUIRE(run_trainer("run " + config + " --quiet --threads " + threads + " --out " + folder.file(threads)).exit_code == 0);
  const std::string one = read_file(folder.file("1/t/model.safetensors"));
  CHECK(one == read_file(folder.file("2/t/model.safetensors")));
  CHECK(one == read_file(folder.file("3/t/model.safetensors")));
}

TEST_CASE("trainer: a run stopped by a signal ends with 143, resumes, and ends with the bits of one never stopped") {
  const TempFolder folder;
  const std::string config = write(folder, "c.json", small_config("\"schedule\": \"one_cycle\"") );
  const std::string longer = " --set epochs=150 --quiet --out ";
  REQUIRE(run_trainer("run " + config + longer + folder.file("whole")).exit_code == 0);
  int stops = 0;
  ProcessResult run;
  do {  // stopped a few times, at whatever points those are
    run = run_trainer("run " + config + longer + folder.file("parts") + " & pid=$!; sleep 0.2; kill -TERM $pid; wait $pid");
    stops += run.exit_code == 143;
  } while (run.exit_code == 143 && stops < 4);
  INFO(run.output);
  CHECK(stops > 0);
  CHECK(run_trainer("run " + config + longer + folder.file("parts")).exit_code == 0);
  CHECK(read_file(folder.file("whole/small/model.safetensors")) == read_file(folder.file("parts/small/model.safetensors")));
}

TEST_CASE("trainer: a finished run prints its summary and trains nothing; --fresh numbers a new folder") {
  const TempFolder folder;
  const std::string call = "run " + write(folder, "c.json", small_config()) + " --quiet --out " + folder.file("runs");
  REQUIRE(run_trainer(call).exit_code == 0);
  const auto before = std::filesystem::last_write_time(folder.file("runs/small/model.safetensors"));
  const ProcessResult again = run_trainer(call);
  CHECK(again.exit_code == 0);
  CHECK(contains(again.output, "is finished"));
  CHECK(std::filesystem::last_write_time(folder.file("runs/small/model.safetensors")) == before);
  CHECK(run_trainer(call + " --fresh").exit_code == 0);
  CHECK(file_exists(folder.file("runs/small-2/summary.json")));
}

TEST_CASE("trainer: another config in the folder of a run is refused with the difference") {
  const TempFolder folder;
  const std::string call = "run " + write(folder, "c.json", small_config()) + " --quiet --out " + folder.file("runs");
  REQUIRE(run_trainer(call).exit_code == 0);
  const ProcessResult other = run_trainer(call + " --set batch=16");
  CHECK(other.exit_code == 2);
  CHECK(contains(other.output, "-   \"batch\": 32"));
  CHECK(contains(other.output, "+   \"batch\": 16"));
}

TEST_CASE("trainer: --seeds trains one run per seed and reports mean and spread") {
  const TempFolder folder;
  const std::string call = "run " + write(folder, "c.json", small_config()) + " --quiet --seeds 1..2 --out " + folder.file("runs");
  REQUIRE(run_trainer(call).exit_code == 0);
  CHECK(file_exists(folder.file("runs/small/seed-2/model.safetensors")));
  CHECK(read_file(folder.file("runs/small/seed-1/model.safetensors")) != read_file(folder.file("runs/small/seed-2/model.safetensors")));
  const Json spread = parse_json(read_file(folder.file("runs/small/summary.json")), "summary", ErrorKind::kData);
  CHECK(spread.find("metrics")->find("test_error")->find("values")->items.size() == 2);
}

TEST_CASE("trainer: --dry-run shows layers, memory and time and writes nothing") {
  const TempFolder folder;
  const ProcessResult run =
      run_trainer("run " + write(folder, "c.json", small_config()) + " --dry-run --out " + folder.file("runs"));
  CHECK(run.exit_code == 0);
  for (const char* part : {"memory", "time", "25,120", "multiply-adds"}) CHECK_MESSAGE(contains(run.output, part), run.output);
  CHECK_FALSE(std::filesystem::exists(folder.file("runs")));
}

TEST_CASE("trainer: every mistake in a config is reported at once, with its place, and exits with 2") {
  const TempFolder folder;
  const ProcessResult run = run_trainer("run " + write(folder, "c.json", R"({
    "method": "supervised", "epohcs": 3,
    "optimizer": {"name": "sgd", "lr": "fast"},
    "batch": 0
  })"));
  CHECK(run.exit_code == 2);
  for (const char* part : {"c.json:2", "did you mean \"epochs\"", "optimizer.lr", "\"fast\"", "batch"})
    CHECK_MESSAGE(contains(run.output, part), run.output);
}

TEST_CASE("trainer: data describes a data set and writes a contact sheet") {
  const TempFolder folder;
  const ProcessResult run = run_trainer("data glyphs --set glyphs.classes=3 --out " + folder.file("out"));
  INFO(run.output);
  CHECK(run.exit_code == 0);
  for (const char* part : {"glyphs: built in", "images   28 x 28, 1 channel", "train     150", "alphabet00/character02"})
    CHECK(contains(run.output, part));
  CHECK(read_file(folder.file("out/glyphs_sheet.png")).starts_with("\x89PNG"));
  const ProcessResult misspelt = run_trainer("data glyps");
  CHECK(misspelt.exit_code == 2);
  CHECK(contains(misspelt.output, "did you mean \"glyphs\""));
  CHECK(run_trainer("data folder --data-dir " + folder.file("nowhere")).exit_code == 3);
}

TEST_CASE("trainer: bad command lines exit with 2 and one clear message") {
  for (const char* arguments : {"", "--bogus", "run", "run a.json b.json", "run missing.json", "explain nothing", "list everything",
                                "run x.json --threads 0", "run x.json --isa pentium", "run x.json --seeds 5..1", "check",
                                "run configs/smoke/supervised_glyphs.json --profile --dry-run"}) {
    const ProcessResult run = run_trainer(arguments);
    CHECK_MESSAGE(run.exit_code == 2, arguments, ": ", run.output);
    CHECK_MESSAGE(!run.output.empty(), arguments);
  }
  CHECK(contains(run_trainer("run x.json --tread 2").output, "did you mean \"--threads\""));
}

TEST_CASE("trainer: a planned method is refused as such") {
  const TempFolder folder;
  const ProcessResult run = run_trainer("run " + write(folder, "c.json", R"({"method": "fitnets"})"));
  CHECK(run.exit_code == 2);
  CHECK(contains(run.output, "planned"));
}

TEST_CASE("trainer: missing and damaged data exits with 3 and says where") {
  const TempFolder folder;
  const std::string config = write(folder, "c.json", R"({"method": "supervised", "data": {"name": "mnist"}})");
  std::filesystem::create_directories(folder.file("data/mnist"));
  const std::string call = "run " + config + " --data-dir " + folder.file("data") + " --out " + folder.file("runs");
  const ProcessResult missing = run_trainer(call);
  CHECK(missing.exit_code == 3);
  CHECK_MESSAGE(contains(missing.output, folder.path().string()), missing.output);
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"})
    write(folder, std::string("data/mnist/") + name, "no idx file");
  const ProcessResult damaged = run_trainer(call);
  CHECK(damaged.exit_code == 3);
  CHECK_MESSAGE(contains(damaged.output, "idx1-ubyte: byte 0"), damaged.output);
}

TEST_CASE("trainer: a loss that is no number stops the run with epoch, step and the first op that made it") {
  const TempFolder folder;
  const ProcessResult run = run_trainer("run " + write(folder, "c.json", small_config()) + " --set optimizer.lr=1e30 --out " +
                                        folder.file("runs"));
  CHECK(run.exit_code == 1);
  for (const char* part : {"epoch 1, step", "the first op to make it was"}) CHECK_MESSAGE(contains(run.output, part), run.output);
  CHECK_FALSE(file_exists(folder.file("runs/small/model.safetensors")));
}

TEST_CASE("trainer: a folder that cannot be written exits with 1 and names it") {
  const TempFolder folder;
  const std::string config = write(folder, "c.json", small_config());
  write(folder, "occupied", "a file where the folder should be");
  const ProcessResult run = run_trainer("run " + config + " --out " + folder.file("occupied"));
  CHECK(run.exit_code == 1);
  CHECK_MESSAGE(contains(run.output, "occupied"), run.output);
  CHECK(read_file(folder.file("occupied")) == "a file where the folder should be");
}

TEST_CASE("trainer: a full disk ends the run with 1, and what was there stays") {
  const TempFolder folder;
  const std::string call = "run " + write(folder, "c.json", small_config()) + " --quiet --out " + folder.file("runs");
  // A limit on the size of files stands for the full disk: the checkpoint, some 200 KB, does not fit.
  const ProcessResult full = run_shell("ulimit -f 40; exec " +
                                       std::string(std::getenv("FEWER_BUILD") ? std::getenv("FEWER_BUILD") : "build/release") +
                                       "/trainer " + call);
  CHECK_MESSAGE(full.exit_code == 1, full.output);
  CHECK_MESSAGE(contains(full.output, "last.safetensors"), full.output);
  CHECK_FALSE(file_exists(folder.file("runs/small/last.safetensors")));
  CHECK(run_trainer(call).exit_code == 0);  // with room again the run goes through
}

TEST_CASE("trainer: a damaged checkpoint is refused with its name, and not overwritten") {
  const TempFolder folder;
  const std::string call = "run " + write(folder, "c.json", small_config()) + " --quiet --out " + folder.file("runs");
  REQUIRE(run_trainer(call).exit_code == 0);
  std::filesystem::remove(folder.file("runs/small/summary.json"));
  std::string bytes = read_file(folder.file("runs/small/last.safetensors"));
  bytes.resize(bytes.size() / 2);
  std::ofstream(folder.file("runs/small/last.safetensors"), std::ios::binary) << bytes;
  const ProcessResult run = run_trainer(call);
  CHECK(run.exit_code == 3);
  CHECK_MESSAGE(contains(run.output, "last.safetensors"), run.output);
  CHECK(read_file(folder.file("runs/small/last.safetensors")) == bytes);
}

TEST_CASE("trainer: a model file loads in a fresh process with nothing else and gives the summary's figure") {
  const TempFolder folder;
  REQUIRE(run_trainer("run " + write(folder, "c.json", small_config()) + " --quiet --out " + folder.file("runs")).exit_code == 0);
  std::filesystem::rename(folder.file("runs/small/model.safetensors"), folder.file("alone.safetensors"));
  const Json summary = parse_json(read_file(folder.file("runs/small/summary.json")), "summary", ErrorKind::kData);
  std::filesystem::remove_all(folder.file("runs"));
  const ProcessResult eval = run_trainer("eval " + folder.file("alone.safetensors"));
  REQUIRE_MESSAGE(eval.exit_code == 0, eval.output);
  const Json result = parse_json(eval.output, "eval", ErrorKind::kData);
  CHECK(result.find("error")->text == summary.find("metrics")->find("test_error")->text);
  CHECK(contains(run_trainer("info " + folder.file("alone.safetensors")).output, "25,120"));
  CHECK(run_trainer("eval " + folder.file("alone.safetensors") + " --split tset").exit_code == 2);
  CHECK(run_trainer("eval " + folder.file("c.json")).exit_code == 3);
}

TEST_CASE("trainer: list, explain, schema and check answer") {
  CHECK(contains(run_trainer("list methods").output, "weights_and_connections"));
  CHECK(contains(run_trainer("list datasets").output, "glyphs"));
  CHECK(contains(run_trainer("list models").output, "resnet"));
  CHECK(contains(run_trainer("explain supervised").output, "optimizer"));
  const ProcessResult schema = run_trainer("schema supervised");
  CHECK(parse_json(schema.output, "schema", ErrorKind::kConfig).find("properties") != nullptr);
  CHECK_NOTHROW(parse_json(run_trainer("schema").output, "schema", ErrorKind::kConfig));
}

TEST_CASE("trainer: every config in configs/ checks") {
  const ProcessResult run = run_shell("find configs -name '*.json' | sort | xargs " +
                                      std::string(std::getenv("FEWER_BUILD") ? std::getenv("FEWER_BUILD") : "build/release") +
                                      "/trainer check");
  CHECK_MESSAGE(run.exit_code == 0, run.output);
}

#endif
