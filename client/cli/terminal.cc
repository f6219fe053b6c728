#include "client/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/printable.h"

namespace roicast::client {
namespace {

constexpr size_t kUsualWidth = 80;

absl::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? absl::string_view() : absl::string_view(value);
}

// Serial consoles and some tools' terminals do not know their width.
size_t WidthOf(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  size_t columns = 0;
  return absl::SimpleAtoi(Environment("COLUMNS"), &columns) && columns > 0 ? columns : kUsualWidth;
}

absl::string_view StartOf(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kHeading:
      return "\x1b[1m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kQuiet:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

Terminal Terminal::Of(std::FILE* stream) {
  Terminal terminal;
  const int descriptor = fileno(stream);
  if (isatty(descriptor) != 1) return terminal;
  terminal.width = WidthOf(descriptor);
  const absl::string_view kind = Environment("TERM");
  terminal.redraws = !kind.empty() && kind != "dumb";
  terminal.colour = terminal.redraws && Environment("NO_COLOR").empty();
  return terminal;
}

std::string Terminal::Paint(absl::string_view text, Tone tone) const {
  std::string shown = PrintableLines(text);
  if (!colour || tone == Tone::kPlain || text.empty()) return shown;
  return absl::StrCat(StartOf(tone), shown, "\x1b[0m");
}

}  // namespace roicast::client
