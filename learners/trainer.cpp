// trainer: trains, lists, explains and checks; see `trainer --help`.
#include "learners/commands/commands.h"

int main(int argc, char** argv) { return fewer::run_trainer(argc, argv); }
