// Downloads, against a server on the loopback interface.
#include "datasets/fetch.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "core/sha256.h"
#include "datasets/registry.h"
#include "tests/support/http_server.h"
#include "tests/support/messages.h"
#include "tests/support/run_trainer.h"
#include "tests/support/temp_folder.h"

using namespace fewer;
using namespace fewer::testing;

namespace {

using Requests = std::vector<std::string>;

// 300 kB without a pattern.
std::string sample_bytes() {
  std::string bytes(300000, '\0');
  uint32_t state = 1;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

FetchPlan plan_of(const std::vector<std::string>& addresses, const std::string& bytes) {
  return {"sample", "sample", {{.file = "a.bin", .addresses = addresses, .sha256 = sha256(bytes)}}};
}

std::string complaint(const FetchPlan& plan, const TempFolder& place) {
  return message_of(ErrorKind::kData, [&] { fetch(plan, place.file(""), {}); });
}

}  // namespace

TEST_CASE("fetch: a file arrives under its name, and is not asked for again") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  HttpServer server({{"/a.bin", {bytes}}});
  const FetchPlan plan = plan_of({server.address("/a.bin")}, bytes);
  fetch(plan, place.file(""), {});
  CHECK(read_file(place.file("sample/a.bin")) == bytes);
  CHECK(!file_exists(place.file("sample/a.bin.part")));
  fetch(plan, place.file(""), {});
  CHECK(server.requests() == Requests{"/a.bin"});
}

TEST_CASE("fetch: a cut connection goes on where it broke") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  HttpServer server({{"/a.bin", {.bytes = bytes, .cuts = {100000, 50000}}}});
  fetch(plan_of({server.address("/a.bin")}, bytes), place.file(""), {});
  CHECK(read_file(place.file("sample/a.bin")) == bytes);
  CHECK(server.requests() == Requests{"/a.bin", "/a.bin from 100000", "/a.bin from 150000"});
}

TEST_CASE("fetch: what an interrupted run left is gone on with by the next") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  HttpServer server({{"/a.bin", {bytes}}});
  std::filesystem::create_directories(place.file("sample"));
  std::ofstream(place.file("sample/a.bin.part"), std::ios::binary) << bytes.substr(0, 1234);
  fetch(plan_of({server.address("/a.bin")}, bytes), place.file(""), {});
  CHECK(read_file(place.file("sample/a.bin")) == bytes);
  CHECK(server.requests() == Requests{"/a.bin from 1234"});
}

TEST_CASE("fetch: a complete part is checked and kept without a request") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  std::filesystem::create_directories(place.file("sample"));
  std::ofstream(place.file("sample/a.bin.part"), std::ios::binary) << bytes;
  fetch(plan_of({dead_address("/a.bin")}, bytes), place.file(""), {});
  CHECK(read_file(place.file("sample/a.bin")) == bytes);
}

TEST_CASE("fetch: a part of something else is thrown away and the file fetched whole") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  for (const size_t left : {size_t{5000}, size_t{300000}, size_t{400000}}) {
    CAPTURE(left);
    HttpServer server({{"/a.bin", {bytes}}});
    std::filesystem::create_directories(place.file("sample"));
    std::filesystem::remove(place.file("sample/a.bin"));
    std::ofstream(place.file("sample/a.bin.part"), std::ios::binary) << std::string(left, 'x');
    fetch(plan_of({server.address("/a.bin")}, bytes), place.file(""), {});
    CHECK(read_file(place.file("sample/a.bin")) == bytes);
  }
}

TEST_CASE("fetch: a server without ranges sends the whole file again") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  HttpServer server({{"/a.bin", {.bytes = bytes, .ranges = false, .cuts = {70000}}}});
  fetch(plan_of({server.address("/a.bin")}, bytes), place.file(""), {});
  CHECK(read_file(place.file("sample/a.bin")) == bytes);
}

TEST_CASE("fetch: a dead address, a missing file and a wrong one give way to the next mirror") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  HttpServer server({{"/good/a.bin", {bytes}}, {"/wrong/a.bin", {"<html>moved</html>"}}});
  fetch(plan_of({dead_address("/a.bin"), server.address("/none/a.bin"), server.address("/wrong/a.bin"), server.address("/good/a.bin")}, bytes),
        place.file(""), {});
  CHECK(read_file(place.file("sample/a.bin")) == bytes);
}

