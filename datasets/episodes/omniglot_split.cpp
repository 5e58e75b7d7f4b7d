#include "datasets/episodes/omniglot_split.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.h"
#include "datasets/episodes/load_class_pools.h"

namespace fewer {
namespace {

constexpr int64_t kBackground = 964, kEvaluation = 659;  // characters

// The lists of the Vinyals split, told by their rule: of all characters, background alphabets before evaluation
// alphabets and each in alphabetical order, the first 1,200 train and validate; five alphabets among them validate.
constexpr int64_t kVinyalsTrain = 1200;
constexpr std::string_view kVinyalsValidation[] = {"Armenian", "Bengali", "Early_Aramaic", "Hebrew",
                                                   "Mkhedruli_(Georgian)"};

// Koch et al. test on the ten alphabets of Lake's runs, by the four people (counted from 1, in each alphabet) whose
// drawings the runs show. Which alphabets and people trained was not published. Here the background alphabets train, by
// the twelve who are in no run of any alphabet, and the other ten evaluation alphabets validate, by the first four.
struct RunDrawers {
  std::string_view alphabet;
  std::array<int32_t, 4> drawers;
};
constexpr RunDrawers kLakeRuns[] = {
    {"Atlantean", {2, 3, 5, 8}}, {"Ge_ez", {2, 3, 4, 7}}, {"Glagolitic", {2, 3, 4, 6}}, {"Gurmukhi", {2, 3, 5, 8}},
    {"Kannada", {1, 2, 3, 8}}, {"Malayalam", {2, 3, 4, 7}}, {"Manipuri", {3, 4, 7, 8}},
    {"Old_Church_Slavonic_(Cyrillic)", {1, 2, 4, 8}}, {"Tengwar", {1, 4, 7, 8}}, {"Tibetan", {1, 3, 5, 8}}};
constexpr int32_t kKochFirstTrainDrawer = 9, kKochValidationDrawers = 4;

// The class of image i and who drew it, counted from 1.
struct Drawing {
  int64_t character;  // in the order of the classes
  std::string_view alphabet;
  int32_t drawer;
};

ClassPart vinyals_part(const Drawing& d) {
  if (d.character >= kVinyalsTrain) return ClassPart::kTest;
  return std::ranges::count(kVinyalsValidation, d.alphabet) ? ClassPart::kValidation : ClassPart::kTrain;
}

ClassPart koch_part(const Drawing& d) {
  if (d.character < kBackground) return d.drawer >= kKochFirstTrainDrawer ? ClassPart::kTrain : ClassPart::kNone;
  const auto* run = std::ranges::find(kLakeRuns, d.alphabet, &RunDrawers::alphabet);
  if (run == std::end(kLakeRuns))
    return d.drawer <= kKochValidationDrawers ? ClassPart::kValidation : ClassPart::kNone;
  return std::ranges::count(run->drawers, d.drawer) ? ClassPart::kTest : ClassPart::kNone;
}

ClassPart lake_part(const Drawing& d) { return d.character < kBackground ? ClassPart::kTrain : ClassPart::kTest; }

std::vector<ClassPart> parts(const Split& all, ClassPart (*part_of)(const Drawing&)) {
  std::vector<ClassPart> part;
  for (int64_t i = 0; i < all.size(); ++i) {
    const int32_t character = all.label(i);
    const std::string_view alphabet = group_of(all.classes()[static_cast<size_t>(character)]);
    part.push_back(part_of({character, alphabet, drawer_of(all, i) + 1}));
  }
  return part;
}

ClassPools lake_split(const Split& all, const ClassSplitConfig& config) {
  std::vector<ClassPart> part = parts(all, lake_part);
  hold_out_classes(all, config, part);
  return divide_classes(all, part, text("lake (validation by seed ", config.seed, ")"));
}

}  // namespace

ClassPools omniglot_class_split(const Omniglot& omniglot, const ClassSplitConfig& config) {
  using enum ClassSplitKind;
  const Split all("omniglot", omniglot.images);
  if (config.name == kRandom || config.name == kRandom1200 || config.name == kLists)
    return general_class_split(all, config);
  const int64_t background = omniglot.background_classes, evaluation = std::ssize(all.classes()) - background;
  if (background != kBackground || evaluation != kEvaluation)
    fail_data("omniglot: a published split needs all its characters, ", kBackground, " background and ", kEvaluation,
              " evaluation, got ", background, " and ", evaluation);
  if (config.name == kLake || config.name == kGiven) return lake_split(all, config);
  if (config.name == kKoch) return divide_classes(all, parts(all, koch_part), "koch");
  return divide_classes(all, parts(all, vinyals_part), "vinyals");
}

std::vector<Episode> lake_run_episodes(const std::vector<LakeRun>& runs, const Normalization& normalization) {
  std::vector<Episode> episodes;
  for (const LakeRun& run : runs) {
    const auto read = [&](const std::shared_ptr<const ImageSet>& images, Tensor& x, IntTensor& y) {
      const Split part("run", images);
      std::vector<ImageChoice> choices;
      for (int64_t i = 0; i < part.size(); ++i) choices.push_back({.position = i, .label = part.label(i)});
      x = read_images(part, normalization, choices, {{}, Rng(0)});
      y = labels_of(choices);
    };
    Episode episode;
    episode.index = std::ssize(episodes);
    read(run.training, episode.support_x, episode.support_y);
    read(run.test, episode.query_x, episode.query_y);
    episode.classes = run.training->classes;
    episodes.push_back(std::move(episode));
  }
  return episodes;
}

}  // namespace fewer
