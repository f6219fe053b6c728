#include "model/training/search/trial.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "model/training/capacity/folds.h"
#include "model/training/fit/network_fit.h"
#include "model/training/fit/unseen_categories.h"
#include "model/training/search/work.h"

namespace roicast {
namespace {

// As in select_capacity.cc: less may be chance.
constexpr double kTrialDeviations = 3.0;

}  // namespace

struct FoldTrials::FoldRows {
  std::vector<int64_t> inside, outside;
  RowMajorMatrix x;  // of the rows inside
  std::vector<float> y, weights;
};

FoldTrials::FoldTrials(const RowEncoder& encode, TargetTransform target, const TrainingSpec& spec, FitJournal& journal)
    : encode_(encode), transform_(target), spec_(spec), journal_(journal) {}

absl::Status FoldTrials::Begin() {
  ROICAST_ASSIGN_OR_RETURN(const EncodedRows* const rows, Encode(0));
  target_ = rows->target;
  roi_ = rows->train.roi;
  standardised_ = rows->train.standardised;
  weights_ = rows->train.weights;
  criterion_.emplace(spec_.training.loss, standardised_, weights_);
  ROICAST_ASSIGN_OR_RETURN(fold_of_, MemberFolds(rows->train, spec_, journal_.stop()));
  inputs_[0] = rows->preprocessor.encoded_size();
  return absl::OkStatus();
}

absl::StatusOr<const EncodedRows*> FoldTrials::Encode(int ramps) {
  if (!encoded_.has_value() || encoded_ramps_ != ramps) {
    encoded_.reset();
    ROICAST_ASSIGN_OR_RETURN(encoded_, encode_({ramps, transform_}));
    encoded_ramps_ = ramps;
  }
  return &*encoded_;
}

absl::StatusOr<std::optional<int>> FoldTrials::Inputs(int ramps) {
  const auto known = inputs_.find(ramps);
  if (known != inputs_.end()) return known->second;
  const absl::StatusOr<const EncodedRows*> rows = Encode(ramps);
  if (!rows.ok() && !absl::IsResourceExhausted(rows.status())) return rows.status();
  std::optional<int>& inputs = inputs_[ramps];
  if (rows.ok() && (*rows)->preprocessor.encoded_size() <= kMaxLinearInputs) {
    inputs = (*rows)->preprocessor.encoded_size();
  }
  return inputs;
}

double FoldTrials::Seconds(const Candidate& candidate, int64_t steps, int from, int to) const {
  const int inputs = *inputs_.at(candidate.RampCount());
  const std::vector<int> hidden = candidate.Hidden();
  const int64_t inside = rows() - rows() / kEnsembleMembers;
  NetworkOptions network;
  TrainingOptions options = spec_.training;
  ApplyCapacity({steps, 0.0, 0.0}, inside, network, options);
  const int64_t batch = options.batch_size == 0 ? inside : std::min<int64_t>(options.batch_size, inside);
  const double batches = static_cast<double>((inside + batch - 1) / batch) * options.epochs;
  const double of_32_rows = std::max(1.0, static_cast<double>(batch) / 32.0);
  return (to - from) * (batches * of_32_rows * StepSeconds(inputs, hidden, candidate.Dropout() > 0.0) +
                        EvaluationSeconds(rows() / kEnsembleMembers, inputs, hidden));
}

double FoldTrials::LinearSeconds(int ramps) const {
  const int64_t inside = rows() - rows() / kEnsembleMembers;
  return kEnsembleMembers * LinearPathSeconds(spec_.training.loss, inside, *inputs_.at(ramps));
}

absl::StatusOr<FoldTrials::FoldRows> FoldTrials::RowsOf(const EncodedRows& rows, int fold) const {
  FoldRows part;
  for (size_t row = 0; row < fold_of_.size(); ++row) {
    (fold_of_[row] == fold ? part.outside : part.inside).push_back(static_cast<int64_t>(row));
  }
  ROICAST_ASSIGN_OR_RETURN(part.x, CopyRows(rows.train.encoded, part.inside, journal_.stop()));
  for (const int64_t row : part.inside) {
    part.y.push_back(standardised_[row]);
    if (!weights_.empty()) part.weights.push_back(weights_[row]);
  }
  return part;
}

absl::StatusOr<const LinearModel*> FoldTrials::LinearOf(const EncodedRows& rows, const FoldRows& fold, int number) {
  LinearPaths& paths = linear_[encoded_ramps_];
  paths.models.resize(kEnsembleMembers);
  paths.out_of_fold.resize(fold_of_.size());
  std::optional<LinearModel>& model = paths.models[number];
  if (!model.has_value()) {
    ROICAST_ASSIGN_OR_RETURN(
        model, FitLinearPath(spec_.training.loss, fold.x, fold.y, fold.weights, nullptr, journal_.stop()));
    for (const int64_t row : fold.outside) {
      paths.out_of_fold[row] = model->Evaluate(rows.train.encoded.row(row).data());
    }
  }
  return &*model;
}

absl::Status FoldTrials::Extend(absl::Span<Trial* const> trials, int folds, const std::function<void(int)>& on_fitted) {
  fitted_ = 0;
  std::set<int> ramp_counts;
  for (const Trial* trial : trials) ramp_counts.insert(trial->candidate.RampCount());
  for (const int ramps : ramp_counts) {
    ROICAST_ASSIGN_OR_RETURN(const EncodedRows* const rows, Encode(ramps));
    std::vector<Trial*> same;
    for (Trial* const trial : trials) {
      if (trial->candidate.RampCount() == ramps && trial->folds < folds) same.push_back(trial);
    }
    // What is complete counts, what the time limit ended does not.
    std::vector<Trial> extended;
    for (const Trial* trial : same) extended.push_back(*trial);
    std::vector<Trial*> pointers;
    for (Trial& trial : extended) pointers.push_back(&trial);
    for (int fold = 0; fold < folds; ++fold) {
      ROICAST_RETURN_IF_ERROR(ExtendFold(*rows, pointers, fold, on_fitted));
      if (journal_.out_of_time()) return absl::OkStatus();
    }
    for (size_t i = 0; i < same.size(); ++i) {
      *same[i] = std::move(extended[i]);
      Score(*same[i]);
    }
  }
  return absl::OkStatus();
}

absl::Status FoldTrials::ExtendFold(const EncodedRows& rows, absl::Span<Trial* const> trials, int fold,
                                    const std::function<void(int)>& on_fitted) {
  std::vector<Trial*> open;
  for (Trial* const trial : trials) {
    if (trial->folds == fold) open.push_back(trial);
  }
  if (open.empty()) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(FoldRows part, RowsOf(rows, fold));
  std::vector<FitRequest> requests;
  std::vector<float> offsets;
  if (!part.inside.empty()) {
    ROICAST_ASSIGN_OR_RETURN(const LinearModel* const linear, LinearOf(rows, part, fold));
    // A network learns what the linear path leaves.
    for (size_t i = 0; i < part.inside.size(); ++i) {
      const auto z = static_cast<float>(linear->Evaluate(part.x.row(static_cast<Eigen::Index>(i)).data()));
      if (spec_.training.loss == Loss::kLogistic) {
        offsets.push_back(z);
      } else {
        part.y[i] -= z;
      }
    }
    for (const Trial* trial : open) {
      const Candidate& candidate = trial->candidate;
      const TrainingSpec own = candidate.SpecOf(spec_);
      FitRequest request{{&part.x, part.y, part.weights, offsets}, BesideLinearPath(own.network), own.training};
      request.options.seed += static_cast<uint64_t>(fold);
      ApplyCapacity({trial->steps, candidate.Dropout(), candidate.WeightDecay()},
                    static_cast<int64_t>(part.inside.size()), request.network, request.options);
      requests.push_back(std::move(request));
    }
  }
  const std::vector<absl::StatusOr<TrainingResult>> results = journal_.FitAll(requests, [&](size_t done) {
    if (on_fitted) on_fitted(fitted_ + static_cast<int>(done));
  });
  fitted_ += static_cast<int>(results.size());
  const StopCheck stop = journal_.stop();
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (size_t i = 0; i < open.size(); ++i) {
    Trial& trial = *open[i];
    trial.network.resize(fold_of_.size(), 0.0);
    trial.networks.emplace_back();
    trial.seconds += Seconds(trial.candidate, trial.steps, fold, fold + 1);
    ++trial.folds;
    if (results.empty()) continue;
    // One candidate that diverges is no reason to fail: others do not.
    if (absl::IsFailedPrecondition(results[i].status())) continue;
    ROICAST_RETURN_IF_ERROR(results[i].status());
    trial.networks.back() = results[i]->mlp;
    for (const int64_t row : part.outside) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      trial.network[row] = trial.networks.back().Evaluate(rows.train.encoded.row(row).data());
    }
  }
  return absl::OkStatus();
}

