// The kinds of layers a tree may consist of, by name: what reading a model file needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/module.h"

namespace fewer {

// A default-constructed layer of the kind. Throws, naming the nearest known kind, when there is none of that name.
Layer make_layer(std::string_view kind);

// Adds a kind that a method brings along; the learners' registry calls it at start-up, before any thread reads the table.
// Adding a kind again changes nothing.
using LayerMaker = Layer (*)();
void add_kind(std::string_view kind, LayerMaker make);
template <class M>
void add_kind() {
  add_kind(M::kKind, [] { return Layer(M()); });
}

std::vector<std::string> known_kinds();  // in the order of the table

}  // namespace fewer
