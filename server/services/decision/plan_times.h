// What the periods of a plan mean to the features that tell of time: which move along, and what a reader should know.
#pragma once

#include "google/protobuf/repeated_field.h"
#include "model/decision/pacing.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Finds the time features that move with the one of the problem, and adds them to it: those which in all rows are
// within 100 days of it, or at nearly one distance (within 2 days), up to two years. What moves and what stays is said
// in caveats ("time_moves_along", "time_stays"), as are features that look as if they followed from the time, such as a
// column with its month, and cannot ("calendar_stays"). Nothing if the problem's time feature is not one: PlanBudget
// refuses it.
void MoveTimesAlong(const ServedModel& model, PacingProblem& problem,
                    google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

// Says where periods are outside of the times that training saw ("outside_training_range"), and where a period is not
// as long as what a row of training covers, or nothing tells how long that is ("period_length").
void AddPeriodCaveats(const ServedModel& model, const PacingProblem& problem, v1::PeriodUnit unit,
                      google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

}  // namespace roicast
