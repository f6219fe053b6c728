// Two-part models of zero-heavy targets: the probability of another value than the one that many rows have, times what
// is expected then. Duan et al., "A Comparison of Alternative Models for the Demand for Medical Care" (1983).
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/artifact/artifact.h"
#include "model/features/preprocessor.h"
#include "model/training/capacity/log_odds_scale.h"
#include "model/training/capacity/select_capacity.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/network_fit.h"
#include "model/training/fit/row_part.h"
#include "model/training/training_spec.h"

namespace roicast {

// With a smaller share of rows at one value, a model of the mean loses little by not knowing of it; and fewer rows than
// this on either side are no base for a network.
inline constexpr double kLeastRestShare = 0.3;
inline constexpr int64_t kFewestRowsOfAPart = 50;

// The lowest value, if at least kLeastRestShare of the rows have it and kFewestRowsOfAPart rows have it, and others.
// least_share: instead of kLeastRestShare.
std::optional<double> RestOf(absl::Span<const double> roi, double least_share = kLeastRestShare);

// What was chosen for the two networks.
struct TwoPartSelection {
  CapacitySelection gate, amount;
};

struct TwoPartFit {
  Mlp mlp;
  DenseLayer gate;
  FittedTarget target;
  TrainingResult training;  // of the amount
  TwoPartSelection selection;
  LogOddsScale gate_scale;  // how sure the gate is, as the rows out of fold show
  // Per training row, by networks that had not seen it: as served, the output of the amount's network, and the log odds
  // of another value than `rest`.
  std::vector<double> out_of_fold, amount_out_of_fold, gate_out_of_fold;
};

// Fits both networks, each as ChooseCapacity and FitChosenNetwork do, the amount to the rows with another value than
// `rest`. Requires that the spec chooses capacity. known: as of an earlier fit, with its smearing; nullptr: chosen.
// train.standardised is replaced while it runs.
absl::StatusOr<TwoPartFit> FitTwoParts(double rest, RowPart& train, const Preprocessor& preprocessor,
                                       const TrainingSpec& spec, const TwoPartFit* known, FitJournal& journal);

// Two networks of one depth as one whose last layer is that of `location`, and the other's last layer over it. A linear
// network gets hidden layers of two units that pass its sum on; `activation` has to pass linear sums.
struct JoinedNetworks {
  Mlp mlp;
  DenseLayer gate;
};
JoinedNetworks JoinNetworks(const Mlp& location, const Mlp& gate, Activation activation);

}  // namespace roicast
