// Which source this binary was built from.
#pragma once

namespace fewer {

const char* version();      // of the library: "0.1.0"
const char* git_version();  // the commit, with "-dirty" when the tree had changes; "unknown" outside a checkout

}  // namespace fewer