void FoldTrials::Score(Trial& trial) const {
  const std::vector<double>& linear = Linear(trial.candidate.RampCount());
  std::vector<float> truth, weights;
  std::vector<double> path, network;
  for (size_t row = 0; row < fold_of_.size(); ++row) {
    if (fold_of_[row] >= trial.folds) continue;
    truth.push_back(standardised_[row]);
    if (!weights_.empty()) weights.push_back(weights_[row]);
    path.push_back(linear[row]);
    network.push_back(trial.network[row]);
  }
  const FoldCriterion criterion(spec_.training.loss, truth, weights);
  const bool diverged =
      std::any_of(trial.networks.begin(), trial.networks.end(), [](const Mlp& mlp) { return mlp.layers.empty(); });
  const ShareFit fit = criterion.FitShare(path, network);
  trial.share = !diverged && fit.share > kTrialDeviations * fit.deviation ? std::min(fit.share, 1.0) : 0.0;
  for (size_t i = 0; i < path.size(); ++i) path[i] += trial.share * network[i];
  trial.score = criterion.Score(path);
}

std::vector<double> FoldTrials::OutOfFold(const Trial& trial) const {
  ROICAST_CHECK(trial.folds == kEnsembleMembers);
  std::vector<double> predicted = Linear(trial.candidate.RampCount());
  for (size_t row = 0; row < predicted.size(); ++row) predicted[row] += trial.share * trial.network[row];
  return predicted;
}

