// Whether further inputs of times tell more: a trend, beyond what month, weekday and hour tell, or the month's second
// harmonic.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/schema.h"
#include "model/features/preprocessor.h"
#include "model/network/loss.h"
#include "model/training/fit/row_part.h"

namespace roicast {

struct TimeEvidence {
  bool better = false;  // not next to nothing: by 0.5 %
  bool holds = false;   // also more than chance (one-sided, 5 %)
  bool worse = false;   // by more than chance
  double gain = 0.0;    // share of the squared error that they take away
};

// Rows as a preprocessor encoded them.
struct EncodedPart {
  const RowPart& rows;
  const Preprocessor& preprocessor;
};

// Linear models with and without these inputs predict days that they had not learnt from, as whole days: rows of one
// day have more in common than a trend or a season, and the noise of a day must not pass for one.
// Both parts have the same rows; `more` is encoded with these inputs. For Loss::kLogistic probabilities
// are judged. Fewer than 10 different days show nothing. seed: of the folds. Errors: those of `stop`.
absl::StatusOr<TimeEvidence> JudgeTimeInputs(const RowPart& plain, const RowPart& more, const Schema& schema, Loss loss,
                                             uint64_t seed, const StopCheck& stop);

// The same by days that are later than all that was learnt from: each sixth of the rows in the second half of the time,
// by what is before it. A trend is held at the last time that was learnt from, as that of a served model is: what it
// has taken from a season makes later seasons worse. Without days before and after: nothing. Errors: those of `stop`.
absl::StatusOr<TimeEvidence> JudgeTrendAhead(const EncodedPart& plain, const EncodedPart& more, Loss loss,
                                             const StopCheck& stop);

}  // namespace roicast
