#include "model/training/fit/network_fit.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/evaluation/metrics.h"
#include "model/network/ensemble.h"
#include "model/training/capacity/ensemble_share.h"
#include "model/training/capacity/fold_criterion.h"
#include "model/training/capacity/folds.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/log_odds_scale.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/fit/shrinkage.h"
#include "model/training/fit/unseen_categories.h"

namespace roicast {
namespace {

constexpr size_t kMostShrinkageRows = 10'000;

DataWarning TimeWarning() {
  DataWarning warning;
  warning.serious = true;
  warning.message =
      "the time limit passed before a network was trained: the model is a linear one. With fixed epochs no settings "
      "are compared";
  warning.flags = {"--epochs 100"};
  return warning;
}

// Some rows of a part.
struct RowsOfFold {
  RowMajorMatrix x;
  std::vector<float> y, weights;
  const LinearInput* linear_input = nullptr;

  static absl::StatusOr<RowsOfFold> Create(const RowPart& part, absl::Span<const int64_t> rows, const StopCheck& stop) {
    RowsOfFold of_fold;
    ROICAST_ASSIGN_OR_RETURN(of_fold.x, CopyRows(part.encoded, rows, stop));
    for (const int64_t row : rows) {
      of_fold.y.push_back(part.standardised[row]);
      if (!part.weights.empty()) of_fold.weights.push_back(part.weights[row]);
    }
    of_fold.linear_input = part.ForTrainer().linear_input;
    return of_fold;
  }
  TrainingRows ForTrainer() const {
    TrainingRows rows;
    rows.x = &x;
    rows.y = y;
    rows.weights = weights;
    rows.linear_input = linear_input;
    return rows;
  }
};

// A linear path, and a network of the chosen capacity that has learnt what it leaves: none if its share is 0, or if
// there was no time for an epoch.
absl::StatusOr<FoldModel> FitApart(const TrainingRows& rows, const TrainingSpec& spec,
                                   const CapacitySelection& selection, int member, LinearModel linear,
                                   TrainingResult& training, FitJournal& journal) {
  const Loss loss = spec.training.loss;
  FoldModel model{std::move(linear), {}};
  if (selection.network_share == 0.0) return model;
  std::vector<float> path(rows.y.size());
  const StopCheck stop = journal.stop();
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (size_t i = 0; i < path.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    path[i] = static_cast<float>(model.linear.Evaluate(rows.x->row(static_cast<Eigen::Index>(i)).data()));
  }
  std::vector<float> residuals(rows.y.begin(), rows.y.end());
  TrainingRows left = rows;
  if (loss == Loss::kLogistic) {
    left.offsets = path;
  } else {
    for (size_t i = 0; i < path.size(); ++i) residuals[i] -= path[i];
    left.y = residuals;
  }
  NetworkOptions network = BesideLinearPath(spec.network);
  TrainingOptions options = spec.training;
  options.seed += static_cast<uint64_t>(member);
  ApplyCapacity(selection.chosen, rows.x->rows(), network, options);
  journal.observer().OnEpochsChosen(options.epochs);
  ROICAST_ASSIGN_OR_RETURN(training, journal.Fit(left, {}, network, options, FitProgress::kShown));
  // Without a complete epoch, the weights are still random.
  if (training.epochs_run > 0) model.network = training.mlp;
  return model;
}

absl::StatusOr<LinearModel> LinearPathOf(const TrainingRows& rows, const TrainingSpec& spec, FitJournal& journal) {
  return FitLinearPath(spec.training.loss, *rows.x, rows.y, rows.weights, rows.linear_input, journal.stop());
}

Mlp CombineWithPath(const FoldModel& model, double network_share) {
  return model.network.layers.empty() ? LinearNetwork(model.linear)
                                      : WithLinearPath(model.network, network_share, model.linear);
}

// The share of the mean of the members: from what they say of rows that they have not learnt from, and from what the
// networks of the selection said of them.
double ShareOfMembers(const RowPart& train, Loss loss, const CapacitySelection& selection,
                      const UnseenPrediction& members) {
  if (selection.ensemble_share.has_value()) return *selection.ensemble_share;
  if (selection.network_out_of_fold.empty()) return selection.network_share;
  UnseenPrediction selected{selection.out_of_fold, selection.network_out_of_fold};
  for (size_t row = 0; row < selected.linear.size(); ++row) {
    selected.linear[row] -= selection.network_share * selected.network[row];
  }
  return EnsembleShare(FoldCriterion(loss, train.standardised, train.weights), selected, members, kEnsembleMembers,
                       selection.network_share);
}

// Makes predictions as sure as rows show that the network has not learnt from.
absl::Status ScaleByValidation(const RowPart& validation, const StopCheck& stop, Mlp& mlp) {
  std::vector<double> log_odds;
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (size_t i = 0; i < validation.roi.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    log_odds.push_back(mlp.Evaluate(validation.encoded.row(static_cast<Eigen::Index>(i)).data()));
  }
  ScaleLogOdds(FitLogOddsScale(validation.standardised, log_odds, validation.weights), mlp);
  return absl::OkStatus();
}

// Moves predictions towards the mean if the validation rows show that they do not hold elsewhere, or if the training
// rows make it likely.
void Shrink(const RowPart& train, const RowPart& validation, NetworkFit& fit) {
  const bool validated = !validation.roi.empty();
  const RowPart& part = validated ? validation : train;
  const size_t count = std::min(part.roi.size(), kMostShrinkageRows);
  std::vector<double> truth, predicted;
  std::vector<float> weights;
  for (size_t i = 0; i < count; ++i) {
    const size_t row = i * part.roi.size() / count;
    truth.push_back(part.standardised[row]);
    predicted.push_back(fit.mlp.Evaluate(part.encoded.row(static_cast<int64_t>(row)).data()));
    if (!part.weights.empty()) weights.push_back(part.weights[row]);
  }
  const auto rows = static_cast<int64_t>(part.roi.size());
  const double factor =
      validated ? LearnShrinkage(truth, predicted, weights) : GuessShrinkage(truth, predicted, rows, fit.mlp.inputs());
  if (factor == 1.0) return;
  ScaleOutput(factor, fit.mlp);
  fit.warnings.push_back(ShrinkageWarning(factor, rows, validated));
}

}  // namespace

NetworkOptions BesideLinearPath(NetworkOptions options) {
  for (int& units : options.hidden) units = std::max(1, units - 2);
  return options;
}

absl::StatusOr<std::vector<int>> MemberFolds(const RowPart& train, const TrainingSpec& spec, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, train.EqualRows(stop));
  return AssignFolds(train.ForTrainer(), groups, kEnsembleMembers, spec.training.loss, spec.training.seed + 1);
}

