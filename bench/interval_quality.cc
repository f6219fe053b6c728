#include "bench/interval_quality.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/random.h"
#include "base/status_macros.h"
#include "model/features/preprocessor.h"
#include "model/predictor/predictor.h"
#include "model/uncertainty/uncertainty.h"

namespace roicast::bench {
namespace {

constexpr int kParts = 10;

double ErrorOf(std::vector<std::pair<float, bool>> sorted) {
  std::sort(sorted.begin(), sorted.end());
  double sum = 0.0;
  for (size_t part = 0; part < kParts; ++part) {
    const size_t begin = sorted.size() * part / kParts, end = sorted.size() * (part + 1) / kParts;
    double difference = 0.0;
    for (size_t i = begin; i < end; ++i) difference += (sorted[i].second ? 1.0 : 0.0) - sorted[i].first;
    sum += std::abs(difference) / static_cast<double>(std::max<size_t>(1, end - begin));
  }
  return sum / kParts;
}

}  // namespace

absl::Status IntervalQuality::Add(const Artifact& trained, const CsvTable& fresh, const TargetSpec& target_spec,
                                  double threshold) {
  // The probability of being above a threshold means something for any target.
  Artifact artifact = trained;
  artifact.report.target = {};
  ROICAST_ASSIGN_OR_RETURN(const Target target, ComputeTarget(fresh, target_spec));
  const RowMajorMatrix raw = ToRawRows(fresh.table, artifact.schema);
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<const Predictor> predictor, Predictor::Compile(artifact));
  const Uncertainty uncertainty(artifact);
  UncertaintyOptions options;
  options.interval_level = 0.9;
  options.profit_probability = true;
  options.profit_threshold = threshold;
  ROICAST_ASSIGN_OR_RETURN(const Uncertainty::Question question, uncertainty.Ask(options));
  const auto n = static_cast<size_t>(raw.rows());
  std::vector<float> roi(n), location(n), log_scale(n), share(n), low(n), high(n), probability(n);
  std::vector<uint8_t> flags(n);
  const Predictor::Spread spread = {absl::MakeSpan(location), absl::MakeSpan(log_scale), absl::MakeSpan(share)};
  predictor->PredictWithSpread(raw.data(), raw.rows(), absl::MakeSpan(roi), absl::MakeSpan(flags), spread);
  RawRows rows_of;
  rows_of.rows = raw.data();
  uncertainty.Answer(
      question, *predictor,
      {rows_of, roi, flags, spread, absl::MakeSpan(low), absl::MakeSpan(high), absl::MakeSpan(probability)});
  for (size_t i = 0; i < n; ++i) {
    const double truth = target.values[i];
    if (std::isnan(truth) || std::isnan(roi[i])) continue;
    ++rows;
    inside += truth >= low[i] && truth <= high[i];
    probabilities.emplace_back(probability[i], truth > threshold);
  }
  relative_widths += artifact.report.calibration.relative_width;
  ++splits;
  return absl::OkStatus();
}

double IntervalQuality::ReliabilityError() const { return ErrorOf(probabilities); }

double IntervalQuality::ReliabilityErrorOfChance() const {
  constexpr int kSamples = 40;
  Random random(1);
  std::vector<std::pair<float, bool>> drawn = probabilities;
  double sum = 0.0;
  for (int sample = 0; sample < kSamples; ++sample) {
    for (auto& [probability, is_above] : drawn) is_above = random.Uniform() < static_cast<double>(probability);
    sum += ErrorOf(drawn);
  }
  return sum / kSamples;
}

}  // namespace roicast::bench
