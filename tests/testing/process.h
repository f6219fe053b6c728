// A child process whose output a test can read, to run programs as their users do.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace roicast::testing {

// Not thread-safe. The destructor kills the child.
class Process {
 public:
  // stdout and stderr go to the given files (empty: /dev/null). `environment` has "NAME=value" entries that are added
  // to ours.
  static absl::StatusOr<Process> Start(const std::vector<std::string>& arguments, const std::string& stdout_file,
                                       const std::string& stderr_file,
                                       const std::vector<std::string>& environment = {});
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  pid_t pid() const { return pid_; }
  void Signal(int signal_number);
  // Exit code, or 128 + signal number. Errors: DeadlineExceeded.
  absl::StatusOr<int> Wait(absl::Duration timeout);
  bool running();

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
  int exit_code_ = -1;
};

struct ProcessResult {
  int exit_code = -1;
  std::string output, errors;
};

// Runs a program and waits until it exits.
absl::StatusOr<ProcessResult> RunProcess(const std::vector<std::string>& arguments,
                                         absl::Duration timeout = absl::Seconds(60),
                                         const std::vector<std::string>& environment = {});

// Empty if the file does not exist.
std::string ReadFileOrEmpty(const std::string& path);

}  // namespace roicast::testing
