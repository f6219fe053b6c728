// Candidates of a search, tried on rows that they have not learnt from.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/features/preprocessor.h"
#include "model/features/target_transform.h"
#include "model/network/mlp.h"
#include "model/training/capacity/ensemble_share.h"
#include "model/training/capacity/fold_criterion.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/row_part.h"
#include "model/training/search/candidate.h"
#include "model/training/training_spec.h"

namespace roicast {

struct RowEncoding {
  int ramps = 0;                                    // PreprocessingOptions::ramps
  TargetTransform target = TargetTransform::kAuto;  // TrainingSpec::target_transform
};
// The training rows in one encoding.
struct EncodedRows {
  Preprocessor preprocessor;
  FittedTarget target;
  RowPart train;
};
// The other choices of the preprocessing are the same for all.
using RowEncoder = std::function<absl::StatusOr<EncodedRows>(const RowEncoding& encoding)>;

// A candidate with a length, on the first `folds` of kEnsembleMembers parts of the rows.
struct Trial {
  Candidate candidate;
  int64_t steps = 0;  // of a whole schedule

  int folds = 0;
  std::vector<double> network;  // per row, what networks that had not seen it add; 0 in other folds
  std::vector<Mlp> networks;    // per fold; without layers: it diverged
  double share = 0.0;           // of the network beside the linear path, as of CapacitySelection
  double score = 0.0;           // FoldCriterion::Score of the two on the rows of these folds
  double seconds = 0.0;         // of the reference machine, so far
};

// The folds, and what linear paths predict of them. Rows with the same inputs are in one fold: those of FitMembers, so
// that the networks of a trial on all folds are the members of an ensemble.
class FoldTrials {
 public:
  // All must outlive this.
  FoldTrials(const RowEncoder& encode, TargetTransform target, const TrainingSpec& spec, FitJournal& journal);

  // Encodes once. Errors: those of `encode` without ramps.
  absl::Status Begin();

  int64_t rows() const { return static_cast<int64_t>(standardised_.size()); }
  const FittedTarget& target() const { return target_; }
  const std::vector<double>& roi() const { return roi_; }  // per row
  const FoldCriterion& criterion() const { return *criterion_; }

  // Network inputs; nullopt: such an encoding is larger than memory allows or a linear path takes.
  absl::StatusOr<std::optional<int>> Inputs(int ramps);
  // Seconds of networks for the folds [from, to), and of the linear paths for all folds. Inputs is known.
  double Seconds(const Candidate& candidate, int64_t steps, int from, int to) const;
  double LinearSeconds(int ramps) const;

  // Trains what is missing of each trial until it has `folds` folds, and scores it. Once the time limit has passed,
  // those under way remain as they were. on_fitted: told how many networks of this call are complete; may be empty.
  // Errors: Cancelled, InvalidArgument.
  absl::Status Extend(absl::Span<Trial* const> trials, int folds, const std::function<void(int)>& on_fitted);

  // Per row, of a trial on all folds: the linear path and the share of the network.
  std::vector<double> OutOfFold(const Trial& trial) const;
  const std::vector<double>& Linear(int ramps) const { return linear_.at(ramps).out_of_fold; }

  // Of a trial on all folds: its networks beside the linear paths, as the members of an ensemble.
  struct Members {
    std::vector<Mlp> mlps;            // with the share
    std::vector<double> out_of_fold;  // with the trial's own, which is that of a single network
  };
  absl::StatusOr<Members> MembersOf(const Trial& trial, double share);
  UnseenPrediction UnseenOf(const Trial& trial) const { return {Linear(trial.candidate.RampCount()), trial.network}; }

 private:
  struct LinearPaths {
    std::vector<std::optional<LinearModel>> models;  // per fold
    std::vector<double> out_of_fold;
  };
  struct FoldRows;

  absl::StatusOr<const EncodedRows*> Encode(int ramps);
  absl::StatusOr<FoldRows> RowsOf(const EncodedRows& rows, int fold) const;
  absl::StatusOr<const LinearModel*> LinearOf(const EncodedRows& rows, const FoldRows& fold, int number);
  absl::Status ExtendFold(const EncodedRows& rows, absl::Span<Trial* const> trials, int fold,
                          const std::function<void(int)>& on_fitted);
  void Score(Trial& trial) const;

  const RowEncoder& encode_;
  const TargetTransform transform_;
  const TrainingSpec& spec_;
  FitJournal& journal_;

  FittedTarget target_;
  std::vector<double> roi_;
  std::vector<float> standardised_, weights_;
  std::optional<FoldCriterion> criterion_;  // refers to these
  std::vector<int> fold_of_;
  std::optional<EncodedRows> encoded_;
  int encoded_ramps_ = 0;
  std::map<int, std::optional<int>> inputs_;  // per number of ramps
  std::map<int, LinearPaths> linear_;
  int fitted_ = 0;
};

}  // namespace roicast
