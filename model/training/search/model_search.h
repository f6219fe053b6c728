// PRESET_AUTO: searches encodings and sizes of networks, and combines the best.
//
// Every candidate is a network of two hidden layers over one encoding (a number of ramps). First each is compared
// cheaply, in the order of cost; the better half of them is compared in full, as the compact preset compares
// (successive halving; Jamieson and Talwalkar, "Non-stochastic Best Arm Identification", 2016). What predicts best
// together on rows out of fold is found by adding one candidate after the other, with replacement (Caruana et al.,
// "Ensemble Selection from Libraries of Models", 2004), and served as one network.
//
// The budget is counted in work, not by a clock: the same data, spec and seed compare the same candidates, and give the
// same bytes, on every machine. docs/adr/0080-search.md.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/features/preprocessor.h"
#include "model/training/fit_journal.h"
#include "model/training/network_fit.h"
#include "model/training/row_part.h"
#include "model/training/search_report.h"
#include "model/training/training_spec.h"

namespace roicast {

// The training rows in one encoding.
struct EncodedRows {
  Preprocessor preprocessor;
  RowPart train;
};
// ramps: PreprocessingOptions::ramps. The other choices of the preprocessing are the same for all.
using RowEncoder = std::function<absl::StatusOr<EncodedRows>(int ramps)>;

struct SearchPlan {
  struct Part {
    int ramps = 0;
    std::vector<int> hidden;
    CapacitySelection selection;
    double share = 1.0;  // > 0; all of them add up to 1
  };
  // ≥ 1; the others have the ramps of the first, or none. A linear part is alone.
  std::vector<Part> parts;
  std::vector<TriedModel> tried;  // seconds: of the reference machine
};

// Errors: InvalidArgument (the budget is too short for one candidate), those of `encode` and SelectCapacity.
absl::StatusOr<SearchPlan> SearchModels(const RowEncoder& encode, const TrainingSpec& spec, FitJournal& journal);

// Each part's FitMembers, weighted by their shares, as one network over the encoding of the first part. Without the
// time for all of them: the first part's FitChosenNetwork.
absl::StatusOr<NetworkFit> FitPlan(const RowEncoder& encode, const TrainingSpec& spec, const SearchPlan& plan,
                                   FitJournal& journal);

// The same function of rows that `to` encodes instead of `from`, which has no ramps and is otherwise the same, with at
// least `units` in each hidden layer. Added weights are 0. Each layer has one block.
Mlp Embed(const Mlp& mlp, const Preprocessor& from, const Preprocessor& to, const std::vector<int>& units);

}  // namespace roicast
