// What the terminal behind a stream can show: its width, colours, redrawn lines. The only place that asks.
#pragma once

#include <cstddef>
#include <cstdio>
#include <limits>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast::client {

// How a text is meant; a terminal with colours shows the difference.
enum class Tone {
  kPlain,
  kHeading,
  kGood,
  kWarning,
  kBad,
  kQuiet,
};

struct Toned {
  Toned(std::string words, Tone meant = Tone::kPlain) : text(std::move(words)), tone(meant) {}
  Toned(const char* words) : text(words) {}
  std::string text;
  Tone tone = Tone::kPlain;
};

// The defaults describe an output that is not a terminal: whole lines, no colour, nothing redrawn.
struct Terminal {
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();

  // Columns.
  size_t width = kUnlimited;
  bool colour = false;
  // A line can be cleared and drawn again.
  bool redraws = false;

  // Asked anew on each call, because windows are resized. Colour needs a TERM other than "dumb" and no NO_COLOR
  // (https://no-color.org); redrawing needs such a TERM, too.
  static Terminal Of(std::FILE* stream);

  // `text` may come from outside: see PrintableLines.
  std::string Paint(absl::string_view text, Tone tone) const;
  std::string Paint(const Toned& text) const { return Paint(text.text, text.tone); }
};

}  // namespace roicast::client
