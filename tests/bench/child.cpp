#include "tests/bench/child.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/error.h"

namespace fewer::bench {
namespace {

cpu_set_t all_cores;

bool is_setting(const std::string& word) { return word.find('=') != std::string::npos && word[0] != '/' && word[0] != '-'; }

// What execve wants, made before the fork: between the two only system calls are safe.
struct Arguments {
  explicit Arguments(const Command& command) {
    for (const std::string& word : command) {
      std::vector<char*>& list = words.empty() && is_setting(word) ? environment : words;
      list.push_back(const_cast<char*>(word.c_str()));
    }
    for (char** entry = environ; *entry; ++entry) environment.push_back(*entry);  // of two settings the first counts
    environment.push_back(nullptr);
    words.push_back(nullptr);
  }
  std::vector<char*> words, environment;
};

[[noreturn]] void become(const Arguments& arguments, int input, int output) {
  sched_setaffinity(0, sizeof(all_cores), &all_cores);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  execve(arguments.words[0], arguments.words.data(), arguments.environment.data());
  _exit(127);
}

// Workloads of a persistent child; it holds one at a time.
class ChildSide final : public Side {
 public:
  ChildSide(Child& child, std::string setting) : child_(child), setting_(std::move(setting)) {}
  ~ChildSide() override { child_.ask("forget"); }
  double measure(int repetitions) override {
    const std::string answer = child_.ask("run " + std::to_string(repetitions));
    ENSURE(answer.starts_with("seconds "), "bench: expected \"seconds X\" from the peer, got \"", answer, "\"");
    return std::strtod(answer.c_str() + 8, nullptr);
  }
  std::string setting() const override { return setting_; }

 private:
  Child& child_;
  std::string setting_;
};

SidePtr side_of(Child& child, const std::string& name) {
  const std::string answer = child.ask("prepare " + name);
  ENSURE(answer.starts_with("ready"), "bench: the peer cannot prepare ", name, ": \"", answer, "\"");
  return std::make_unique<ChildSide>(child, answer.size() > 6 ? answer.substr(6) : "");
}

// The OpenMP flavour shares its threads with PyTorch's own loops; the other fights them for the cores.
std::string openmp_blas_folder() {
  std::error_code ignored;
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", ignored))
    if (exists(folder.path() / "openblas-openmp", ignored)) return (folder.path() / "openblas-openmp").string();
  return "";
}

// Started on first use. The first line a peer says is its version; without one there is no peer.
struct Peer {
  explicit Peer(const Command& command) : child(command), version(child.hear()) {}
  Child child;
  std::string version;
};
Peer& torch_peer() {
  static Peer peer(torch_command(true));
  return peer;
}
Peer& libtorch_peer() {
  static Peer peer([] {
    Command command = torch_command(true);
    command.resize(command.size() - 2);  // the same environment, another program
    command.push_back((std::filesystem::path(own_program()).parent_path() / "libtorch_peer").string());
    return command;
  }());
  return peer;
}

}  // namespace

void remember_affinity() { sched_getaffinity(0, sizeof(all_cores), &all_cores); }

Child::Child(const Command& command) {
  int down[2], up[2];
  ENSURE(pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0, "bench: cannot make pipes to a child process");
  const Arguments arguments(command);
  pid_ = fork();
  if (pid_ == 0) become(arguments, down[0], up[1]);
  close(down[0]);
  close(up[1]);
  ENSURE(pid_ > 0, "bench: cannot make a child process");
  to_ = fdopen(down[1], "w");
  from_ = fdopen(up[0], "r");
}

Child::~Child() {
  std::fclose(to_);
  std::fclose(from_);
  waitpid(pid_, nullptr, 0);
}

void Child::tell(const std::string& line) {
  std::fprintf(to_, "%s\n", line.c_str());
  std::fflush(to_);
}

std::string Child::hear() {
  std::string line;
  for (int c = std::getc(from_); c != EOF && c != '\n'; c = std::getc(from_)) line += static_cast<char>(c);
  return line;
}

SidePtr torch_side(const std::string& name) {
  return torch_peer().version.empty() ? nullptr : side_of(torch_peer().child, name);
}
SidePtr libtorch_side(const std::string& name) {
  return libtorch_peer().version.empty() ? nullptr : side_of(libtorch_peer().child, name);
}
std::string torch_version() { return torch_peer().version; }

Command torch_command(bool tuned_malloc) {
  Command command{"OMP_PROC_BIND=true", "OMP_PLACES=cores", "LD_LIBRARY_PATH=" + openmp_blas_folder()};
  if (tuned_malloc)
    command.push_back("GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:"
                      "glibc.malloc.trim_threshold=8589934592");
  command.insert(command.end(), {"/usr/bin/python3", "tests/bench/peer.py"});
  return command;
}

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace fewer::bench
