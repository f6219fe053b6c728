// The rows of a request of DecisionService, by the reader and the checks of BatchPredict.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "google/protobuf/repeated_field.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Rows whose issues an answer lists.
inline constexpr int kMaxIssues = 1000;

struct InputRows {
  int64_t count = 0;
  // [count, features], raw; all NaN where a row was rejected by the conversion.
  std::vector<float> rows;
  // Why a row was rejected, in words for the first kMaxIssues of them: there may be a million. OK: it was not. Empty if
  // none was.
  std::vector<absl::Status> rejected;
  // What these take of RowLimit::memory.
  MemoryClaim memory;

  bool ok(int64_t row) const { return rejected.empty() || rejected[static_cast<size_t>(row)].ok(); }
};

// How many rows a request may have, and what they draw from, as do the forms between the request and them.
struct RowLimit {
  int64_t max = 1;
  // Whether it is that of the server's flag.
  bool of_flag = false;
  MemoryBudget* memory = MemoryBudget::Unlimited();
};

// Reads the rows as BatchPredict does. Rows of values that no row may have, such as a category's code outside the
// dictionary, are rejected; those that the predictor rejects are not looked at. field: as messages name it, such as
// "rows". Errors: those of BatchPredict, with the field in front; ResourceExhausted (memory).
absl::StatusOr<InputRows> ReadRowInput(const v1::RowInput& input, absl::string_view field, const ServedModel& model,
                                       const RowLimit& limit);

// The same for few rows of which none may be rejected: InvalidArgument with the first one, such as
// `rows: row 3: spend: expected > 0, got -5`. free_feature: its values are not checked, because others take their
// place; −1: none. at_least: fewer are an error. memory: as of RowLimit.
struct StrictRows {
  int64_t max_rows = 1;
  int64_t at_least = 1;
  int free_feature = -1;
  MemoryBudget* memory = MemoryBudget::Unlimited();
};
absl::StatusOr<InputRows> ReadStrictRows(const v1::RowInput& input, absl::string_view field, const ServedModel& model,
                                         const StrictRows& strict);

// What Predict says of each row, [count]; NaN where it is rejected. The first kMaxIssues rows with a warning or an
// error are listed in `issues`; `rows` learns of those that the predictor rejects. Returns the number of rejected rows.
// Errors: those of `stop`; ResourceExhausted (memory).
struct CheckedRows {
  std::vector<float> predictions;
  int64_t refused = 0;
};
absl::StatusOr<CheckedRows> PredictAndCheck(const ServedModel& model, InputRows& rows,
                                            google::protobuf::RepeatedPtrField<v1::RowIssue>* issues,
                                            const StopCheck& stop);
// The predictions alone. rows: [count, features], count the size of `predictions`. Errors: those of `stop`.
absl::Status PredictOrStop(const ServedModel& model, const float* rows, absl::Span<float> predictions,
                           absl::Span<uint8_t> flags, const StopCheck& stop);

}  // namespace roicast
