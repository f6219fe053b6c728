// How far a long command is: one line that is redrawn on a terminal, a plain line every few seconds elsewhere. On
// stderr, so that results can be piped.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace roicast::client {

// Not thread-safe.
class ProgressLine {
 public:
  // quiet: prints nothing but notes.
  explicit ProgressLine(bool quiet = false);
  ~ProgressLine();

  // Shown now, or not at all where the last one is too recent. force: shown in any case.
  void Update(absl::string_view text, bool force = false);
  // A line of its own that stays.
  void Note(absl::string_view text);
  // Takes the line away (terminal).
  void Clear();

  bool terminal() const { return terminal_; }

 private:
  const bool quiet_;
  const bool terminal_;
  absl::Time last_;
  bool drawn_ = false;
};

}  // namespace roicast::client
