#include "datasets/episodes/load_class_pools.h"

#include <algorithm>

#include "core/error.h"
#include "core/observer.h"
#include "datasets/episodes/class_list.h"
#include "datasets/episodes/omniglot_split.h"
#include "datasets/registry.h"

namespace fewer {
namespace {

constexpr int64_t kRandom1200 = 1200;

// Whether no class is in two parts of the data set as found. REQUIRES: all parts are of one image set.
bool divides_classes(const Dataset& found) {
  std::vector<int> parts(found.classes().size(), 0);  // how many parts a class has images in
  for (const Split* split : {&found.train, &found.validation, &found.test}) {
    if (split->empty()) continue;
    const std::vector<int64_t> counts = split->class_counts();
    for (size_t c = 0; c < counts.size(); ++c) parts[c] += counts[c] > 0;
  }
  return std::ranges::all_of(parts, [](int n) { return n <= 1; });
}

// The parts that the data set came in; `all` are its images.
ClassPools given_class_split(const Split& all, const Dataset& found, const ClassSplitConfig& config) {
  std::vector<ClassPart> part(static_cast<size_t>(all.size()), ClassPart::kNone);
  const auto put = [&](const Split& split, ClassPart its_part) {
    for (const int64_t i : split.indices()) part[static_cast<size_t>(i)] = its_part;
  };
  put(found.train, ClassPart::kTrain);
  put(found.validation, ClassPart::kValidation);
  put(found.test, ClassPart::kTest);
  if (found.validation.empty()) hold_out_classes(all, config, part);
  return divide_classes(all, part, text("given by ", found.name));
}

ClassPools class_split_of(const Dataset& found, const ClassSplitConfig& config) {
  const bool one_set = found.train.shared_images() == found.test.shared_images();
  const Split all = one_set ? Split(found.name, found.train.shared_images()) : found.train;
  const bool divided = one_set && divides_classes(found);
  if (config.name == ClassSplitKind::kGiven && !divided)
    fail_config("class_split.name: \"given\" needs a data set that tests on other classes than it trains on, but ",
                found.name, " does not; use \"random\" or \"lists\"");
  if (divided && (config.name == ClassSplitKind::kGiven || config.name == ClassSplitKind::kDefault))
    return given_class_split(all, found, config);
  return general_class_split(all, config);
}

void check_no_image_splits(const DataConfig& data) {
  if (data.validation || data.train || !data.only.empty() || !data.leave_out.empty())
    fail_config("data: `validation`, `train`, `only` and `leave_out` choose images of known classes; here classes are "
                "divided by class_split: leave them out");
}

}  // namespace

ClassPools general_class_split(const Split& all, const ClassSplitConfig& config) {
  ClassSplitConfig random = config;
  switch (config.name) {
    case ClassSplitKind::kLists:
      return listed_class_split(all, config.folder);
    case ClassSplitKind::kRandom1200:
      random.train = kRandom1200;
      [[fallthrough]];
    case ClassSplitKind::kDefault:
    case ClassSplitKind::kRandom:
      return random_class_split(all, random);
    default:
      fail_config("class_split.name: \"", class_split_name(config.name),
                  "\" divides Omniglot, but these are classes of ", all.name(), "; use \"random\" or \"lists\"");
  }
}

ClassPools load_class_pools(const DataConfig& data, const ClassSplitConfig& split, const std::string& data_dir) {
  const Span span(SpanKind::kWork, "load data set");
  check_no_image_splits(data);
  ClassPools pools = data.name == "omniglot"
                         ? omniglot_class_split(read_omniglot(dataset_folder(data, data_dir), data.omniglot), split)
                         : class_split_of(load_as_found(data, data_dir), split);
  pools.normalization = make_normalization(data, pools.train.images);
  return pools;
}

}  // namespace fewer
