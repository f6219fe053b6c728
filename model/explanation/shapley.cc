#include "model/explanation/shapley.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/explanation/coalitions.h"
#include "model/explanation/prediction_batch.h"

namespace roicast {
namespace {

// That are compared, at some nanoseconds each.
constexpr size_t kValuesBetweenStops = 1'000'000;
constexpr double kNoAttribution = std::numeric_limits<double>::quiet_NaN();

bool SameRawValue(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// Of the estimates of the pairs of one background row.
struct PairMoments {
  double sum = 0.0, squares = 0.0;
};

// Explains one row after the other, with buffers that are made once.
class Explainer {
 public:
  Explainer(const Predictor& predictor, const Background& background, const ShapleyOptions& options,
            const StopCheck& stop)
      : background_(background),
        options_(options),
        features_(predictor.schema().size()),
        batch_(predictor, features_, stop),
        rare_(&stop, kValuesBetweenStops),
        base_(background.size()),
        weights_(background.weights.begin(), background.weights.end()),
        moments_(features_) {
    players_.reserve(features_);
    double sum = 0.0;
    for (const double weight : weights_) sum += weight;
    for (double& weight : weights_) weight /= sum;
  }

  absl::Status PredictBackground() {
    ROICAST_RETURN_IF_ERROR(batch_.Predict(background_.rows.data(), background_.size(), absl::MakeSpan(base_)));
    for (int b = 0; b < background_.size(); ++b) {
      if (!std::isfinite(base_[b])) {
        return absl::FailedPreconditionError(
            absl::StrCat("background.rows[", b, "]: expected a finite prediction, got ", base_[b]));
      }
      base_value_ += weights_[b] * base_[b];
    }
    return absl::OkStatus();
  }

  // values, errors [features]; NaN if a prediction on the way is not finite.
  absl::Status Explain(const float* row, float prediction, double* values, double* errors) {
    std::fill(values, values + features_, 0.0);
    std::fill(errors, errors + features_, 0.0);  // variances until the end
    row_ = row;
    prediction_ = prediction;
    values_ = values;
    variances_ = errors;
    Random random(options_.seed);
    for (int b = 0; b < background_.size(); ++b) {
      // Rows that are as the background predict nothing, and so ask nothing.
      ROICAST_RETURN_IF_ERROR(rare_.Done(static_cast<size_t>(features_)));
      const float* base = BaseRow(b);
      players_.clear();
      for (int f = 0; f < features_; ++f) {
        if (!SameRawValue(row[f], base[f])) players_.push_back(f);
      }
      const bool exact = static_cast<int>(players_.size()) <= options_.exact_features;
      if (players_.size() < 2) {
        if (!players_.empty()) values[players_[0]] += weights_[b] * (prediction_ - base_[b]);
      } else if (exact) {
        ROICAST_RETURN_IF_ERROR(Enumerate(b));
      } else {
        ROICAST_RETURN_IF_ERROR(Sample(b, random));
      }
    }
    ROICAST_RETURN_IF_ERROR(Finish());
    AddRest();
    for (int f = 0; f < features_; ++f) errors[f] = std::sqrt(errors[f]);
    return absl::OkStatus();
  }

  double base_value() const { return base_value_; }
  PredictionBatch& batch() { return batch_; }

 private:
  // Predictions that are in the batch, and what they are for.
  struct Work {
    int background;
    int first;        // in the batch
    ptrdiff_t order;  // in order_
    int players;
    bool exact;  // all sets of players; else a permutation and its reverse
    bool last;   // of its background row
  };

  const float* BaseRow(int b) const { return background_.rows.data() + static_cast<ptrdiff_t>(b) * features_; }

  // The work that the next `rows` rows are for. Those in the batch are finished first if there is no room.
  absl::Status Begin(int b, int rows, bool exact, bool last) {
    if (batch_.room() < rows) ROICAST_RETURN_IF_ERROR(Finish());
    work_.push_back(
        {b, batch_.size(), static_cast<ptrdiff_t>(order_.size()), static_cast<int>(players_.size()), exact, last});
    order_.insert(order_.end(), players_.begin(), players_.end());
    return absl::OkStatus();
  }

  void AddSet(int b, uint32_t set) {
    float* mixed = batch_.Add(BaseRow(b));
    for (size_t p = 0; p < players_.size(); ++p) {
      if (set >> p & 1) mixed[players_[p]] = row_[players_[p]];
    }
  }

  absl::Status Enumerate(int b) {
    const uint32_t everybody = (uint32_t{1} << players_.size()) - 1;
    if (static_cast<int>(everybody) > PredictionBatch::kBatchRows) return EnumerateInParts(b, everybody);
    ROICAST_RETURN_IF_ERROR(Begin(b, static_cast<int>(everybody) - 1, true, true));
    for (uint32_t set = 1; set < everybody; ++set) AddSet(b, set);
    return absl::OkStatus();
  }

  absl::Status EnumerateInParts(int b, uint32_t everybody) {
    ROICAST_RETURN_IF_ERROR(Finish());
    worth_.assign(everybody + 1, base_[b]);
    worth_[everybody] = prediction_;
    for (uint32_t set = 1; set < everybody;) {
      batch_.Clear();
      const uint32_t first = set;
      for (; set < everybody && batch_.room() > 0; ++set) AddSet(b, set);
      ROICAST_RETURN_IF_ERROR(batch_.Run());
      for (int i = 0; i < batch_.size(); ++i) worth_[first + i] = batch_.prediction(i);
    }
    batch_.Clear();
    AddSharesOfWorth(b, players_.data(), static_cast<int>(players_.size()));
    return absl::OkStatus();
  }

  void AddSharesOfWorth(int b, const int* players, int count) {
    shares_.assign(count, 0.0);
    AddShapleyValues(worth_, absl::MakeSpan(shares_));
    for (int p = 0; p < count; ++p) values_[players[p]] += weights_[b] * shares_[p];
  }

  // Mitchell, Cooper, Frank and Holmes, "Sampling Permutations for Shapley Value Estimation" (2022): a permutation and
  // its reverse. A pair is exact for a function without interactions of more than two features. Each background row has
  // pairs of its own, so that the background adds nothing to the error, and each walk adds up to f(x) − f(b).
  absl::Status Sample(int b, Random& random) {
    const int between = static_cast<int>(players_.size()) - 1;
    for (int round = 1; round <= options_.rounds; ++round) {
      random.Shuffle(players_);
      ROICAST_RETURN_IF_ERROR(Begin(b, 2 * between, false, round == options_.rounds));
      Walk(b, players_.begin(), between);
      Walk(b, players_.rbegin(), between);
    }
    return absl::OkStatus();
  }

  // From the background row towards `row_`, one feature at a time; neither end is predicted again.
  template <typename Order>
  void Walk(int b, Order order, int steps) {
    const float* from = BaseRow(b);
    for (int step = 0; step < steps; ++step, ++order) {
      float* mixed = batch_.Add(from);
      mixed[*order] = row_[*order];
      from = mixed;
    }
  }

  // Predicts what is in the batch, and does the work.
  absl::Status Finish() {
    if (work_.empty()) return absl::OkStatus();
    ROICAST_RETURN_IF_ERROR(batch_.Run());
    for (const Work& work : work_) {
      if (work.exact) {
        FinishSets(work);
        continue;
      }
      FinishPair(work);
      if (work.last) FinishRounds(work);
    }
    work_.clear();
    order_.clear();
    batch_.Clear();
    return absl::OkStatus();
  }

  void FinishSets(const Work& work) {
    worth_.resize(size_t{1} << work.players);
    worth_.front() = base_[work.background];
    worth_.back() = prediction_;
    for (size_t set = 1; set + 1 < worth_.size(); ++set) {
      worth_[set] = batch_.prediction(work.first + static_cast<int>(set) - 1);
    }
    AddSharesOfWorth(work.background, order_.data() + work.order, work.players);
  }

  void FinishPair(const Work& work) {
    const int* order = order_.data() + work.order;
    const int last = work.players - 1;
    shares_.resize(work.players);
    double before = base_[work.background];
    for (int step = 0; step <= last; ++step) {
      const double after = step < last ? batch_.prediction(work.first + step) : prediction_;
      shares_[step] = after - before;
      before = after;
    }
    before = base_[work.background];
    for (int step = 0; step <= last; ++step) {
      const double after = step < last ? batch_.prediction(work.first + last + step) : prediction_;
      const double mean = 0.5 * (shares_[last - step] + after - before);
      PairMoments& moments = moments_[order[last - step]];
      moments.sum += mean;
      moments.squares += mean * mean;
      before = after;
    }
  }

  void FinishRounds(const Work& work) {
    const double rounds = options_.rounds, weight = weights_[work.background];
    for (int p = 0; p < work.players; ++p) {
      const int feature = order_[work.order + p];
      PairMoments& moments = moments_[feature];
      const double mean = moments.sum / rounds;
      values_[feature] += weight * mean;
      variances_[feature] += weight * weight * std::max(moments.squares / rounds - mean * mean, 0.0) / (rounds - 1.0);
      moments = {};
    }
  }

  // The rounding of the sum goes into the largest value.
  void AddRest() {
    double rest = prediction_ - base_value_;
    for (int f = 0; f < features_; ++f) rest -= values_[f];
    *std::max_element(values_, values_ + features_, [](double a, double c) { return std::abs(a) < std::abs(c); }) +=
        rest;
  }

  const Background& background_;
  const ShapleyOptions& options_;
  const int features_;
  PredictionBatch batch_;
  RareStopCheck rare_;
  std::vector<float> base_;      // predictions of the background rows
  std::vector<double> weights_;  // with the sum 1
  double base_value_ = 0.0;

  // Of the row that is explained.
  const float* row_ = nullptr;
  double prediction_ = 0.0;
  double* values_ = nullptr;
  double* variances_ = nullptr;

  std::vector<int> players_;  // the features in which it differs from a background row
  std::vector<Work> work_;
  std::vector<int> order_;  // the players of all work
  std::vector<double> shares_;
  std::vector<double> worth_;
  std::vector<PairMoments> moments_;  // [features]
};

}  // namespace

absl::Status ShapleyOptions::Validate() const {
  if (rounds < 2 || rounds > kMaxShapleyRounds) {
    return absl::InvalidArgumentError(absl::StrCat("rounds: expected 2 to ", kMaxShapleyRounds, ", got ", rounds));
  }
  if (exact_features < 0 || exact_features > kMaxExactFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat("exact_features: expected 0 to ", kMaxExactFeatures, ", got ", exact_features));
  }
  return absl::OkStatus();
}

absl::StatusOr<Attributions> ExplainRows(const Predictor& predictor, const Background& background, const float* rows,
                                         int64_t n, const ShapleyOptions& options, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_RETURN_IF_ERROR(background.Validate(predictor.schema()));
  const int64_t features = predictor.schema().size();
  Explainer explainer(predictor, background, options, stop);
  ROICAST_RETURN_IF_ERROR(explainer.PredictBackground());
  Attributions result;
  result.base_value = explainer.base_value();
  result.predictions.resize(n);
  ROICAST_RETURN_IF_ERROR(explainer.batch().Predict(rows, n, absl::MakeSpan(result.predictions)));
  result.values.assign(n * features, kNoAttribution);
  result.standard_errors.assign(n * features, kNoAttribution);
  for (int64_t i = 0; i < n; ++i) {
    double* const values = result.values.data() + i * features;
    double* const errors = result.standard_errors.data() + i * features;
    if (std::isfinite(result.predictions[i])) {
      ROICAST_RETURN_IF_ERROR(explainer.Explain(rows + i * features, result.predictions[i], values, errors));
    }
    if (std::all_of(values, values + features, [](double x) { return std::isfinite(x); })) continue;
    result.predictions[i] = std::numeric_limits<float>::quiet_NaN();
    std::fill(values, values + features, kNoAttribution);
    std::fill(errors, errors + features, kNoAttribution);
  }
  result.evaluations = explainer.batch().evaluations();
  return result;
}

}  // namespace roicast
