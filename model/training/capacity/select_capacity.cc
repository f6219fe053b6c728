#include "model/training/capacity/select_capacity.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <iterator>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "model/training/capacity/fold_criterion.h"
#include "model/training/capacity/folds.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/fit/row_part.h"

namespace roicast {
namespace {

// docs/adr/0074-capacity.md has the comparison that led to these.
struct Length {
  int64_t steps;
  int64_t fewest_rows;  // with fewer, nothing is gained by it
};
constexpr Length kLengths[] = {{2'000, 0}, {10'000, 0}, {40'000, 0}, {160'000, 3'000}, {640'000, 40'000}};
struct Hold {
  double dropout, weight_decay;
};
constexpr Hold kHolds[] = {{0.0, 0.008}, {0.05, 0.008}, {0.1, 0.03}, {0.2, 0.1}, {0.4, 0.4}};
// A setting as indices of kLengths and kHolds.
struct Place {
  int length = 0, hold = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};
constexpr Place kFirst[] = {{0, 4}, {0, 3}, {1, 3}, {1, 2}, {1, 1}};
constexpr Place kQuickOnes[] = {{1, 3}, {1, 1}};
// A setting is better if it takes away this share of the squared error.
constexpr double kWorthwhile = 0.005;
// A share of a network is more than chance if it is so many standard deviations above 0.
constexpr double kDeviations = 3.0;
constexpr int64_t kFewestEpochs = 3, kMostEpochs = 100'000;

Capacity CapacityAt(Place place) {
  return {kLengths[place.length].steps, kHolds[place.hold].dropout, kHolds[place.hold].weight_decay};
}

// Of the rows inside: what the network learns, and what the linear path adds to it. A squared error is that of
// residuals without offsets.
struct Fold {
  std::vector<int64_t> inside, outside;
  std::vector<float> targets, weights, offsets;
};

class Selection {
 public:
  Selection(const TrainingRows& rows, const NetworkOptions& network, const TrainingOptions& options,
            FitJournal& journal)
      : rows_(rows),
        network_(network),
        options_(options),
        journal_(journal),
        stop_(journal.stop()),
        criterion_(options.loss, rows.y, rows.weights),
        linear_(rows.y.size(), 0.0) {}

  absl::StatusOr<CapacitySelection> Run(absl::Span<const int64_t> groups, CapacitySearch search) {
    ROICAST_RETURN_IF_ERROR(MakeFolds(groups));
    const bool quick = search == CapacitySearch::kQuick;
    for (const Place place : quick ? absl::MakeConstSpan(kQuickOnes) : absl::MakeConstSpan(kFirst)) {
      ROICAST_RETURN_IF_ERROR(Try(place));
    }
    bool better = selection_.network_share > 0.0 && !quick;
    while (better) {
      better = false;
      const Place from = best_;
      for (const Place to : Neighbours(from)) {
        if (!Exists(to) || tried_.contains(to)) continue;
        ROICAST_RETURN_IF_ERROR(Try(to));
        better = best_ != from;
        if (better) break;
      }
    }
    return Finish();
  }

  absl::StatusOr<CapacitySelection> RunOnly(absl::Span<const int64_t> groups, const Capacity& capacity) {
    ROICAST_RETURN_IF_ERROR(MakeFolds(groups));
    for (int length = 0; length < static_cast<int>(std::size(kLengths)); ++length) {
      for (int hold = 0; hold < static_cast<int>(std::size(kHolds)); ++hold) {
        if (CapacityAt({length, hold}) == capacity) ROICAST_RETURN_IF_ERROR(Try({length, hold}));
      }
    }
    return Finish();
  }

 private:
  CapacitySelection Finish() {
    if (selection_.out_of_time) GiveUp();
    for (ComparedCapacity& compared : selection_.report.compared) {
      compared.chosen = selection_.network_share > 0.0 && compared.capacity == selection_.chosen;
    }
    selection_.r2 = criterion_.Score(selection_.out_of_fold);
    return std::move(selection_);
  }

  // In the order in which they are tried.
  static std::vector<Place> Neighbours(Place from) {
    const Place longer{from.length + 1, from.hold};
    const Place less{from.length, from.hold - 1}, more{from.length, from.hold + 1};
    const auto is_long = [](Place place) {
      return place.length < static_cast<int>(std::size(kLengths)) && kLengths[place.length].steps >= kLongSchedule;
    };
    if (is_long(from)) return {longer, less};
    if (is_long(longer)) return {less, more, longer};
    return {longer, less, more};
  }

  absl::Status MakeFolds(absl::Span<const int64_t> groups) {
    selection_.fold_of = AssignFolds(rows_, groups, kCapacityFolds, options_.loss, options_.seed);
    const std::vector<int>& fold_of = selection_.fold_of;
    for (int k = 0; k < kCapacityFolds; ++k) {
      ROICAST_RETURN_IF_ERROR(stop_());
      Fold& fold = folds_.emplace_back();
      for (size_t row = 0; row < fold_of.size(); ++row) {
        (fold_of[row] == k ? fold.outside : fold.inside).push_back(static_cast<int64_t>(row));
      }
      if (fold.inside.empty()) {
        selection_.fold_models.emplace_back();
        continue;
      }
      for (const int64_t row : fold.inside) {
        fold.targets.push_back(rows_.y[row]);
        if (!rows_.weights.empty()) fold.weights.push_back(rows_.weights[row]);
      }
      ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix x, CopyRows(*rows_.x, fold.inside, stop_));
      ROICAST_ASSIGN_OR_RETURN(const LinearModel linear,
                               FitLinearPath(options_.loss, x, fold.targets, fold.weights, rows_.linear_input, stop_));
      RareStopCheck rare(&stop_, kRowsPerStopCheck);
      for (size_t i = 0; i < fold.inside.size(); ++i) {
        ROICAST_RETURN_IF_ERROR(rare.Done(1));
        const auto z = static_cast<float>(linear.Evaluate(Row(fold.inside[i])));
        if (options_.loss == Loss::kLogistic) {
          fold.offsets.push_back(z);
        } else {
          fold.targets[i] -= z;
        }
      }
      for (const int64_t row : fold.outside) {
        ROICAST_RETURN_IF_ERROR(rare.Done(1));
        linear_[row] = linear.Evaluate(Row(row));
      }
      selection_.fold_models.push_back({linear, {}});
    }
    KeepLinearPath();
    selection_.report.linear_r2 = best_r2_;
    return absl::OkStatus();
  }

  const float* Row(int64_t row) const { return rows_.x->row(row).data(); }

  void KeepLinearPath() {
    selection_.network_share = 0.0;
    selection_.out_of_fold = linear_;
    selection_.network_out_of_fold.clear();
    for (FoldModel& model : selection_.fold_models) model.network = Mlp();
    best_r2_ = criterion_.Score(linear_);
  }

  // The clock differs from run to run: what was compared until then must not decide.
  void GiveUp() {
    KeepLinearPath();
    selection_.chosen = {};
  }

  bool Exists(Place place) const {
    return place.length < static_cast<int>(std::size(kLengths)) && place.hold >= 0 &&
           place.hold < static_cast<int>(std::size(kHolds)) && rows_.x->rows() >= kLengths[place.length].fewest_rows;
  }

  absl::Status Try(Place place) {
    if (selection_.out_of_time) return absl::OkStatus();
    tried_.insert(place);
    ComparedCapacity compared{CapacityAt(place), 0.0, 0.0, false};
    std::vector<double> network(linear_.size(), 0.0);
    tried_networks_.assign(kCapacityFolds, Mlp());
    for (int k = 0; k < kCapacityFolds; ++k) {
      const absl::Status status = PredictOutside(folds_[k], k, compared.capacity, network);
      // One setting that diverges is no reason to fail: others do not.
      if (absl::IsFailedPrecondition(status)) {
        std::fill(network.begin(), network.end(), 0.0);
        break;
      }
      ROICAST_RETURN_IF_ERROR(status);
      if (selection_.out_of_time) return absl::OkStatus();
    }
    Compare(place, std::move(network), compared);
    return absl::OkStatus();
  }

  // Trains on the rows inside, and fills in the rows outside.
  absl::Status PredictOutside(const Fold& fold, int k, const Capacity& capacity, std::vector<double>& network) {
    if (fold.inside.empty() || fold.outside.empty()) return absl::OkStatus();
    NetworkOptions shape = network_;
    TrainingOptions options = options_;
    ApplyCapacity(capacity, static_cast<int64_t>(fold.inside.size()), shape, options);
    options.seed = options_.seed + static_cast<uint64_t>(k);
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix x, CopyRows(*rows_.x, fold.inside, stop_));
    ROICAST_ASSIGN_OR_RETURN(const TrainingResult result,
                             journal_.Fit({&x, fold.targets, fold.weights, fold.offsets, rows_.linear_input}, {}, shape,
                                          options, FitProgress::kHidden));
    selection_.out_of_time = journal_.out_of_time();
    RareStopCheck rare(&stop_, kRowsPerStopCheck);
    for (const int64_t row : fold.outside) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      network[row] = result.mlp.Evaluate(Row(row));
    }
    tried_networks_[k] = result.mlp;
    return absl::OkStatus();
  }