absl::StatusOr<FoldTrials::Members> FoldTrials::MembersOf(const Trial& trial, double share) {
  ROICAST_CHECK(trial.folds == kEnsembleMembers);
  ROICAST_ASSIGN_OR_RETURN(const EncodedRows* const rows, Encode(trial.candidate.RampCount()));
  Members members;
  members.out_of_fold.assign(fold_of_.size(), 0.0);
  const StopCheck stop = journal_.stop();
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (int fold = 0; fold < kEnsembleMembers; ++fold) {
    ROICAST_ASSIGN_OR_RETURN(const FoldRows part, RowsOf(*rows, fold));
    if (part.inside.empty()) continue;
    ROICAST_ASSIGN_OR_RETURN(const LinearModel* const linear, LinearOf(*rows, part, fold));
    const auto member = [&](double with_share) -> absl::StatusOr<Mlp> {
      Mlp mlp = trial.share > 0.0 ? WithLinearPath(trial.networks[fold], with_share, *linear) : LinearNetwork(*linear);
      ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(part.x, rows->preprocessor, stop, mlp));
      return mlp;
    };
    ROICAST_ASSIGN_OR_RETURN(const Mlp single, member(trial.share));
    for (const int64_t row : part.outside) {
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      members.out_of_fold[row] = single.Evaluate(rows->train.encoded.row(row).data());
    }
    ROICAST_ASSIGN_OR_RETURN(Mlp shared, member(share));
    members.mlps.push_back(std::move(shared));
  }
  return members;
}

}  // namespace roicast
