#include "client/cli/progress_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "absl/time/clock.h"

namespace roicast::client {
namespace {

constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::Duration kPlain = absl::Seconds(5);

// Cut to the terminal's width, as a wrapped line cannot be redrawn. Counts code points.
absl::string_view Fit(absl::string_view text) {
  winsize size{};
  const size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
  size_t seen = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && ++seen > width) return text.substr(0, i);
  }
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1), last_(terminal_ ? absl::InfinitePast() : absl::Now()) {}

ProgressLine::~ProgressLine() { Clear(); }

void ProgressLine::Update(absl::string_view text, bool force) {
  if (quiet_) return;
  const absl::Time now = absl::Now();
  if (!force && now - last_ < (terminal_ ? kRedraw : kPlain)) return;
  last_ = now;
  if (terminal_) {
    const absl::string_view line = Fit(text);
    std::fprintf(stderr, "\r\x1b[2K%.*s", static_cast<int>(line.size()), line.data());
    std::fflush(stderr);
    drawn_ = true;
  } else {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
  }
}

void ProgressLine::Note(absl::string_view text) {
  Clear();
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[2K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace roicast::client
