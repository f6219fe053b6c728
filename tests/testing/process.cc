#include "tests/testing/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "tests/testing/temp_dir.h"

extern char** environ;

namespace roicast::testing {
namespace {

int DecodeStatus(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

void Redirect(const std::string& file, int descriptor) {
  const int opened = ::open(file.empty() ? "/dev/null" : file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(opened, descriptor);
}

}  // namespace

absl::StatusOr<Process> Process::Start(const std::vector<std::string>& arguments, const std::string& stdout_file,
                                       const std::string& stderr_file, const std::vector<std::string>& environment) {
  std::vector<char*> argv, envp;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  for (const std::string& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  for (char** entry = environ; *entry != nullptr; ++entry) envp.push_back(*entry);
  envp.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return absl::InternalError(absl::StrCat("fork: ", std::strerror(errno)));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Redirect("", STDIN_FILENO);
    const int null_input = ::open("/dev/null", O_RDONLY);
    ::dup2(null_input, STDIN_FILENO);
    Redirect(stdout_file, STDOUT_FILENO);
    Redirect(stderr_file, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  return Process(pid);
}

Process::~Process() {
  if (running()) {
    Signal(SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_code_(std::exchange(other.exit_code_, -1)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(exit_code_, other.exit_code_);
  return *this;
}

bool Process::running() {
  if (pid_ < 0 || exit_code_ >= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) exit_code_ = DecodeStatus(status);
  return exit_code_ < 0;
}

void Process::Signal(int signal_number) {
  if (running()) ::kill(pid_, signal_number);
}

absl::StatusOr<int> Process::Wait(absl::Duration timeout) {
  if (!running()) return exit_code_;
  const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (descriptor < 0) return absl::InternalError(absl::StrCat("pidfd_open: ", std::strerror(errno)));
  pollfd waited{descriptor, POLLIN, 0};
  const int ready = ::poll(&waited, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  ::close(descriptor);
  if (ready <= 0 || running()) return absl::DeadlineExceededError(absl::StrCat("process ", pid_, " is still running"));
  return exit_code_;
}

absl::StatusOr<ProcessResult> RunProcess(const std::vector<std::string>& arguments, absl::Duration timeout,
                                         const std::vector<std::string>& environment) {
  const TempDir folder;
  ProcessResult result;
  ROICAST_ASSIGN_OR_RETURN(Process process,
                           Process::Start(arguments, folder.File("out"), folder.File("err"), environment));
  ROICAST_ASSIGN_OR_RETURN(result.exit_code, process.Wait(timeout));
  result.output = ReadFileOrEmpty(folder.File("out"));
  result.errors = ReadFileOrEmpty(folder.File("err"));
  return result;
}

std::string ReadFileOrEmpty(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace roicast::testing
