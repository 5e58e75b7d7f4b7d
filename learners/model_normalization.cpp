#include "learners/model_normalization.h"

namespace fewer {

Normalization normalization_of(const Model& model) {
  return {.contrast = model.info.contrast,
          .mean = model.info.mean,
          .std = model.info.std,
          .whitening_mean = model.whitening_mean,
          .whitening = model.whitening};
}

void set_normalization(Model& model, const Normalization& normalization) {
  model.info.contrast = normalization.contrast;
  model.info.mean = normalization.mean;
  model.info.std = normalization.std;
  model.whitening_mean = normalization.whitening_mean;
  model.whitening = normalization.whitening;
}

}  // namespace fewer
