#include "server/services/decision/rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/alike_rows.h"
#include "model/decision/decision_memory.h"
#include "model/decision/rank.h"
#include "server/errors/errors.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/row_input.h"

namespace roicast {
namespace {

constexpr int64_t kMaxRanked = 100000;

absl::StatusOr<RankOptions> OptionsOf(const v1::RankRequest& request, const ServedModel& model) {
  RankOptions options;
  if (request.count() != 0) options.count = request.count();
  if (options.count > kMaxRanked) return RequestTooLarge("count", kMaxRanked, options.count);
  switch (request.by()) {
    case v1::RANK_BY_UNSPECIFIED:
    case v1::RANK_BY_ROI:
      options.by = RankBy::kRoi;
      break;
    case v1::RANK_BY_PROFIT:
      options.by = RankBy::kProfit;
      break;
    default:
      return Unexpected("by", "a value of RankBy", absl::StrCat(static_cast<int>(request.by())));
  }
  if (request.has_lower_bound_level()) {
    // Asked here, so that a version without calibration has its reason.
    ROICAST_RETURN_IF_ERROR(CheckLowerBound(model, request.lower_bound_level()));
    options.lower_bound_level = request.lower_bound_level();
  }
  options.spend_feature = SpendNamed(model, request.spend_feature());
  options.group_feature = request.group_feature();
  options.most_per_group = request.per_group();
  std::optional<double> asked;
  if (request.has_interval_level()) asked = request.interval_level();
  ROICAST_ASSIGN_OR_RETURN(options.interval_level, LevelOf(model, asked));
  return options;
}

// Whether what candidates return is compared at different spends. rows: [n, schema size], raw.
bool DifferInSpend(const MoneyModel& money, absl::Span<const float> rows) {
  const auto width = static_cast<size_t>(money.schema().size());
  float first = std::numeric_limits<float>::quiet_NaN();
  for (size_t at = static_cast<size_t>(money.spend_feature()); at < rows.size(); at += width) {
    if (!std::isfinite(rows[at])) continue;
    if (std::isnan(first)) first = rows[at];
    if (rows[at] != first) return true;
  }
  return false;
}

// Of the chosen ones. rows: the candidates.
void AddAlikeChoices(const MoneyModel& money, absl::Span<const float> rows, const Ranking& ranking,
                     google::protobuf::RepeatedPtrField<v1::Caveat>* caveats) {
  const auto width = static_cast<size_t>(money.schema().size());
  std::vector<float> chosen;
  chosen.reserve(ranking.best.size() * width);
  for (const RankedCandidate& best : ranking.best) {
    const absl::Span<const float> row = rows.subspan(static_cast<size_t>(best.row) * width, width);
    chosen.insert(chosen.end(), row.begin(), row.end());
  }
  const std::vector<int32_t> first = FirstAlikeRows(money, chosen);
  int64_t alike = 0;
  for (size_t place = 0; place < first.size(); ++place) alike += static_cast<size_t>(first[place]) != place;
  if (alike == 0) return;
  AddCaveat(caveats, "alike_campaigns",
            absl::StrCat(alike, alike == 1 ? " of the chosen is" : " of the chosen are",
                         " like a better one in all "
                         "but spend and time: if they are one campaign, choose one of them, as their profits do not "
                         "add up"));
}

}  // namespace

absl::StatusOr<v1::RankResponse> AnswerRank(const v1::RankRequest& request, const ServedModel& model, int64_t max_rows,
                                            const StopCheck& stop, MemoryBudget* memory) {
  ROICAST_RETURN_IF_ERROR(CheckPredictsMoney(model, "a ranking by what money returns"));
  ROICAST_ASSIGN_OR_RETURN(const RankOptions options, OptionsOf(request, model));
  ROICAST_ASSIGN_OR_RETURN(InputRows rows, ReadRowInput(request.rows(), "rows", model,
                                                        {.max = max_rows, .of_flag = true, .memory = memory}));
  ROICAST_ASSIGN_OR_RETURN(const MemoryClaim work,
                           ClaimForWork(memory, RankBytes(rows.count, options.count, model.schema().size())));
  if (!rows.rejected.empty()) {
    const auto width = static_cast<size_t>(model.schema().size());
    for (int64_t row = 0; row < rows.count; ++row) {
      // What the conversion rejects must not be ranked as a row of missing values.
      if (rows.ok(row)) continue;
      std::fill_n(rows.rows.data() + static_cast<size_t>(row) * width, width, std::numeric_limits<float>::infinity());
    }
  }
  ROICAST_ASSIGN_OR_RETURN(const Ranking ranking, Rank(model.decision_model(), rows.rows, options, stop));
  v1::RankResponse response;
  *response.mutable_served_by() = ServedByProto(model);
  const bool intervals = options.interval_level.has_value() && ranking.no_intervals_because.empty();
  for (const RankedCandidate& best : ranking.best) {
    v1::RankedRow& row = *response.add_ranked();
    row.set_row(best.row);
    row.set_score(best.score);
    row.set_roi(best.roi);
    if (intervals) *row.mutable_roi_interval() = RangeProto(best.roi_low, best.roi_high);
    row.set_spend(best.spend);
    row.set_revenue(best.revenue);
    row.set_profit(best.profit);
    row.set_warning(best.warning);
  }
  response.set_candidates(ranking.candidates);
  response.set_rows_refused(ranking.refused);
  response.set_first_refused(ranking.first_refused);
  response.set_over_group_limit(ranking.over_group_limit);
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model.decision_model(), options.spend_feature));
  if (DifferInSpend(money, rows.rows)) AddCauseCaveat(response.mutable_caveats());
  AddAlikeChoices(money, rows.rows, ranking, response.mutable_caveats());
  if (intervals) response.set_interval_level(*options.interval_level);
  return response;
}

}  // namespace roicast
