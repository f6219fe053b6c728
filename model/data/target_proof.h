// Compares a column with an ROI or a ROAS with the revenue and the spend beside it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/data/csv_table.h"
#include "model/data/target.h"
#include "model/data/target_finder.h"

namespace roicast {

// What the numbers of a ratio are, as shares of the spend or in per cent.
enum class RatioMeaning {
  kUnknown,  // fewer than 3 rows to compare
  kRoi,
  kRoas,
  kRoiPerCent,
  kRoasPerCent,
  kOther,  // none of them in 95 % of the rows
};

struct RatioProof {
  RatioMeaning meaning = RatioMeaning::kUnknown;
  int64_t compared = 0;          // rows with both
  int64_t agreeing = 0;          // of them, with the meaning; for kOther: with what was expected
  std::vector<int64_t> differs;  // the first 5 rows that do not agree with what was expected
  int64_t negative = 0;          // of those compared, with a ratio below 0
};

// roas: revenue / spend of each row; NaN: none. Numbers may be rounded to 2 decimals, per cent to whole ones.
// expected: kRoi, kRoas or one of them in per cent.
RatioProof CompareRatio(const Column& ratio, absl::Span<const double> roas, RatioMeaning expected);

// Checks the ROI or ROAS of a target that FindTarget has found for `asked`. Where it stands beside a revenue and a
// spend (or, for an ROI, beside a ROAS) that prove another meaning, and nothing was asked for, the target becomes that
// of these columns, which is said; so it does where the ROI is written as `score` writes predictions, and differs. An
// ROI that is "revenue" / spend is a ROAS, or the "revenue" a profit: by the share of negative rows and by its name;
// where neither tells, a serious warning has the flags for both. Else it stays, with a warning where the columns prove
// another meaning or disagree (serious, unless a person named the ratio and they only disagree), and a remark where an
// ROI is never negative. Also warns of predictions that `score` added (FindResultColumns), whether they are the target,
// because a person named them, or were passed over for a revenue. data: of a table from a file, else nullptr. Errors:
// those of FindTarget; InvalidArgument (an ROI that nobody named, written as `score` writes predictions, with nothing
// beside it to compare it with).
absl::Status CheckRatio(const Table& table, const CsvTable* data, const TargetSpec& asked, FoundTarget& found);

}  // namespace roicast