absl::StatusOr<Mlp> FitBesideLinearPath(const TrainingRows& rows, const TrainingSpec& spec,
                                        const CapacitySelection& selection, int member, TrainingResult& training,
                                        FitJournal& journal) {
  ROICAST_ASSIGN_OR_RETURN(LinearModel linear, LinearPathOf(rows, spec, journal));
  ROICAST_ASSIGN_OR_RETURN(const FoldModel model,
                           FitApart(rows, spec, selection, member, std::move(linear), training, journal));
  return CombineWithPath(model, selection.network_share);
}

absl::StatusOr<std::optional<DataWarning>> JudgeOutOfFold(Loss loss, const RowPart& train,
                                                          absl::Span<const double> out_of_fold, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, train.EqualRows(stop));
  const std::vector<double> truth(train.standardised.begin(), train.standardised.end());
  std::vector<double> constant(truth.size(), 0.0), predicted(out_of_fold.begin(), out_of_fold.end());
  if (loss == Loss::kLogistic) {
    for (double& z : predicted) z = Probability(z);
    const double rate = std::accumulate(truth.begin(), truth.end(), 0.0) / static_cast<double>(truth.size());
    std::fill(constant.begin(), constant.end(), rate);
  }
  MetricsWithBaseline metrics;
  metrics.model.rows = static_cast<int64_t>(truth.size());
  metrics.model.transformed = EvaluateRegression(truth, predicted);
  metrics.baseline.transformed = EvaluateRegression(truth, constant);
  metrics.distinct_inputs = *std::max_element(groups.begin(), groups.end()) + 1;
  metrics.r2_standard_error = RelativeR2StandardError(truth, predicted, constant, groups);
  if (JudgeAgainstConstant(metrics) == ConstantVerdict::kBetter) return std::optional<DataWarning>();
  DataWarning warning;
  warning.serious = true;
  warning.message = absl::StrFormat(
      "the inputs do not tell the target: on %d rows that were not learnt from, neither a linear model nor a network "
      "is shown to be better than the mean of all rows (R² %.4f)",
      metrics.model.rows, RelativeR2(metrics));
  return warning;
}

