#include "client/cli/progress_line.h"

#include <cstdio>

#include "absl/time/clock.h"
#include "base/printable.h"
#include "client/cli/display_width.h"

namespace roicast::client {
namespace {

constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::Duration kPlain = absl::Seconds(5);

}  // namespace

std::string ProgressText(const std::vector<Toned>& parts, const Terminal& terminal) {
  // Some terminals wrap when the last column is written.
  const size_t room = terminal.width - 1;
  std::string text;
  size_t columns = 0;
  for (const Toned& part : parts) {
    const absl::string_view separator = text.empty() ? "" : ", ";
    const std::string whole = Printable(part.text);
    const std::string shown = text.empty() ? CutToWidth(whole, room) : whole;
    columns += separator.size() + DisplayWidth(shown);
    if (columns > room) break;
    text.append(separator.data(), separator.size());
    text += terminal.Paint(shown, part.tone);
  }
  return text;
}

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet), redraws_(Terminal::Of(stderr).redraws), last_(redraws_ ? absl::InfinitePast() : absl::Now()) {}

ProgressLine::~ProgressLine() { Clear(); }

void ProgressLine::Update(const std::vector<Toned>& parts, bool force) {
  if (quiet_) return;
  const absl::Time now = absl::Now();
  if (!force && now - last_ < (redraws_ ? kRedraw : kPlain)) return;
  last_ = now;
  const std::string line = ProgressText(parts, Terminal::Of(stderr));
  if (redraws_) {
    std::fprintf(stderr, "\r\x1b[2K%s", line.c_str());
    std::fflush(stderr);
    drawn_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

void ProgressLine::Note(absl::string_view text) {
  Clear();
  std::fprintf(stderr, "%s\n", WrapToWidth(text, Terminal::Of(stderr).width, 2).c_str());
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[2K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace roicast::client
