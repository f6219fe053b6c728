#include "model/training/new_rows.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/status_macros.h"
#include "model/explanation/dependence.h"
#include "model/explanation/interaction.h"
#include "model/explanation/permutation_importance.h"
#include "model/explanation/shapes.h"
#include "model/explanation/surrogate_tree.h"
#include "model/predictor/predictor.h"

namespace roicast {
namespace {

constexpr int kShuffles = 5;
// Of the artifact, some kilobytes.
constexpr size_t kDependences = 8;
constexpr int kPoints = 16;
// Of single rows along a numeric feature: 12 · 16 numbers of 8 bytes, for all of them 12 KiB.
constexpr int kCurves = 12;
constexpr size_t kInteracting = 6;
constexpr int64_t kFewestInteractionRows = 8;
constexpr int64_t kMostTreeRows = 5000;

// Indexes of the features, the most important first.
std::vector<int> ByImportance(const ImportanceReport& importance) {
  std::vector<FeatureImportance> features = importance.features;
  std::stable_sort(features.begin(), features.end(),
                   [](const auto& a, const auto& b) { return a.importance > b.importance; });
  std::vector<int> order;
  for (const FeatureImportance& feature : features) order.push_back(feature.feature);
  return order;
}

absl::Status AddShapes(const Predictor& predictor, absl::Span<const float> rows, const std::vector<int>& order,
                       const MovesWithSpend& moves, const StopCheck& stop, NewRowsReport& report) {
  const Schema& schema = predictor.schema();
  DependenceOptions dependence;
  dependence.grid.points = kPoints;
  dependence.max_rows = kMostNewRows;
  dependence.moves = moves;
  for (const int feature : order) {
    if (report.dependence.size() == kDependences) break;
    dependence.curves = schema.features[static_cast<size_t>(feature)].kind == FeatureKind::kNumeric ? kCurves : 0;
    const absl::StatusOr<Dependence> found = PartialDependence(predictor, rows, feature, dependence, stop);
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    // No row has a value of it.
    if (absl::IsInvalidArgument(found.status())) continue;
    ROICAST_RETURN_IF_ERROR(found.status());
    report.dependence.push_back(ShapeOf(schema, *found, moves));
  }
  if (report.rows >= kFewestInteractionRows && order.size() >= 2) {
    InteractionOptions options;
    options.features.assign(order.begin(), order.begin() + static_cast<int64_t>(std::min(order.size(), kInteracting)));
    ROICAST_ASSIGN_OR_RETURN(const InteractionReport found, FeatureInteraction(predictor, rows, options, stop));
    for (const PairInteraction& pair : found.pairs) report.interactions.push_back(StrengthOf(schema, pair));
  }
  if (report.rows >= kFewestSurrogateRows) {
    SurrogateTreeOptions options;
    options.max_rows = kMostTreeRows;
    ROICAST_ASSIGN_OR_RETURN(const SurrogateTree tree, FitSurrogateTree(predictor, rows, options, stop));
    report.tree = RulesOf(schema, tree);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NewRowsReport> ReportNewRows(const Artifact& measured, const RowMajorMatrix& raw,
                                            absl::Span<const double> truth, const MovesWithSpend& moves,
                                            const StopCheck& stop) {
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
  const auto rows = absl::MakeConstSpan(raw.data(), static_cast<size_t>(raw.size()));
  ROICAST_ASSIGN_OR_RETURN(const ImportanceReport importance,
                           PermutationImportance(*predictor, rows, truth, options, stop));
  for (const FeatureImportance& feature : importance.features) {
    report.importance.push_back({measured.schema.features[static_cast<size_t>(feature.feature)].name,
                                 feature.importance, feature.low, feature.high, feature.ratio});
  }
  ROICAST_RETURN_IF_ERROR(AddShapes(*predictor, rows, ByImportance(importance), moves, stop, report));
  return report;
}

}  // namespace roicast