absl::StatusOr<CapacitySelection> ChooseCapacity(const RowPart& train, const TrainingSpec& spec, FitJournal& journal,
                                                 CapacitySearch search) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, train.EqualRows(journal.stop()));
  return SelectCapacity(train.ForTrainer(), groups, BesideLinearPath(spec.network), spec.training, journal, search);
}

absl::StatusOr<CapacitySelection> TryCapacityOf(const RowPart& train, const TrainingSpec& spec,
                                                const Capacity& capacity, FitJournal& journal) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, train.EqualRows(journal.stop()));
  return TryCapacity(train.ForTrainer(), groups, BesideLinearPath(spec.network), spec.training, capacity, journal);
}

absl::StatusOr<NetworkFit> FitChosenNetwork(const RowPart& train, const Preprocessor& preprocessor,
                                            const TrainingSpec& spec, const CapacitySelection& selection,
                                            FitJournal& journal) {
  NetworkFit fit;
  fit.out_of_fold = selection.out_of_fold;
  fit.training.stop_reason = selection.out_of_time ? "time limit" : "a linear model is enough";
  ROICAST_ASSIGN_OR_RETURN(fit.mlp, FitBesideLinearPath(train.ForTrainer(), spec, selection, 0, fit.training, journal));
  if (selection.out_of_time || (selection.network_share > 0.0 && fit.training.epochs_run == 0)) {
    fit.warnings.push_back(TimeWarning());
  }
  ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(train.encoded, preprocessor, journal.stop(), fit.mlp));
  return fit;
}

absl::StatusOr<EnsembleMembers> FitMembers(const RowPart& train, const Preprocessor& preprocessor,
                                           const TrainingSpec& spec, const CapacitySelection& selection,
                                           FitJournal& journal) {
  const StopCheck stop = journal.stop();
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int> fold_of, MemberFolds(train, spec, stop));
  EnsembleMembers members;
  members.out_of_fold.assign(train.roi.size(), 0.0);
  UnseenPrediction unseen{members.out_of_fold, members.out_of_fold};
  std::vector<FoldModel> models;
  std::vector<std::vector<int64_t>> inside(kEnsembleMembers);
  for (int member = 0; member < kEnsembleMembers; ++member) {
    journal.observer().OnStep(absl::StrFormat("member %d of %d", member + 1, kEnsembleMembers));
    for (size_t row = 0; row < fold_of.size(); ++row) {
      if (fold_of[row] != member) inside[member].push_back(static_cast<int64_t>(row));
    }
    FoldModel& model = models.emplace_back();
    if (inside[member].empty()) continue;
    ROICAST_ASSIGN_OR_RETURN(const RowsOfFold rows, RowsOfFold::Create(train, inside[member], stop));
    TrainingResult training;
    ROICAST_ASSIGN_OR_RETURN(LinearModel linear, LinearPathOf(rows.ForTrainer(), spec, journal));
    ROICAST_ASSIGN_OR_RETURN(
        model, FitApart(rows.ForTrainer(), spec, selection, member, std::move(linear), training, journal));
    if (selection.network_share > 0.0) members.training = std::move(training);
    if (journal.out_of_time()) return EnsembleMembers();
    Mlp single = CombineWithPath(model, selection.network_share);
    ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(rows.x, preprocessor, stop, single));
    RareStopCheck rare(&stop, kRowsPerStopCheck);
    for (size_t row = 0; row < fold_of.size(); ++row) {
      if (fold_of[row] != member) continue;
      ROICAST_RETURN_IF_ERROR(rare.Done(1));
      const float* const encoded = train.encoded.row(static_cast<Eigen::Index>(row)).data();
      members.out_of_fold[row] = single.Evaluate(encoded);
      unseen.linear[row] = model.linear.Evaluate(encoded);
      if (!model.network.layers.empty()) unseen.network[row] = model.network.Evaluate(encoded);
    }
  }
  members.network_share = ShareOfMembers(train, spec.training.loss, selection, unseen);
  for (int member = 0; member < kEnsembleMembers; ++member) {
    if (inside[member].empty()) continue;
    Mlp mlp = CombineWithPath(models[member], members.network_share);
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix x, CopyRows(train.encoded, inside[member], stop));
    ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(x, preprocessor, stop, mlp));
    members.mlps.push_back(std::move(mlp));
  }
  return members;
}

