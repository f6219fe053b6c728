// The lift tests of a request of DecisionService, and what an answer says of them.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/lift_calibration.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// field: as messages name it. Errors: InvalidArgument (`lift_tests[2].spend: expected …`; a feature that the model does
// not have, or that is not categorical; a word that training did not see), REQUEST_TOO_LARGE (over kMaxLiftTests).
absl::StatusOr<std::vector<ScopedLiftTest>> ReadLiftTests(const google::protobuf::RepeatedPtrField<v1::LiftTest>& tests,
                                                          absl::string_view field, const ServedModel& model);

// A note for each test that is not used or doubtful. rows [n, schema size]: what the tests may be about. Errors: as of
// JudgeLiftTests.
absl::Status AddLiftDoubts(const MoneyModel& money, absl::Span<const float> rows,
                           const std::vector<ScopedLiftTest>& tests, const StopCheck& stop,
                           google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

// Which of the campaigns that get money lift tests are about, and that the others have none.
void AddLiftCaveats(const BudgetSplit& split, google::protobuf::RepeatedPtrField<v1::Caveat>* caveats);

}  // namespace roicast
