#include "learners/commands/config_file.h"

#include "core/config.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "learners/registry.h"

namespace fewer {

std::string read_config_text(const std::string& file, const std::vector<std::string>& overrides) {
  std::string text = read_file(file, kMaxConfigBytes, ErrorKind::kConfig);
  for (const std::string& assignment : overrides) text = apply_override(text, assignment, file);
  return text;
}

std::unique_ptr<Learner> learner_from_text(const std::string& text, const std::string& where) {
  const Json json = parse_json(text, where, ErrorKind::kConfig);
  const Json* method = json.find("method");
  if (!method || !method->is(Json::Kind::kString))
    fail_config(where, ": expected an object with a \"method\", such as {\"method\": \"supervised\", ...}; "
                "`trainer list methods` shows them");
  std::unique_ptr<Learner> learner = make_learner(method->text);
  read_json([&](Visitor& v) { learner->describe(v); }, text, where);
  return learner;
}

}  // namespace fewer
