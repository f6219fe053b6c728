#include "tests/testing/pseudo_terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <regex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "tests/testing/process.h"

namespace roicast::testing {
namespace {

class PseudoTerminal {
 public:
  static absl::StatusOr<PseudoTerminal> Open(int columns) {
    const int controller = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (controller < 0 || ::grantpt(controller) != 0 || ::unlockpt(controller) != 0) {
      return absl::InternalError(absl::StrCat("pseudoterminal: ", std::strerror(errno)));
    }
    char path[64];
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = 24;
    if (::ptsname_r(controller, path, sizeof(path)) != 0 || ::ioctl(controller, TIOCSWINSZ, &size) != 0) {
      return absl::InternalError(absl::StrCat("pseudoterminal: ", std::strerror(errno)));
    }
    return PseudoTerminal(controller, path);
  }

  const std::string& path() const { return path_; }

  // Everything written until CloseOurs was called and the programs have ended.
  std::string ReadAll() const {
    std::string text;
    char chunk[4096];
    for (ssize_t got = 0; (got = ::read(controller_, chunk, sizeof(chunk))) > 0;) {
      text.append(chunk, static_cast<size_t>(got));
    }
    ::close(controller_);
    return text;
  }
  void CloseOurs() { ::close(ours_); }

 private:
  PseudoTerminal(int controller, std::string path)
      : controller_(controller), path_(std::move(path)), ours_(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)) {}

  int controller_;
  std::string path_;
  // Open until the program has ended: reading fails while the other side is not open.
  int ours_;
};

}  // namespace

absl::StatusOr<TerminalResult> RunInTerminal(const std::vector<std::string>& arguments, int columns,
                                             std::vector<std::string> environment) {
  // The first entry of a name wins.
  environment.insert(environment.end(), {"TERM=xterm-256color", "NO_COLOR="});
  ROICAST_ASSIGN_OR_RETURN(PseudoTerminal terminal, PseudoTerminal::Open(columns));
  TerminalResult result;
  std::thread reader([&] { result.screen = terminal.ReadAll(); });
  absl::StatusOr<int> exit_code = [&]() -> absl::StatusOr<int> {
    ROICAST_ASSIGN_OR_RETURN(Process process, Process::Start(arguments, terminal.path(), terminal.path(), environment));
    return process.Wait(absl::Seconds(60));
  }();
  terminal.CloseOurs();
  reader.join();
  ROICAST_ASSIGN_OR_RETURN(result.exit_code, exit_code);
  result.screen = absl::StrReplaceAll(result.screen, {{"\r\n", "\n"}});
  return result;
}

std::vector<std::string> VisibleLines(const std::string& screen) {
  static const std::regex escapes("\x1b\\[[0-9;]*[A-Za-z]");
  const std::string text = std::regex_replace(screen, escapes, "");
  return absl::StrSplit(text, absl::ByAnyChar("\r\n"), absl::SkipEmpty());
}

}  // namespace roicast::testing
