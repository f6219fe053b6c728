// What the methods of DecisionService share: the model that is asked, and its spend.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "google/protobuf/repeated_field.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"
#include "server/transport/grpc/stop_with_call.h"

namespace roicast {

v1::ServedBy ServedByProto(const ServedModel& model);

// An InvalidArgument `field: expected …, got …`.
absl::Status Unexpected(absl::string_view field, absl::string_view expected, absl::string_view got);
absl::Status Unexpected(absl::string_view field, absl::string_view expected, double got);
// Whether a level is in (0, 1).
absl::Status CheckLevel(absl::string_view field, double level);

// FailedPrecondition with the reason NOT_AN_ROI, unless predictions say what money returns. what: needs it, such as "a
// budget".
absl::Status CheckPredictsMoney(const ServedModel& model, absl::string_view what);
// The spend that a request means: as it names it, or else that of the training spec if it is a numeric feature. Empty:
// whatever MoneyModel takes for it.
std::string SpendNamed(const ServedModel& model, const std::string& name);
// The level of intervals that a request means: as it says, or else 0.9 if the model has a calibration. nullopt: none.
// Errors: InvalidArgument, NO_CALIBRATION (asked of a model without one).
absl::StatusOr<std::optional<double>> LevelOf(const ServedModel& model, std::optional<double> asked);
// Whether the model can say what is brought at least with this probability. Errors: as of LevelOf, about the field
// lower_bound_level.
absl::Status CheckLowerBound(const ServedModel& model, double level);

// Index of a feature of the schema. Errors: InvalidArgument with the field, and a name that may be meant.
absl::StatusOr<int> FeatureByName(const ServedModel& model, absl::string_view field, absl::string_view name);
// The present spend of rows is replaced, and need not be one that the model takes. Empty name: the usual one. −1: the
// schema has none; what needs one says so.
int FreeFeature(const ServedModel& model, const std::string& name);

v1::Range RangeProto(double low, double high);
// RESOURCE_EXHAUSTED with its reason: of memory that is short now, or of a problem that is too large, now and later.
// Any other status as it is.
absl::Status AsTooLarge(const absl::Status& status);
// What a computation takes beside its request, at most. Errors: MemoryShort.
absl::StatusOr<MemoryClaim> ClaimForWork(MemoryBudget* memory, uint64_t bytes);

// What outside_training_range means, behind a range.
inline constexpr absl::string_view kOutsideTraining =
    ": nothing is known there; the model carries what it learnt on a little beyond that range, and then answers the "
    "same "
    "however far out";

// "Channel \"Email\", 201 to 2000": whose campaigns had such values.
std::string WordRangeText(const Schema& schema, const WordRange& range);

// Adds a caveat.
void AddCaveat(google::protobuf::RepeatedPtrField<v1::Caveat>* caveats, absl::string_view code, std::string message);
// About spend as a cause, for answers that vary it: no experiment confirms what the model has learnt.
void AddCauseCaveat(google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);
// The same if the model's spend is among the features that an answer varies, whatever the model predicts.
void AddCauseCaveat(const ServedModel& model, absl::Span<const int> varied,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

}  // namespace roicast
