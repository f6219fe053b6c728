#include "model/training/fit/two_part_fit.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "model/training/capacity/linear_path.h"

namespace roicast {
namespace {

// Hidden layers of two units that pass the sum on, in front of the last layer.
Mlp Deepened(const Mlp& linear, size_t hidden, Activation activation) {
  if (linear.layers.size() > 1) return linear;
  ROICAST_CHECK(PassesLinearSums(activation));
  const DenseLayer& sum = linear.layers.front();
  Mlp mlp;
  for (size_t i = 0; i < hidden; ++i) {
    DenseLayer layer;
    layer.activation = activation;
    layer.biases = Eigen::VectorXf::Zero(2);
    if (i == 0) {
      layer.weights.resize(2, sum.weights.cols());
      layer.weights << sum.weights, -sum.weights;
    } else {
      layer.weights.resize(2, 2);
      layer.weights << 1.0f, -1.0f, -1.0f, 1.0f;
    }
    mlp.layers.push_back(std::move(layer));
  }
  DenseLayer last;
  last.weights.resize(1, 2);
  last.weights << 1.0f, -1.0f;
  last.biases = sum.biases;
  mlp.layers.push_back(std::move(last));
  return mlp;
}

DenseLayer Stacked(const DenseLayer& upper, const DenseLayer& lower, bool first) {
  DenseLayer layer;
  layer.activation = upper.activation;
  const Eigen::Index rows = upper.weights.rows(), columns = upper.weights.cols();
  layer.weights = RowMajorMatrix::Zero(rows + lower.weights.rows(), first ? columns : columns + lower.weights.cols());
  layer.weights.topLeftCorner(rows, columns) = upper.weights;
  layer.weights.bottomRightCorner(lower.weights.rows(), lower.weights.cols()) = lower.weights;
  layer.biases.resize(layer.weights.rows());
  layer.biases << upper.biases, lower.biases;
  return layer;
}

RowPart RowsOf(const RowPart& part, const std::vector<int64_t>& rows, const FittedTarget& target) {
  RowPart chosen;
  chosen.raw = part.raw(rows, Eigen::all);
  chosen.encoded = part.encoded(rows, Eigen::all);
  for (const int64_t row : rows) {
    chosen.roi.push_back(part.roi[row]);
    chosen.standardised.push_back(static_cast<float>(target.Standardise(part.roi[row])));
    if (!part.weights.empty()) chosen.weights.push_back(part.weights[row]);
    if (!part.groups.empty()) chosen.groups.push_back(part.groups[row]);
  }
  return chosen;
}

absl::StatusOr<NetworkFit> FitPart(const RowPart& part, const Preprocessor& preprocessor, const TrainingSpec& spec,
                                   const CapacitySelection* known, FitJournal& journal) {
  CapacitySelection selection;
  if (known != nullptr) {
    selection = *known;
  } else {
    ROICAST_ASSIGN_OR_RETURN(selection, ChooseCapacity(part, spec, journal));
  }
  ROICAST_ASSIGN_OR_RETURN(NetworkFit fit, FitChosenNetwork(part, preprocessor, spec, selection, journal));
  fit.selection = std::move(selection);
  return fit;
}

}  // namespace

std::optional<double> RestOf(absl::Span<const double> roi, double least_share) {
  if (roi.empty()) return std::nullopt;
  const double lowest = *std::min_element(roi.begin(), roi.end());
  const auto count = static_cast<int64_t>(std::count(roi.begin(), roi.end(), lowest));
  const auto rows = static_cast<int64_t>(roi.size());
  const bool enough = static_cast<double>(count) >= least_share * static_cast<double>(rows) &&
                      count >= kFewestRowsOfAPart && rows - count >= kFewestRowsOfAPart;
  if (!enough) return std::nullopt;
  return lowest;
}

JoinedNetworks JoinNetworks(const Mlp& location, const Mlp& gate, Activation activation) {
  const size_t hidden = std::max<size_t>({1, location.layers.size() - 1, gate.layers.size() - 1});
  const Mlp a = Deepened(location, hidden, activation), b = Deepened(gate, hidden, activation);
  ROICAST_CHECK(a.layers.size() == b.layers.size());
  JoinedNetworks joined;
  for (size_t i = 0; i < hidden; ++i) joined.mlp.layers.push_back(Stacked(a.layers[i], b.layers[i], i == 0));
  const Eigen::Index units_a = a.layers.back().weights.cols(), units_b = b.layers.back().weights.cols();
  DenseLayer last;
  last.weights = RowMajorMatrix::Zero(1, units_a + units_b);
  last.weights.leftCols(units_a) = a.layers.back().weights;
  last.biases = a.layers.back().biases;
  joined.gate.weights = RowMajorMatrix::Zero(1, units_a + units_b);
  joined.gate.weights.rightCols(units_b) = b.layers.back().weights;
  joined.gate.biases = b.layers.back().biases;
  joined.mlp.layers.push_back(std::move(last));
  return joined;
}

absl::StatusOr<TwoPartFit> FitTwoParts(double rest, RowPart& train, const Preprocessor& preprocessor,
                                       const TrainingSpec& spec, const TwoPartFit* known, FitJournal& journal) {
  std::vector<int64_t> others;
  std::vector<double> amounts;
  for (size_t i = 0; i < train.roi.size(); ++i) {
    if (train.roi[i] == rest) continue;
    others.push_back(static_cast<int64_t>(i));
    amounts.push_back(train.roi[i]);
  }
  TwoPartFit fit;
  ROICAST_ASSIGN_OR_RETURN(
      fit.target,
      FitTarget(amounts, known == nullptr ? spec.target_transform : known->target.transform, spec.statistic));

  TrainingSpec gate_spec = spec;
  gate_spec.training.loss = Loss::kLogistic;
  std::vector<float> kept = std::move(train.standardised);
  train.standardised.clear();
  for (const double roi : train.roi) train.standardised.push_back(roi == rest ? 0.0f : 1.0f);
  absl::StatusOr<NetworkFit> gate =
      FitPart(train, preprocessor, gate_spec, known == nullptr ? nullptr : &known->selection.gate, journal);
  if (gate.ok()) {
    fit.gate_scale =
        known != nullptr ? known->gate_scale : FitLogOddsScale(train.standardised, gate->out_of_fold, train.weights);
    for (double& z : gate->out_of_fold) z = fit.gate_scale.Apply(z);
    ScaleLogOdds(fit.gate_scale, gate->mlp);
  }
  train.standardised = std::move(kept);
  ROICAST_RETURN_IF_ERROR(gate.status());
  const RowPart part = RowsOf(train, others, fit.target);
  ROICAST_ASSIGN_OR_RETURN(NetworkFit amount, FitPart(part, preprocessor, spec,
                                                      known == nullptr ? nullptr : &known->selection.amount, journal));
  fit.selection = {*std::move(gate->selection), *std::move(amount.selection)};
  fit.training = std::move(amount.training);
  const Activation activation = spec.network.hidden.empty() ? Activation::kRelu : spec.network.activation;
  JoinedNetworks joined = JoinNetworks(amount.mlp, gate->mlp, activation);
  fit.target.kind = TargetKind::kZeroHeavy;
  fit.target.rest = rest;
  if (known != nullptr) {
    fit.target.smear_cosh = known->target.smear_cosh;
    fit.target.smear_sinh = known->target.smear_sinh;
    fit.target.smear_exp = known->target.smear_exp;
  } else {
    std::vector<double> residuals;
    for (size_t i = 0; i < others.size(); ++i) {
      residuals.push_back(fit.target.factor * (part.standardised[i] - amount.out_of_fold[i]));
    }
    ROICAST_RETURN_IF_ERROR(FitSmearing(residuals, journal.stop(), fit.target));
    // No network of the amount has seen a row with `rest`.
    size_t next = 0;
    for (size_t i = 0; i < train.roi.size(); ++i) {
      const double z = train.roi[i] != rest
                           ? amount.out_of_fold[next++]
                           : amount.mlp.Evaluate(train.encoded.row(static_cast<Eigen::Index>(i)).data());
      fit.out_of_fold.push_back(fit.target.ToRoi(z, gate->out_of_fold[i]));
      fit.amount_out_of_fold.push_back(z);
    }
    fit.gate_out_of_fold = std::move(gate->out_of_fold);
  }
  fit.mlp = std::move(joined.mlp);
  fit.gate = std::move(joined.gate);
  return fit;
}

}  // namespace roicast
