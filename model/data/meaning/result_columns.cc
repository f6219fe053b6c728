#include "model/data/meaning/result_columns.h"

#include <algorithm>
#include <cstddef>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/result_columns.h"
#include "model/data/meaning/target_names.h"

namespace roicast {
namespace {

namespace known = result_columns;

class ResultColumnSearch {
 public:
  explicit ResultColumnSearch(absl::Span<const std::string> names) : names_(names), command_(names.size()) {
    for (size_t i = 0; i < names.size(); ++i) place_.emplace(names[i], i);
  }

  ResultColumns Run() {
    FindPlan();
    FindCurve();
    FindExplanation();
    FindScore();
    for (size_t i = 0; i < names_.size(); ++i) {
      if (!command_[i].empty()) found_.written.push_back({names_[i], command_[i]});
    }
    return std::move(found_);
  }

 private:
  bool Has(absl::string_view name) const { return place_.contains(name); }

  // The first command that claims a column has it.
  void Mark(absl::string_view name, absl::string_view command) {
    const auto place = place_.find(name);
    if (place != place_.end() && command_[place->second].empty()) command_[place->second] = command;
  }

  // Of `optimize`, `plan` and `rank`.
  void FindPlan() {
    const bool planned = Has(known::kPlannedSpend) && (Has(known::kPredictedRoi) || Has(known::kMarginalRoi));
    const bool periods = planned && Has(known::kPeriod) && Has(known::kPeriodStart);
    const bool ranked = !planned && Has(known::kPredictedRoi) && Has(known::kRank);
    const absl::string_view command = periods ? "plan" : ranked ? "rank" : "optimize";
    if (periods) {
      Mark(known::kPeriod, command);
      Mark(known::kPeriodStart, command);
    }
    if (planned) {
      Mark(known::kPlannedSpend, command);
      found_.planned_spend = std::string(known::kPlannedSpend);
    }
    if (ranked) Mark(known::kRank, command);
    if (Has(known::kPredictedRoi)) {
      for (const absl::string_view name :
           {known::kPredictedRoi, known::kPredictedRevenue, known::kPredictedProfit, known::kProfitByLiftTests}) {
        Mark(name, command);
      }
    }
    if (planned || !Has(known::kPrediction)) Mark(known::kMarginalRoi, "optimize");
  }

  void FindCurve() {
    const bool curve = Has(known::kPrediction) && (Has(known::kOutsideTrainingRange) ||
                                                   (Has(known::kMarginalRoi) && found_.planned_spend.empty()));
    if (curve) {
      for (const absl::string_view name : {known::kPrediction, known::kPredictionLow, known::kPredictionHigh,
                                           known::kRevenue, known::kProfit, known::kMarginalRoi}) {
        Mark(name, "curve");
      }
    }
    for (const absl::string_view name : {known::kRevenueByLiftTests, known::kProfitByLiftTests,
                                         known::kMarginalRoiByLiftTests, known::kOutsideTrainingRange}) {
      Mark(name, "curve");
    }
  }

  void FindExplanation() {
    if (!Has(known::kPrediction) || !Has(known::kBaseValue)) return;
    Mark(known::kPrediction, "explain");
    Mark(known::kBaseValue, "explain");
    for (const std::string& name : names_) {
      if (absl::StartsWith(name, known::kAddsPrefix)) Mark(name, "explain");
    }
  }

  // The columns that `score` writes behind names_[at], in its order, tell whether it is a prediction.
  bool IsPredictionByThoseBehind(size_t at) const {
    const std::string& name = names_[at];
    size_t next = at + 1;
    const auto take = [&](absl::string_view expected) {
      if (next >= names_.size() || names_[next] != expected) return false;
      ++next;
      return true;
    };
    const bool interval = take(absl::StrCat(name, known::kLowSuffix)) && take(absl::StrCat(name, known::kHighSuffix));
    const bool probability = take(known::kProfitProbability);
    const bool money = take(known::kPredictedRevenue) && take(known::kPredictedProfit);
    const bool warnings = take(absl::StrCat(name, known::kWarningsSuffix));
    const UsualRole role = FindUsualName(name).role;
    if (role == UsualRole::kSpend || role == UsualRole::kRevenue || name == known::kPredictedRoi) return false;
    if (warnings) return true;
    if (role == UsualRole::kRoi) return interval || probability || money;
    // Those without its name may have lost theirs.
    return interval && (probability || money);
  }

  // Wherever the columns of `score` were moved to.
  bool IsPredictionByOthers(absl::string_view name) const {
    for (const absl::string_view suffix : {known::kLowSuffix, known::kHighSuffix, known::kWarningsSuffix}) {
      if (Has(absl::StrCat(name, suffix))) return true;
    }
    return Has(known::kProfitProbability) ||
           (Has(known::kPredictedRevenue) && Has(known::kPredictedProfit) && !Has(known::kPredictedRoi));
  }

  // "P(Churn = Yes)" beside "Churn".
  bool IsProbabilityOfOther(absl::string_view name) const {
    if (!absl::ConsumePrefix(&name, "P(") || !absl::ConsumeSuffix(&name, ")")) return false;
    const size_t equals = name.find(" = ");
    return equals != absl::string_view::npos && Has(name.substr(0, equals));
  }

  // "predicted_clicks" beside "clicks".
  bool IsPredictionOfOther(absl::string_view name) const {
    return absl::ConsumePrefix(&name, known::kPredictedPrefix) && !name.empty() && Has(name);
  }

  void FindScore() {
    for (size_t i = 0; i < names_.size() && found_.prediction.empty(); ++i) {
      if (command_[i].empty() && IsPredictionByThoseBehind(i)) found_.prediction = names_[i];
    }
    if (found_.prediction.empty() && Has(known::kRoi)) {
      (IsPredictionByOthers(known::kRoi) ? found_.prediction : found_.perhaps_prediction) = std::string(known::kRoi);
    }
    if (!found_.prediction.empty()) {
      Mark(found_.prediction, "score");
      for (const absl::string_view suffix : {known::kLowSuffix, known::kHighSuffix, known::kWarningsSuffix}) {
        Mark(absl::StrCat(found_.prediction, suffix), "score");
      }
    }
    for (const absl::string_view name :
         {known::kProfitProbability, known::kPredictedRevenue, known::kPredictedProfit}) {
      Mark(name, "score");
    }
    for (const std::string& name : names_) {
      if (!IsProbabilityOfOther(name) && !IsPredictionOfOther(name)) continue;
      for (const absl::string_view suffix :
           {absl::string_view(), known::kLowSuffix, known::kHighSuffix, known::kWarningsSuffix}) {
        Mark(absl::StrCat(name, suffix), "score");
      }
    }
  }

  const absl::Span<const std::string> names_;
  absl::flat_hash_map<absl::string_view, size_t> place_;
  std::vector<absl::string_view> command_;  // of each name; empty: none
  ResultColumns found_;
};

}  // namespace

const ResultColumn* ResultColumns::Find(absl::string_view name) const {
  const auto found =
      std::find_if(written.begin(), written.end(), [&](const ResultColumn& column) { return column.name == name; });
  return found == written.end() ? nullptr : &*found;
}

ResultColumns FindResultColumns(absl::Span<const std::string> names) { return ResultColumnSearch(names).Run(); }

}  // namespace roicast
