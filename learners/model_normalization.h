// A model carries the normalisation of the data it was trained on.
#pragma once

#include "datasets/normalization.h"
#include "nn/model_file.h"

namespace fewer {

Normalization normalization_of(const Model& model);
void set_normalization(Model& model, const Normalization& normalization);

}  // namespace fewer
