// From a config file to a learner that has read it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "learners/learner.h"

namespace fewer {

// The text of a config with the --set overrides applied. Throws Error(kConfig) when the file cannot be read.
std::string read_config_text(const std::string& file, const std::vector<std::string>& overrides);

// The learner that the text's "method" names, with the whole text read. Throws Error(kConfig) with every mistake in it.
std::unique_ptr<Learner> learner_from_text(const std::string& text, const std::string& where);

}  // namespace fewer
