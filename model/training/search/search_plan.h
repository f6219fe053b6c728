// What a search found: which candidates predict best together, and their networks as one.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/features/preprocessor.h"
#include "model/network/mlp.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/network_fit.h"
#include "model/training/search/candidate.h"
#include "model/training/search/trial.h"
#include "model/training/search_report.h"
#include "model/training/training_spec.h"

namespace roicast {

struct SearchPlan {
  struct Part {
    Candidate candidate;
    CapacitySelection selection;  // chosen and network_share alone
    double share = 1.0;           // > 0; all of them add up to 1
    // Fitted by the search; empty if the time was up.
    FoldTrials::Members members;
  };
  TargetTransform target = TargetTransform::kAuto;
  // ≥ 1. A linear part is alone.
  std::vector<Part> parts;
  std::vector<TriedModel> tried;  // the best one first; seconds: of the reference machine
  std::string remark;             // about the target's scale; may be empty
};

// A network and the encoding of its rows.
struct PlanFit {
  Preprocessor preprocessor;
  NetworkFit network;
};

// The members of each part, weighted by their shares, as one network. fit_again: FitMembersToAll of the rows of
// `encode`, which are others than those of the search, without predictions out of fold; otherwise what the search has
// fitted, which the plan loses. Without the time for all members: the first part's FitChosenNetwork.
absl::StatusOr<PlanFit> FitPlan(const RowEncoder& encode, const TrainingSpec& spec, SearchPlan& plan, bool fit_again,
                                FitJournal& journal);

// An encoding whose ramps have the limits of all of these, which are otherwise the same; ≥ 1.
absl::StatusOr<Preprocessor> MergeRamps(absl::Span<const Preprocessor* const> preprocessors);

// The same function of rows that `to` encodes instead of `from`, whose ramps' limits `to` has, too, and which is
// otherwise the same; with at least `units` in each hidden layer. Added weights are 0. Each layer has one block.
Mlp Embed(const Mlp& mlp, const Preprocessor& from, const Preprocessor& to, const std::vector<int>& units);

}  // namespace roicast
