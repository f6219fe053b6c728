// Fits the network of a preset to encoded rows.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/data_warning.h"
#include "model/features/preprocessor.h"
#include "model/network/attention/attention_network.h"
#include "model/network/mlp.h"
#include "model/network/trainer.h"
#include "model/training/capacity/log_odds_scale.h"
#include "model/training/capacity/select_capacity.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/row_part.h"
#include "model/training/training_spec.h"

namespace roicast {

struct NetworkFit {
  Mlp mlp;  // without layers if there is attention
  std::optional<AttentionNetwork> attention;
  // How the training of the network went; its mlp is moved out.
  TrainingResult training;
  // What was chosen by comparison; empty if the spec fixes it.
  std::optional<CapacitySelection> selection;
  // Per training row: what a model that had not seen it predicts, standardised. Empty if the spec fixes the capacity.
  std::vector<double> out_of_fold;
  // Two-valued: how the log odds, those out of fold among them, were scaled.
  LogOddsScale log_odds_scale;
  int members = 1;
  // EnsembleMembers::network_share, of FitEnsemble; unset if there is one network.
  std::optional<double> ensemble_share;
  std::vector<DataWarning> warnings;
};

// Judges the rows out of fold as JudgeAgainstConstant judges the holdout: a warning if nothing is shown to hold. Of the
// logistic loss, probabilities are judged. Errors: those of `stop`.
absl::StatusOr<std::optional<DataWarning>> JudgeOutOfFold(Loss loss, const RowPart& train,
                                                          absl::Span<const double> out_of_fold, const StopCheck& stop);

// SelectCapacity for the spec's network beside a linear path.
absl::StatusOr<CapacitySelection> ChooseCapacity(const RowPart& train, const TrainingSpec& spec, FitJournal& journal,
                                                 CapacitySearch search = CapacitySearch::kFull);

// TryCapacity for the same network.
absl::StatusOr<CapacitySelection> TryCapacityOf(const RowPart& train, const TrainingSpec& spec,
                                                const Capacity& capacity, FitJournal& journal);

// A linear path, and beside it the share of a network of the chosen capacity. member: added to the seed. training: of
// the network, if there is one. Without the time for an epoch, or with a share of 0: the linear path alone.
absl::StatusOr<Mlp> FitBesideLinearPath(const TrainingRows& rows, const TrainingSpec& spec,
                                        const CapacitySelection& selection, int member, TrainingResult& training,
                                        FitJournal& journal);

// A linear path, and beside it as much of a network as held on rows that neither had seen.
absl::StatusOr<NetworkFit> FitChosenNetwork(const RowPart& train, const Preprocessor& preprocessor,
                                            const TrainingSpec& spec, const CapacitySelection& selection,
                                            FitJournal& journal);

inline constexpr int kEnsembleMembers = 5;

// Per training row, the member that does not learn from it. Errors: those of `stop`.
absl::StatusOr<std::vector<int>> MemberFolds(const RowPart& train, const TrainingSpec& spec, const StopCheck& stop);
// Leaves room for the two units a layer that carry the linear path, so that the network keeps the spec's size.
NetworkOptions BesideLinearPath(NetworkOptions options);

struct EnsembleMembers {
  std::vector<Mlp> mlps;            // empty: the time was up
  std::vector<double> out_of_fold;  // per training row, standardised; with the share of a single network
  double network_share = 0.0;       // in each of mlps
  TrainingResult training;          // of the last one
};

// kEnsembleMembers of these, each fitted to all parts of the rows but one, which it predicts out of fold. Their share
// is selection.ensemble_share; where that is unset, EnsembleShare of the selection's predictions and of these.
absl::StatusOr<EnsembleMembers> FitMembers(const RowPart& train, const Preprocessor& preprocessor,
                                           const TrainingSpec& spec, const CapacitySelection& selection,
                                           FitJournal& journal);

// kEnsembleMembers of these, each fitted to all rows from another beginning. There are no predictions out of fold.
absl::StatusOr<EnsembleMembers> FitMembersToAll(const RowPart& train, const Preprocessor& preprocessor,
                                                const TrainingSpec& spec, const CapacitySelection& selection,
                                                FitJournal& journal);

// The mean of FitMembers; of FitMembersToAll if selection.ensemble_share is known from an earlier fit, which has
// predicted rows out of fold.
absl::StatusOr<NetworkFit> FitEnsemble(const RowPart& train, const Preprocessor& preprocessor, const TrainingSpec& spec,
                                       const CapacitySelection& selection, FitJournal& journal);

// The network that the spec fixes, moved towards the mean if the validation rows show that it does not hold elsewhere,
// or if the training rows make it likely. warm_start: nullptr, or the weights to begin with; its shape is kept.
absl::StatusOr<NetworkFit> FitFixedNetwork(const RowPart& train, const RowPart& validation,
                                           const Preprocessor& preprocessor, const TrainingSpec& spec,
                                           const Mlp* warm_start, FitJournal& journal);

// The spec's options with the layers and the activation of a network.
NetworkOptions ShapeOf(const Mlp& mlp, NetworkOptions options);

}  // namespace roicast