  // The share of the network is the one that fits best what the linear path leaves: 0 if it may be chance.
  void Compare(Place place, std::vector<double> network, ComparedCapacity compared) {
    const ShareFit fit = criterion_.FitShare(linear_, network);
    compared.network_share = fit.share > kDeviations * fit.deviation ? std::min(fit.share, 1.0) : 0.0;
    std::vector<double> predicted = linear_;
    for (size_t i = 0; i < network.size(); ++i) predicted[i] += compared.network_share * network[i];
    compared.r2 = criterion_.Score(predicted);
    selection_.report.compared.push_back(compared);
    journal_.observer().OnCompared(static_cast<int>(selection_.report.compared.size()));
    if (compared.network_share == 0.0 || 1.0 - compared.r2 > (1.0 - kWorthwhile) * (1.0 - best_r2_)) return;
    best_ = place;
    best_r2_ = compared.r2;
    selection_.chosen = compared.capacity;
    selection_.network_share = compared.network_share;
    selection_.out_of_fold = std::move(predicted);
    selection_.network_out_of_fold = std::move(network);
    for (int k = 0; k < kCapacityFolds; ++k) selection_.fold_models[k].network = std::move(tried_networks_[k]);
  }

  const TrainingRows rows_;
  const NetworkOptions network_;
  const TrainingOptions options_;
  FitJournal& journal_;
  const StopCheck stop_;
  const FoldCriterion criterion_;
  std::vector<Fold> folds_;
  std::vector<double> linear_;  // out of fold
  std::set<Place> tried_;
  std::vector<Mlp> tried_networks_;  // per fold, of the setting that is compared
  Place best_ = kFirst[0];
  double best_r2_ = 0.0;
  CapacitySelection selection_;
};

}  // namespace

