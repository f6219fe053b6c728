#include "model/explanation/interaction.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/explanation/usable_rows.h"

namespace roicast {
namespace {

using explanation::UsableRows;

// Below this share of the predictions' own spread, a pair does nothing.
constexpr double kNothing = 1e-6;

// Centred partial dependences at the rows' own values.
class DependenceAtRows {
 public:
  DependenceAtRows(const Predictor& predictor, const UsableRows& rows, const StopCheck& stop)
      : predictor_(predictor),
        rows_(rows),
        stop_(stop),
        width_(static_cast<size_t>(predictor.schema().size())),
        work_(rows.values),
        predicted_(rows.predictions.size()) {}

  // Per row i: the mean of the predictions of all rows with the features' values of row i, less the mean of those.
  absl::StatusOr<std::vector<double>> Centred(absl::Span<const int> features) {
    const auto n = static_cast<size_t>(rows_.size());
    std::vector<double> means(n);
    for (size_t i = 0; i < n; ++i) {
      for (size_t row = 0; row < n; ++row) {
        for (const int feature : features) {
          const auto f = static_cast<size_t>(feature);
          work_[row * width_ + f] = rows_.values[i * width_ + f];
        }
      }
      ROICAST_RETURN_IF_ERROR(
          explanation::PredictInBlocks(predictor_, work_.data(), rows_.size(), absl::MakeSpan(predicted_), stop_));
      means[i] = std::accumulate(predicted_.begin(), predicted_.end(), 0.0) / static_cast<double>(n);
    }
    for (const int feature : features) {
      for (size_t at = static_cast<size_t>(feature); at < work_.size(); at += width_) work_[at] = rows_.values[at];
    }
    const double mean = std::accumulate(means.begin(), means.end(), 0.0) / static_cast<double>(n);
    for (double& value : means) value -= mean;
    return means;
  }

 private:
  const Predictor& predictor_;
  const UsableRows& rows_;
  const StopCheck& stop_;
  const size_t width_;
  std::vector<float> work_;
  std::vector<float> predicted_;
};

double SpreadOf(const std::vector<float>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0.0;
  for (const float value : values) squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  return std::sqrt(squares / n);
}

PairInteraction Compare(int first, int second, const std::vector<double>& of_first,
                        const std::vector<double>& of_second, const std::vector<double>& of_both, double nothing) {
  double interaction = 0.0, whole = 0.0;
  for (size_t i = 0; i < of_both.size(); ++i) {
    const double rest = of_both[i] - of_first[i] - of_second[i];
    interaction += rest * rest;
    whole += of_both[i] * of_both[i];
  }
  PairInteraction pair;
  pair.first = first;
  pair.second = second;
  const auto n = static_cast<double>(of_both.size());
  pair.strength = std::sqrt(interaction / n);
  if (std::sqrt(whole / n) > nothing) pair.h = std::sqrt(interaction / whole);
  return pair;
}

}  // namespace

absl::Status InteractionOptions::Validate() const { return kMaxRows.Check("max_rows", static_cast<double>(max_rows)); }

absl::StatusOr<InteractionReport> FeatureInteraction(const Predictor& predictor, absl::Span<const float> rows,
                                                     const InteractionOptions& options, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_RETURN_IF_ERROR(explanation::CheckFeatures(predictor.schema(), options.features));
  std::vector<int> features = options.features;
  if (features.empty()) {
    features.resize(static_cast<size_t>(predictor.schema().size()));
    std::iota(features.begin(), features.end(), 0);
  }
  std::sort(features.begin(), features.end());
  if (features.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat("interaction: expected at least 2 features, got ", features.size()));
  }
  ROICAST_ASSIGN_OR_RETURN(const UsableRows usable,
                           explanation::SelectUsableRows(predictor, rows, {}, options.max_rows, options.seed, stop));
  if (usable.size() < static_cast<int64_t>(InteractionOptions::kMaxRows.low)) {
    return absl::InvalidArgumentError(absl::StrCat("interaction: expected at least ", InteractionOptions::kMaxRows.low,
                                                   " rows with a prediction, got ", usable.size()));
  }
  InteractionReport report;
  report.rows = usable.size();
  report.rows_rejected = usable.rejected;
  DependenceAtRows dependence(predictor, usable, stop);
  std::vector<std::vector<double>> alone;
  for (const int feature : features) {
    ROICAST_ASSIGN_OR_RETURN(alone.emplace_back(), dependence.Centred({feature}));
  }
  const double nothing = kNothing * SpreadOf(usable.predictions);
  for (size_t a = 0; a < features.size(); ++a) {
    for (size_t b = a + 1; b < features.size(); ++b) {
      ROICAST_ASSIGN_OR_RETURN(const std::vector<double> both, dependence.Centred({features[a], features[b]}));
      report.pairs.push_back(Compare(features[a], features[b], alone[a], alone[b], both, nothing));
    }
  }
  std::stable_sort(report.pairs.begin(), report.pairs.end(),
                   [](const PairInteraction& a, const PairInteraction& b) { return a.strength > b.strength; });
  return report;
}

}  // namespace roicast
