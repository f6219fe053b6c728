#include "model/decision/filled_errors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/status_macros.h"

namespace roicast {
namespace {

// As it is filled in, and to both sides.
constexpr size_t kSides = 3;
constexpr double kSideOf[kSides] = {0.0, -1.0, 1.0};
constexpr size_t kFilledRowsAtOnce = 1365;

}  // namespace

absl::StatusOr<FilledErrors> FilledErrorsOf(const DecisionModel& model, int feature, absl::Span<const VariedRow> varied,
                                            double deviations, const StopCheck& stop) {
  FilledErrors errors;
  const MovesWithSpend& moves = model.facts->moves;
  if (moves.empty() || moves.spend != feature) return errors;
  std::vector<size_t> filled;
  for (size_t i = 0; i < varied.size(); ++i) {
    if (moves.FillsIn(varied[i].row)) filled.push_back(i);
  }
  if (filled.empty()) return errors;
  errors.below.assign(varied.size(), 0.0);
  errors.above.assign(varied.size(), 0.0);
  const auto width = static_cast<size_t>(model.predictor->schema().size());
  std::vector<float> rows, predictions;
  for (size_t first = 0; first < filled.size(); first += kFilledRowsAtOnce) {
    const size_t count = std::min(kFilledRowsAtOnce, filled.size() - first);
    rows.resize(count * kSides * width);
    predictions.resize(count * kSides);
    for (size_t i = 0; i < count * kSides; ++i) {
      const VariedRow& one = varied[filled[first + i / kSides]];
      float* const row = rows.data() + i * width;
      std::copy_n(one.row, width, row);
      moves.SetSpend(model.predictor->schema(), one.value, row, kSideOf[i % kSides] * deviations);
    }
    ROICAST_RETURN_IF_ERROR(AnswerRows(model, rows, nullptr, {absl::MakeSpan(predictions), {}, {}, {}}, stop));
    for (size_t i = 0; i < count; ++i) {
      const double usual = predictions[i * kSides];
      for (size_t side = 1; side < kSides; ++side) {
        const double off = predictions[i * kSides + side] - usual;
        double& error = (off < 0.0 ? errors.below : errors.above)[filled[first + i]];
        error = std::max(error, std::abs(off));  // NaN, of a row that is refused, is not
      }
    }
  }
  return errors;
}

absl::StatusOr<FilledErrors> FilledRoiErrorsOf(const MoneyModel& money, absl::Span<const VariedRow> varied,
                                               double deviations, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(FilledErrors errors,
                           FilledErrorsOf(money.model(), money.spend_feature(), varied, deviations, stop));
  if (PredictedMoneyOf(*money.model().facts) == PredictedMoney::kRoi) return errors;
  for (std::vector<double>* const side : {&errors.below, &errors.above}) {
    for (size_t i = 0; i < side->size(); ++i) (*side)[i] /= varied[i].value;
  }
  return errors;
}

double LowWith(double at, double low, double error, double lowest) {
  if (!(error > 0.0)) return low;
  return std::max(at - std::hypot(at - low, error), std::min(low, lowest));
}

double HighWith(double at, double high, double error) { return error > 0.0 ? at + std::hypot(high - at, error) : high; }

}  // namespace roicast