TEST_CASE("fetch: when no address has the file, the message says what each answered and how to do it by hand") {
  const TempFolder place;
  const std::string bytes = sample_bytes(), dead = dead_address("/a.bin");
  HttpServer server({{"/wrong/a.bin", {.bytes = "<html>moved</html>"}}});
  const std::string message = complaint(plan_of({dead, server.address("/wrong/a.bin")}, bytes), place);
  CHECK(contains(message, dead + ": the host does not answer; is there a network?"));
  CHECK(contains(message, "expected a file with SHA-256 " + sha256(bytes)));
  CHECK(contains(message, sha256("<html>moved</html>")));
  CHECK(contains(message, "goes to " + place.file("sample/a.bin")));
  CHECK(!file_exists(place.file("sample/a.bin")));
  CHECK(!file_exists(place.file("sample/a.bin.part")));
}

TEST_CASE("fetch: a connection that keeps breaking ends with an error, and the part stays") {
  const TempFolder place;
  const std::string bytes = sample_bytes();
  HttpServer server({{"/a.bin", {.bytes = bytes, .cuts = {1000, 1000, 1000, 1000}}}});
  CHECK(contains(complaint(plan_of({server.address("/a.bin")}, bytes), place), "the connection broke"));
  CHECK(read_file(place.file("sample/a.bin.part")) == bytes.substr(0, 3000));
}

TEST_CASE("fetch: archives are unpacked whole, and removed") {
  const TempFolder place, source;
  std::filesystem::create_directories(source.file("inner/deep"));
  std::ofstream(source.file("inner/deep/file.txt")) << "hello";
  REQUIRE(run_process({"tar", "-czf", source.file("a.tar.gz"), "-C", source.file(""), "inner"}) == 0);
  const std::string bytes = read_file(source.file("a.tar.gz"));
  HttpServer server({{"/a.tar.gz", {bytes}}});
  FetchPlan plan{"sample", ".", {{.file = "a.tar.gz", .addresses = {server.address("/a.tar.gz")}, .sha256 = sha256(bytes),
                                  .archive = Archive::kTarGz, .into = "under", .result = "under/inner"}}};
  fetch(plan, place.file(""), {});
  CHECK(read_file(place.file("under/inner/deep/file.txt")) == "hello");
  CHECK(std::distance(std::filesystem::directory_iterator(place.file("")), {}) == 1);  // nothing else is left
  fetch(plan, place.file(""), {});
  CHECK(server.requests() == Requests{"/a.tar.gz"});
  plan.downloads[0].result = "under/other";
  CHECK(contains(complaint(plan, place), "expected it to hold under/other"));
}

TEST_CASE("fetch: every plan is for a data set by that name, with a sum for each file at an official address") {
  std::set<std::string> without_sum;
  for (const FetchPlan& plan : fetch_plans()) {
    CAPTURE(plan.name);
    CHECK(!plan.downloads.empty());
    for (const Download& download : plan.downloads) {
      CHECK(!download.addresses.empty());
      CHECK((download.archive == Archive::kNone) == download.result.empty());
      if (download.sha256.empty()) without_sum.insert(download.file);
      else CHECK(download.sha256.size() == 64);
    }
  }
  CHECK(without_sum == std::set<std::string>{"all_runs.zip"});
}

#ifndef FEWER_DOUBLE  // the binary is built in float
TEST_CASE("fetch: the binary without a network explains what to do, with the exit code for data") {
  const TempFolder place;
  const std::string proxy = dead_address("");
  ::setenv("https_proxy", proxy.c_str(), 1);
  ::setenv("http_proxy", proxy.c_str(), 1);
  const ProcessResult run = run_trainer("fetch mnist --data-dir " + place.file(""));
  ::unsetenv("https_proxy");
  ::unsetenv("http_proxy");
  CHECK(run.exit_code == 3);
  CHECK(contains(run.output, "ossci-datasets.s3.amazonaws.com"));
  CHECK(contains(run.output, "goes to " + place.file("mnist/train-images-idx3-ubyte.gz")));
  CHECK(run_trainer("fetch nothing").exit_code == 2);
  CHECK(contains(run_trainer("fetch").output, "cifar10"));
}
#endif