double FoldModel::Evaluate(const float* encoded_row, double network_share) const {
  const double z = linear.Evaluate(encoded_row);
  return network.layers.empty() ? z : z + network_share * network.Evaluate(encoded_row);
}

void ApplyCapacity(const Capacity& capacity, int64_t rows, NetworkOptions& network, TrainingOptions& options) {
  ROICAST_CHECK(rows > 0);
  const int64_t batch = options.batch_size == 0 ? rows : std::min<int64_t>(options.batch_size, rows);
  const int64_t steps_per_epoch = (rows + batch - 1) / batch;
  network.dropout = capacity.dropout;
  options.weight_decay = capacity.weight_decay;
  options.epochs = static_cast<int>(std::clamp(capacity.steps / steps_per_epoch, kFewestEpochs, kMostEpochs));
  options.warmup_epochs = std::clamp(options.epochs / 10, 1, 2);
}

absl::StatusOr<CapacitySelection> SelectCapacity(const TrainingRows& rows, absl::Span<const int64_t> groups,
                                                 const NetworkOptions& network, const TrainingOptions& options,
                                                 FitJournal& journal, CapacitySearch search) {
  ROICAST_CHECK(rows.x != nullptr && groups.size() == rows.y.size());
  return Selection(rows, network, options, journal).Run(groups, search);
}

absl::StatusOr<CapacitySelection> TryCapacity(const TrainingRows& rows, absl::Span<const int64_t> groups,
                                              const NetworkOptions& network, const TrainingOptions& options,
                                              const Capacity& capacity, FitJournal& journal) {
  ROICAST_CHECK(rows.x != nullptr && groups.size() == rows.y.size());
  return Selection(rows, network, options, journal).RunOnly(groups, capacity);
}

}  // namespace roicast
