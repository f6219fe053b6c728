// How far a long command is: one line that is redrawn on a terminal, a plain line every few seconds elsewhere. On
// stderr, so that results can be piped.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/terminal.h"

namespace roicast::client {

// The parts separated by commas. On a terminal, only those that fit whole, as a wrapped line cannot be redrawn.
std::string ProgressText(const std::vector<Toned>& parts, const Terminal& terminal);

// Not thread-safe.
class ProgressLine {
 public:
  // quiet: prints nothing but notes.
  explicit ProgressLine(bool quiet = false);
  ~ProgressLine();

  // What matters first comes first. Shown now, or not at all where the last one is too recent. force: shown in any
  // case.
  void Update(const std::vector<Toned>& parts, bool force = false);
  // A line of its own that stays.
  void Note(absl::string_view text);
  // Takes the line away (terminal).
  void Clear();

  bool terminal() const { return redraws_; }

 private:
  const bool quiet_;
  const bool redraws_;
  absl::Time last_;
  bool drawn_ = false;
};

}  // namespace roicast::client
