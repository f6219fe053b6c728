// What answers say of numbers that move with the spend.
#pragma once

#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// What moves with that spend. spend: index of the feature that is varied.
void AddMoving(const ServedModel& model, int spend, google::protobuf::RepeatedPtrField<v1::MovesAlong>* moving);

// moves_with_spend: what moves along in an answer that varies the features `free`, and which of these moved with the
// spend in training and need not here; none if nothing does.
void AddMovesCaveat(const ServedModel& model, absl::Span<const int> free,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

// filled_values: rows that lack a value of what moves with the spend that is varied, and have words of which training
// does not know what is usual. rows [n, features].
void AddFilledCaveat(const ServedModel& model, int spend, absl::Span<const float> rows,
                     google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

}  // namespace roicast
