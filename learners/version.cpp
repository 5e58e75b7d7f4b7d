#include "learners/version.h"

// Both come from the Makefile.
#ifndef FEWER_GIT
#define FEWER_GIT "unknown"
#endif
#ifndef FEWER_VERSION
#define FEWER_VERSION "unknown"
#endif

namespace fewer {

const char* version() { return FEWER_VERSION; }
const char* git_version() { return FEWER_GIT; }

}  // namespace fewer
