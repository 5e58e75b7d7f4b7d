// The whole library in one include: #include <fewer/fewer.h> after `make install`.
#pragma once

#include "core/autograd.h"
#include "core/linalg.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "core/tensor.h"
#include "datasets/loader.h"
#include "datasets/registry.h"
#include "learners/evaluate.h"
#include "nn/loss.h"
#include "nn/model_file.h"
#include "nn/module.h"
#include "nn/networks.h"
#include "nn/norm.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"
#include "ops/ops.h"
