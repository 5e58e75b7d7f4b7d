// Where each data set is published. Check sums are those that several projects record for the files at these addresses; Lake's runs have
// none on record, and their loader checks what it reads.
#include "core/error.h"
#include "datasets/fetch.h"

namespace fewer {
namespace {

// Four IDX files under names of MNIST's.
struct IdxSums {
  const char *train_images, *train_labels, *test_images, *test_labels;
};
FetchPlan idx_plan(const std::string& name, const std::vector<std::string>& folders, const IdxSums& sums) {
  FetchPlan plan{name, name, {}};
  const auto add = [&](const std::string& file, const char* sum) {
    Download download{.file = file, .addresses = {}, .sha256 = sum};
    for (const std::string& folder : folders) download.addresses.push_back(folder + file);
    plan.downloads.push_back(std::move(download));
  };
  add("train-images-idx3-ubyte.gz", sums.train_images);
  add("train-labels-idx1-ubyte.gz", sums.train_labels);
  add("t10k-images-idx3-ubyte.gz", sums.test_images);
  add("t10k-labels-idx1-ubyte.gz", sums.test_labels);
  return plan;
}

FetchPlan mnist() {
  return idx_plan("mnist",
                  {"https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/",
                   "http://yann.lecun.com/exdb/mnist/"},
                  {"440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                   "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                   "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                   "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"});
}

FetchPlan fashion_mnist() {
  return idx_plan("fashion_mnist",
                  {"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                   "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"},
                  {"3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                   "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                   "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                   "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"});
}

FetchPlan kmnist() {
  return idx_plan("kmnist", {"http://codh.rois.ac.jp/kmnist/dataset/kmnist/"},
                  {"51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                   "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                   "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                   "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"});
}

FetchPlan emnist() {
  return {"emnist",
          "emnist",
          {{.file = "gzip.zip",
            .addresses = {"https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip", "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip"},
            .sha256 = "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
            .bytes = 561753746,
            .archive = Archive::kZip,
            .result = "gzip"}}};
}

FetchPlan cifar(const std::string& name, const std::string& file, const std::string& result, const std::string& sha256, int64_t bytes) {
  return {name,
          ".",
          {{.file = file,
            .addresses = {"https://www.cs.toronto.edu/~kriz/" + file},
            .sha256 = sha256,
            .bytes = bytes,
            .archive = Archive::kTarGz,
            .result = result}}};
}

FetchPlan omniglot() {
  const std::string lake = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python/",
                    snell = "https://raw.githubusercontent.com/jakesnell/prototypical-networks/master/data/omniglot/splits/vinyals/";
  const auto list = [&](const std::string& split, const char* sum) {
    return Download{.file = "splits-vinyals/" + split + ".txt", .addresses = {snell + split + ".txt"}, .sha256 = sum};
  };
  return {"omniglot",
          "omniglot",
          {{.file = "images_background.zip",
            .addresses = {lake + "images_background.zip", "https://github.com/brendenlake/omniglot/raw/master/python/images_background.zip"},
            .sha256 = "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640",
            .bytes = 9464212,
            .archive = Archive::kZip,
            .result = "images_background"},
           {.file = "images_evaluation.zip",
            .addresses = {lake + "images_evaluation.zip", "https://github.com/brendenlake/omniglot/raw/master/python/images_evaluation.zip"},
            .sha256 = "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee",
            .bytes = 6462886,
            .archive = Archive::kZip,
            .result = "images_evaluation"},
           {.file = "all_runs.zip",
            .addresses = {lake + "one-shot-classification/all_runs.zip",
                          "https://github.com/brendenlake/omniglot/raw/master/python/one-shot-classification/all_runs.zip"},
            .sha256 = "",
            .archive = Archive::kZip,
            .into = "all_runs",
            .result = "all_runs/run01"},
           list("train", "984522c194c30fb678ce53304a160a42faf5403ad4f9a67010f32dd3a35738e0"),
           list("val", "11f99e54faee3e26f53d3231c1cceac5bf7b8730e9be31cb6dab256551dc0c1a"),
           list("test", "845264cc5c156180828ccf17915668b17ee21424d0170df6e7d81676aa5d1204")}};
}

FetchPlan letter() {
  return {"letter",
          "uci",
          {{.file = "letter-recognition.data",
            .addresses = {"https://archive.ics.uci.edu/ml/machine-learning-databases/letter-recognition/letter-recognition.data"},
            .sha256 = "2b89f3602cf768d3c8355267d2f13f2417809e101fc2b5ceee10db19a60de6e2"}}};
}

FetchPlan adult() {
  const std::string folder = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/";
  return {"adult",
          "uci",
          {{.file = "adult.data",
            .addresses = {folder + "adult.data"},
            .sha256 = "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
            .bytes = 3974305},
           {.file = "adult.test",
            .addresses = {folder + "adult.test"},
            .sha256 = "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
            .bytes = 2003153}}};
}

}  // namespace

const std::vector<FetchPlan>& fetch_plans() {
  static const std::vector<FetchPlan> plans = {
      mnist(),
      fashion_mnist(),
      kmnist(),
      emnist(),
      cifar("cifar10", "cifar-10-binary.tar.gz", "cifar-10-batches-bin",
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", 170052171),
      cifar("cifar100", "cifar-100-binary.tar.gz", "cifar-100-binary",
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", 168513733),
      omniglot(),
      letter(),
      adult(),
  };
  return plans;
}

const FetchPlan& fetch_plan(const std::string& name) {
  std::string known;
  for (const FetchPlan& plan : fetch_plans()) {
    if (plan.name == name) return plan;
    known += (known.empty() ? "" : ", ") + plan.name;
  }
  fail_config("fetch: expected one of ", known, ", got \"", name, "\"");
}

}  // namespace fewer
