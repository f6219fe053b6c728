#include "model/training/new_rows.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/status_macros.h"
#include "model/explanation/permutation_importance.h"
#include "model/predictor/predictor.h"

namespace roicast {
namespace {

constexpr int kShuffles = 5;

}  // namespace

absl::StatusOr<NewRowsReport> ReportNewRows(const Artifact& measured, const RowMajorMatrix& raw,
                                            absl::Span<const double> truth, const StopCheck& stop) {
  NewRowsReport report;
  if (raw.rows() == 0) return report;
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<const Predictor> predictor, Predictor::CompileUnverified(measured));
  std::vector<float> predicted(truth.size());
  constexpr int64_t kRowsBetweenStops = 256;
  for (int64_t row = 0; row < raw.rows(); row += kRowsBetweenStops) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const int64_t count = std::min<int64_t>(kRowsBetweenStops, raw.rows() - row);
    predictor->Predict(raw.row(row).data(), count,
                       absl::MakeSpan(predicted).subspan(static_cast<size_t>(row), static_cast<size_t>(count)), {});
  }
  std::vector<size_t> usable;
  for (size_t i = 0; i < predicted.size(); ++i) {
    if (std::isfinite(predicted[i])) usable.push_back(i);
  }
  report.rows = static_cast<int64_t>(usable.size());
  const auto shown = static_cast<size_t>(std::min(report.rows, kMostNewRows));
  for (size_t k = 0; k < shown; ++k) {
    const size_t row = usable[(2 * k + 1) * usable.size() / (2 * shown)];
    report.predicted.push_back(static_cast<double>(predicted[row]));
    report.actual.push_back(truth[row]);
  }
  if (report.rows < 2) return report;
  ImportanceOptions options;
  options.shuffles = kShuffles;
  options.max_rows = kMostNewRows;
  if (measured.target.kind == TargetKind::kTwoValued) options.loss = ImportanceLoss::kLog;
  ROICAST_ASSIGN_OR_RETURN(
      const ImportanceReport importance,
      PermutationImportance(*predictor, absl::MakeConstSpan(raw.data(), static_cast<size_t>(raw.size())), truth,
                            options, stop));
  for (const FeatureImportance& feature : importance.features) {
    report.importance.push_back({measured.schema.features[static_cast<size_t>(feature.feature)].name,
                                 feature.importance, feature.low, feature.high, feature.ratio});
  }
  return report;
}

}  // namespace roicast
