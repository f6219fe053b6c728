#include "client/cli/verdict.h"

#include "absl/strings/match.h"

namespace roicast::client {

Tone ToneOfR2(double r2) {
  if (r2 < 0) return Tone::kBad;
  return r2 < 0.3 ? Tone::kWarning : Tone::kPlain;
}

Tone ToneOfConclusion(absl::string_view conclusion) {
  for (const absl::string_view bad : {"no better than a constant", "worse than a constant"}) {
    if (absl::StrContains(conclusion, bad)) return Tone::kBad;
  }
  for (const absl::string_view good :
       {"holds on new rows", "by cross-validation: holds", "none was learnt from: holds"}) {
    if (absl::StartsWith(conclusion, good)) return Tone::kGood;
  }
  return Tone::kWarning;
}

Tone ToneOfRoi(double roi) { return roi < 0 ? Tone::kBad : Tone::kPlain; }

Tone ToneOfShare(int64_t part, int64_t whole) {
  if (part > whole / 2) return Tone::kBad;
  return part > whole / 10 ? Tone::kWarning : Tone::kPlain;
}

Tone ToneOfState(v1::JobState state) {
  if (state == v1::JOB_STATE_SUCCEEDED) return Tone::kGood;
  if (state == v1::JOB_STATE_FAILED) return Tone::kBad;
  if (state == v1::JOB_STATE_CANCELLED || state == v1::JOB_STATE_INTERRUPTED) return Tone::kWarning;
  return Tone::kPlain;
}

}  // namespace roicast::client
