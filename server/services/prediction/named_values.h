// From named values of any schema to a raw row.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "roicast/v1/prediction.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// A roicast.v1.NamedValue whose text stays where it is.
struct NamedValue {
  enum class Kind { kNone, kNumber, kWord, kTime };
  absl::string_view name;
  Kind kind = Kind::kNone;
  double number = 0;
  absl::string_view word;
  int64_t seconds = 0;
  int32_t nanos = 0;
};

// Fills row [model.schema().size()]; features without a value are missing (NaN). Numbers become float32 as those of a
// double column do, so that the predictor refuses and predicts the same.
// Errors: InvalidArgument naming the value, such as `values[2] "channel": expected a word (it is categorical), got a
// number`, or the feature, as for a batch.
// hint: what the message of an unknown name says of those that there are. To find the nearest one takes up to 50 µs.
enum class NameHint { kNearest, kNone };
absl::Status NamedValuesToRow(absl::Span<const NamedValue> values, const ServedModel& model, float* row,
                              NameHint hint = NameHint::kNearest);

// Replaces `values` by those of the message, which has to outlive them.
void ReadNamedValues(const v1::Row& row, std::vector<NamedValue>* values);

}  // namespace roicast