absl::StatusOr<EnsembleMembers> FitMembersToAll(const RowPart& train, const Preprocessor& preprocessor,
                                                const TrainingSpec& spec, const CapacitySelection& selection,
                                                FitJournal& journal) {
  EnsembleMembers members;
  members.network_share = selection.ensemble_share.value_or(selection.network_share);
  ROICAST_ASSIGN_OR_RETURN(const LinearModel linear, LinearPathOf(train.ForTrainer(), spec, journal));
  for (int member = 0; member < kEnsembleMembers; ++member) {
    journal.observer().OnStep(absl::StrFormat("member %d of %d", member + 1, kEnsembleMembers));
    TrainingResult training;
    ROICAST_ASSIGN_OR_RETURN(const FoldModel model,
                             FitApart(train.ForTrainer(), spec, selection, member, linear, training, journal));
    if (selection.network_share > 0.0) members.training = std::move(training);
    if (journal.out_of_time()) return EnsembleMembers();
    ROICAST_RETURN_IF_ERROR(
        SettleUnseenCategories(train.encoded, preprocessor, journal.stop(),
                               members.mlps.emplace_back(CombineWithPath(model, members.network_share))));
  }
  return members;
}

absl::StatusOr<NetworkFit> FitEnsemble(const RowPart& train, const Preprocessor& preprocessor, const TrainingSpec& spec,
                                       const CapacitySelection& selection, FitJournal& journal) {
  // Nobody asks what a fit again would say of its rows without them.
  const auto fit_members = selection.ensemble_share.has_value() ? FitMembersToAll : FitMembers;
  ROICAST_ASSIGN_OR_RETURN(EnsembleMembers members, fit_members(train, preprocessor, spec, selection, journal));
  if (members.mlps.empty()) return FitChosenNetwork(train, preprocessor, spec, selection, journal);
  NetworkFit fit;
  fit.training.stop_reason = selection.out_of_time ? "time limit" : "a linear model is enough";
  if (selection.network_share > 0.0) fit.training = std::move(members.training);
  fit.out_of_fold = std::move(members.out_of_fold);
  fit.ensemble_share = members.network_share;
  fit.mlp = CombineMembers(members.mlps);
  fit.members = selection.network_share > 0.0 ? static_cast<int>(members.mlps.size()) : 1;
  return fit;
}

absl::StatusOr<NetworkFit> FitFixedNetwork(const RowPart& train, const RowPart& validation,
                                           const Preprocessor& preprocessor, const TrainingSpec& spec,
                                           const Mlp* warm_start, FitJournal& journal) {
  journal.observer().OnEpochsChosen(spec.training.epochs);
  const NetworkOptions network = warm_start != nullptr ? ShapeOf(*warm_start, spec.network) : spec.network;
  NetworkFit fit;
  ROICAST_ASSIGN_OR_RETURN(fit.training, journal.Fit(train.ForTrainer(), validation.ForTrainer(), network,
                                                     spec.training, FitProgress::kShown, warm_start));
  fit.mlp = std::move(fit.training.mlp);
  // A warm start may have trained these weights.
  if (warm_start == nullptr) {
    ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(train.encoded, preprocessor, journal.stop(), fit.mlp));
  }
  if (spec.training.loss == Loss::kLogistic) {
    ROICAST_RETURN_IF_ERROR(ScaleByValidation(validation, journal.stop(), fit.mlp));
  } else {
    Shrink(train, validation, fit);
  }
  return fit;
}

NetworkOptions ShapeOf(const Mlp& mlp, NetworkOptions options) {
  options.hidden.clear();
  for (size_t i = 0; i + 1 < mlp.layers.size(); ++i) {
    options.hidden.push_back(static_cast<int>(mlp.layers[i].weights.rows()));
    options.activation = mlp.layers[i].activation;
  }
  return options;
}

}  // namespace roicast
