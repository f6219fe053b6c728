// Progress of a long command: one line redrawn on a terminal, a plain line every few seconds elsewhere. On stderr, so
// that results can be piped.
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
  // quiet: prints only notes.
  explicit ProgressLine(bool quiet = false);
  ~ProgressLine();

  // The most important part comes first. Skipped if the last update was too recent, unless forced.
  void Update(const std::vector<Toned>& parts, bool force = false);
  // Prints a line that stays.
  void Note(absl::string_view text);
  // Erases the progress line (terminal).
  void Clear();

  bool terminal() const { return redraws_; }

 private:
  const bool quiet_;
  const bool redraws_;
  absl::Time last_;
  bool drawn_ = false;
};

}  // namespace roicast::client
