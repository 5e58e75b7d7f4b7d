// The classes that episodes, sequences and pairs draw from.
//
// A few-shot method trains on some classes and is tested on others, so what is divided here are classes, not images: a
// ClassPool is a list of classes with their images. Two pools over one split share its pixels.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/image_set.h"

namespace fewer {

struct PoolClass {
  std::string name;                // "Greek/character03"; turned by a quarter: "Greek/character03/rot090"
  std::vector<int64_t> positions;  // of its images within the pool's split; at least one
  int turns = 0;                   // quarter turns anticlockwise that its images are shown with
};

struct ClassPool {
  std::string name;  // "train"; appears in messages
  Split images;
  std::vector<PoolClass> classes;  // ordered by name, so that a seed chooses the same ones on every machine

  int64_t size() const { return static_cast<int64_t>(classes.size()); }
  const PoolClass& operator[](int64_t i) const { return classes[static_cast<size_t>(i)]; }
  int64_t image_count() const;  // of all classes together
};

// Every class of the split that has images.
ClassPool class_pool(const Split& images, std::string name);

// The classes of `pool` with these names. Throws Error(kData) when one is named twice or is not in the pool.
ClassPool chosen_classes(const ClassPool& pool, std::span<const std::string> names, std::string name);

// Every rotation a class of its own: four times as many classes, "X/rot000", "X/rot090", "X/rot180" and "X/rot270" for
// each X. Throws when the classes are turned already or the images are not square.
ClassPool turned_classes(const ClassPool& pool);
std::string turned_name(const std::string& class_name, int turns);  // "X/rot090" for "X", 1

// What comes before the first slash of a class's name, its alphabet: "Greek" of "Greek/character03"; "" without one.
std::string_view group_of(std::string_view class_name);

struct ClassGroup {
  std::string name;
  std::vector<int64_t> classes;  // into the pool
};
std::vector<ClassGroup> class_groups(const ClassPool& pool);  // ordered by name

// Who drew images of a class, ascending, each once; empty when the data does not say.
std::vector<int32_t> drawers_of(const PoolClass& one_class, const Split& images);
int32_t drawer_of(const Split& images, int64_t position);  // REQUIRES: the data says who drew its images

}  // namespace fewer
