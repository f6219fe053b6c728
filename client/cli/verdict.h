// Which numbers and states stand out, and how: the thresholds of what needs attention.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "client/cli/terminal.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

// Below 0 the model is worse than a constant; below 0.3 it explains little. NaN: plain.
Tone ToneOfR2(double r2);
// The server's sentence about what a model is worth (TrainingReport.conclusion).
Tone ToneOfConclusion(absl::string_view conclusion);
// A prediction that loses money.
Tone ToneOfRoi(double roi);
// Warning above a tenth, bad above half.
Tone ToneOfShare(int64_t part, int64_t whole);
Tone ToneOfState(v1::JobState state);

}  // namespace roicast::client
