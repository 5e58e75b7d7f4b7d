// Omniglot's published splits, and Lake's runs as episodes.
//
// | split | train / validation / test | used by |
// | --- | --- | --- |
// | vinyals | 1028 / 172 / 423 characters; rotations as classes: 4112 / 688 / 1692 | Prototypical Networks |
// | random1200 | 1200 / - / 423 characters whatever their alphabet | MANN, Matching Networks, SNAIL, MAML, MetaNet |
// | lake | 964 / - / 659 characters: the alphabets to test on are new | Lake et al., MetaNet's "standard" |
// | koch | 30 / 10 / 10 alphabets, by 12 / 4 / 4 drawers | Siamese networks |
#pragma once

#include <vector>

#include "datasets/episodes/class_split.h"
#include "datasets/episodes/episode_sampler.h"
#include "datasets/omniglot.h"

namespace fewer {

// The split `config` names. Throws Error(kData) when the images are not the whole of Omniglot.
ClassPools omniglot_class_split(const Omniglot& omniglot, const ClassSplitConfig& config);

// Lake's protocol, the one behind the 20-way figures of Koch et al.: each run is an episode, 20-way 1-shot with one
// query per class. The error is the mean over the runs.
std::vector<Episode> lake_run_episodes(const std::vector<LakeRun>& runs, const Normalization& normalization);

}  // namespace fewer
