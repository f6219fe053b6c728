// The features of a model by name, and the one that holds the spend.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/data/schema.h"

namespace roicast {

// Index of a numeric feature. field: whose value `name` is, for messages. Errors: InvalidArgument (unknown, with the
// nearest name; not numeric).
absl::StatusOr<int> NumericFeature(const Schema& schema, absl::string_view name, absl::string_view field);

// Index of the numeric feature that holds the spend: the named one; without a name, `spend`, or else the one whose name
// means that (target_names.h). Errors: those of NumericFeature; FailedPrecondition (no feature's name means that).
absl::StatusOr<int> FindSpendFeature(const Schema& schema, absl::string_view name);

// The name of the feature that holds the spend where a request names none: `learnt`, the spend column of training, if
// that is a numeric feature, else as of FindSpendFeature. Empty: there is none.
std::string DefaultSpendFeature(const Schema& schema, absl::string_view learnt);

}  // namespace roicast
