#include "server/services/decision/lift_input.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "model/decision/budget_problem.h"
#include "model/decision/money_number.h"
#include "server/errors/errors.h"
#include "server/services/decision/decision_call.h"

namespace roicast {
namespace {

absl::Status ReadScope(const v1::LiftTest& test, const std::string& field, const ServedModel& model,
                       ScopedLiftTest& read) {
  if (test.feature().empty()) {
    if (test.word().empty()) return absl::OkStatus();
    return Unexpected(absl::StrCat(field, ".feature"), absl::StrCat("the feature of the word \"", test.word(), "\""),
                      "none");
  }
  ROICAST_ASSIGN_OR_RETURN(read.feature, FeatureByName(model, absl::StrCat(field, ".feature"), test.feature()));
  const Feature& named = model.schema().features[static_cast<size_t>(read.feature)];
  if (named.kind != FeatureKind::kCategorical) {
    return Unexpected(absl::StrCat(field, ".feature"), "a categorical feature",
                      absl::StrCat("\"", named.name, "\", which is ", FeatureKindName(named.kind)));
  }
  read.code = model.CategoryCode(read.feature, test.word());
  if (read.code < static_cast<float>(named.vocabulary.size())) return absl::OkStatus();
  return Unexpected(absl::StrCat(field, ".word"), absl::StrCat("a word that \"", named.name, "\" had in training"),
                    absl::StrCat("\"", test.word(), "\"", DidYouMean(test.word(), named.vocabulary)));
}

}  // namespace

absl::StatusOr<std::vector<ScopedLiftTest>> ReadLiftTests(const google::protobuf::RepeatedPtrField<v1::LiftTest>& tests,
                                                          absl::string_view field, const ServedModel& model) {
  if (tests.size() > kMaxLiftTests) return RequestTooLarge(field, kMaxLiftTests, tests.size());
  std::vector<ScopedLiftTest> all;
  for (int i = 0; i < tests.size(); ++i) {
    const v1::LiftTest& test = tests[i];
    const std::string where = absl::StrCat(field, "[", i, "]");
    ScopedLiftTest& read = all.emplace_back();
    read.test = {test.spend().low(), test.spend().high(), test.incremental_revenue(), test.standard_error()};
    if (const absl::Status valid = read.test.Validate(); !valid.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(where, ".", valid.message()));
    }
    ROICAST_RETURN_IF_ERROR(ReadScope(test, where, model, read));
  }
  return all;
}

absl::Status AddLiftDoubts(const MoneyModel& money, absl::Span<const float> rows,
                           const std::vector<ScopedLiftTest>& tests, const StopCheck& stop,
                           google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<LiftJudgement> judgements, JudgeLiftTests(money, rows, tests, stop));
  for (size_t t = 0; t < tests.size(); ++t) {
    const LiftJudgement& judgement = judgements[t];
    if (judgement.doubt.empty()) continue;
    const LiftTest& test = tests[t].test;
    AddCaveat(caveats, judgement.used ? "lift_test_doubtful" : "lift_test_not_used",
              absl::StrCat("lift test ", t + 1, ", from ", MoneyNumber(test.low_spend), " to ",
                           MoneyNumber(test.high_spend), ", ", judgement.doubt));
  }
  return absl::OkStatus();
}

void AddLiftCaveats(const BudgetSplit& split, google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  int64_t tested = 0, others = 0;
  for (const SpentCampaign& campaign : split.campaigns) {
    if (campaign.lift_tests > 0) {
      ++tested;
    } else if (campaign.spend > 0) {
      ++others;
    }
  }
  if (tested == 0) return AddCauseCaveat(caveats);
  AddCaveat(
      caveats, "lift_test",
      absl::StrCat(
          "lift tests are about ", tested, " of ", split.campaigns.size(),
          " campaigns: there the split, marginal ROIs and what to plan with count what spend brings by "
          "the tests and the model, weighed by their errors; revenue, profit and ROI beside them are as predicted"));
  if (others == 0) return;
  AddCaveat(caveats, "no_lift_test",
            absl::StrCat("no experiment confirms what the other ", others, others == 1 ? " campaign" : " campaigns",
                         " with money would bring: the model knows what campaigns with more spend returned, not that "
                         "the spend was the cause"));
}

}  // namespace roicast
