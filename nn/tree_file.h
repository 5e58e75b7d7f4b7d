// A network in parts that files can hold: the tree of layers as JSON, the values as named tensors, the frozen
// parameters as a list of names. Model files and checkpoints are made of these. Internal to nn/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/describe.h"
#include "core/safetensors.h"
#include "nn/module.h"

namespace fewer {

// Lists the layer's kind, its fields and its children. Shown to a writer, describes the tree; shown to a reader,
// becomes the tree that the text describes, its parameters without values.
void describe_tree(Visitor& v, Layer& layer);

// Adds every parameter and buffer as `prefix` + its name. Throws when one has no value.
void store_values(const Layer& net, const std::string& prefix, Safetensors& file);

// Gives every parameter and buffer its value. Throws kData naming `where` when one is missing or of another shape.
void load_values(Layer& net, const std::string& prefix, const Safetensors& file, const std::string& where);

std::vector<std::string> frozen_parameters(const Layer& net);
// Throws kData naming `where` when the network has no parameter of one of the names.
void freeze_parameters(Layer& net, const std::vector<std::string>& names, const std::string& where);

int64_t value_count(const Layer& net);  // parameters and buffers, each counted as one

}  // namespace fewer
