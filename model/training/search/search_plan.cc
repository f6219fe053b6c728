#include "model/training/search/search_plan.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/network/ensemble.h"
#include "model/training/fit/shrinkage.h"

namespace roicast {
namespace {

std::vector<int> UnitsOf(const Mlp& mlp) {
  std::vector<int> units;
  for (size_t l = 0; l + 1 < mlp.layers.size(); ++l) units.push_back(mlp.layers[l].outputs());
  return units;
}

// The inputs of `to` that make up one of `from`: their sum, with these factors, is the same up to a constant.
struct Source {
  int input;
  double factor;
};

// A ramp is the sum of the ramps between its limits, each by its share of the way; their constants cancel out.
std::vector<Source> PiecesOf(const FittedFeature& from, size_t ramp, const FittedFeature& to, int first) {
  const auto at = [&](double limit) { return ApplyTransform(from.transform, limit); };
  const double low = from.ramps[ramp], high = from.ramps[ramp + 1];
  std::vector<Source> pieces;
  for (size_t piece = 0; piece + 1 < to.ramps.size(); ++piece) {
    const double begin = to.ramps[piece], end = to.ramps[piece + 1];
    if (begin < low || end > high) continue;
    pieces.push_back({first + static_cast<int>(piece), (at(end) - at(begin)) / (at(high) - at(low))});
  }
  ROICAST_CHECK(!pieces.empty());
  return pieces;
}

// Per input of `from`.
std::vector<std::vector<Source>> MapInputs(const Preprocessor& from, const Preprocessor& to) {
  const std::vector<int> inputs = from.InputsPerFeature(), inputs_to = to.InputsPerFeature();
  std::vector<std::vector<Source>> map;
  for (size_t f = 0; f < inputs.size(); ++f) {
    const FittedFeature &feature = from.features()[f], &wide = to.features()[f];
    const int offset = to.offset(static_cast<int>(f));
    // Where the standardised number is: behind the cycles of a time.
    const int number = from.numeric_offset(static_cast<int>(f)) - from.offset(static_cast<int>(f));
    const int ramps = feature.ramps.empty() ? 0 : static_cast<int>(feature.ramps.size()) - 1;
    const int ramps_to = wide.ramps.empty() ? 0 : static_cast<int>(wide.ramps.size()) - 1;
    // The ramps follow it, then what else there is.
    for (int i = 0; i < inputs[f]; ++i) {
      if (ramps > 0 && i > number && i <= number + ramps) {
        map.push_back(PiecesOf(feature, static_cast<size_t>(i - number - 1), wide, offset + number + 1));
      } else {
        const bool after_ramps = ramps_to > 0 && i > number + ramps;
        map.push_back({{offset + i + (after_ramps ? ramps_to - ramps : 0), 1.0}});
      }
    }
    ROICAST_CHECK(inputs_to[f] - ramps_to == inputs[f] - ramps);
  }
  return map;
}

// Fitted again, or what the search has.
absl::StatusOr<FoldTrials::Members> MembersOf(const EncodedRows& rows, const TrainingSpec& spec, SearchPlan::Part& part,
                                              bool fit_again, TrainingResult& training, FitJournal& journal) {
  if (!fit_again) return std::move(part.members);
  // Nobody asks what a fit again would say of its rows without them.
  ROICAST_ASSIGN_OR_RETURN(
      EnsembleMembers fitted,
      FitMembersToAll(rows.train, rows.preprocessor, part.candidate.SpecOf(spec), part.selection, journal));
  if (part.selection.network_share > 0.0) training = std::move(fitted.training);
  return FoldTrials::Members{std::move(fitted.mlps), std::move(fitted.out_of_fold)};
}

struct EmbeddedMember {
  Mlp mlp;
  double share;
};

// The mean, weighted by shares that add up to 1.
Mlp Combine(const std::vector<EmbeddedMember>& members) {
  std::vector<Mlp> mlps;
  for (const EmbeddedMember& member : members) {
    mlps.push_back(member.mlp);
    ScaleOutput(member.share * static_cast<double>(members.size()), mlps.back());
  }
  return CombineMembers(mlps);
}

// For the selection of features: what the members of each fold, together, say of rows that they had not seen.
CapacitySelection Together(const SearchPlan& plan, const std::vector<EmbeddedMember>& members) {
  CapacitySelection selection;
  selection.chosen = plan.parts.front().selection.chosen;
  selection.network_share = 1.0;
  const size_t folds = members.size() / plan.parts.size();
  for (size_t fold = 0; fold < folds; ++fold) {
    std::vector<EmbeddedMember> of_fold;
    for (size_t part = 0; part < plan.parts.size(); ++part) {
      of_fold.push_back({members[part * folds + fold].mlp, plan.parts[part].share});
    }
    selection.fold_models.push_back({LinearModel(), Combine(of_fold)});
  }
  return selection;
}

}  // namespace

absl::StatusOr<Preprocessor> MergeRamps(absl::Span<const Preprocessor* const> preprocessors) {
  ROICAST_CHECK(!preprocessors.empty());
  std::vector<FittedFeature> features = preprocessors.front()->features();
  for (size_t f = 0; f < features.size(); ++f) {
    std::vector<double>& limits = features[f].ramps;
    for (const Preprocessor* preprocessor : preprocessors.subspan(1)) {
      const std::vector<double>& more = preprocessor->features()[f].ramps;
      limits.insert(limits.end(), more.begin(), more.end());
    }
    std::sort(limits.begin(), limits.end());
    limits.erase(std::unique(limits.begin(), limits.end()), limits.end());
  }
  return Preprocessor::Create(preprocessors.front()->schema(), std::move(features));
}

Mlp Embed(const Mlp& mlp, const Preprocessor& from, const Preprocessor& to, const std::vector<int>& units) {
  ROICAST_CHECK(mlp.inputs() == from.encoded_size() && units.size() + 1 == mlp.layers.size());
  const std::vector<std::vector<Source>> map = MapInputs(from, to);
  Mlp embedded;
  for (size_t l = 0; l < mlp.layers.size(); ++l) {
    const DenseLayer& layer = mlp.layers[l];
    ROICAST_CHECK(layer.blocks == 1);
    const bool last = l + 1 == mlp.layers.size();
    const Eigen::Index rows = layer.weights.rows();
    const Eigen::Index outputs = last ? rows : std::max<Eigen::Index>(units[l], rows);
    const Eigen::Index before = l == 0 ? to.encoded_size() : embedded.layers.back().weights.rows();
    DenseLayer wide;
    wide.activation = layer.activation;
    wide.weights = RowMajorMatrix::Zero(outputs, before);
    wide.biases = Eigen::VectorXf::Zero(outputs);
    for (Eigen::Index j = 0; j < layer.weights.cols(); ++j) {
      if (l > 0) {
        wide.weights.col(j).head(rows) = layer.weights.col(j);
        continue;
      }
      for (const Source& source : map[static_cast<size_t>(j)]) {
        wide.weights.col(source.input).head(rows) += static_cast<float>(source.factor) * layer.weights.col(j);
      }
    }
    wide.biases.head(rows) = layer.biases;
    embedded.layers.push_back(std::move(wide));
  }
  return embedded;
}

absl::StatusOr<PlanFit> FitPlan(const RowEncoder& encode, const TrainingSpec& spec, SearchPlan& plan, bool fit_again,
                                FitJournal& journal) {
  ROICAST_CHECK(!plan.parts.empty());
  std::vector<Preprocessor> encodings;
  std::vector<std::vector<Mlp>> mlps;
  std::vector<int> fold_of;
  NetworkFit fit;
  fit.training.stop_reason =
      plan.parts.front().selection.network_share > 0.0 ? "all epochs" : "a linear model is enough";
  for (size_t p = 0; p < plan.parts.size(); ++p) {
    SearchPlan::Part& part = plan.parts[p];
    journal.SetStep(absl::StrCat("part ", p + 1, " of ", plan.parts.size(), ": ", part.candidate.Name()));
    ROICAST_ASSIGN_OR_RETURN(EncodedRows rows, encode({part.candidate.RampCount(), plan.target}));
    if (p == 0) {
      ROICAST_ASSIGN_OR_RETURN(fold_of, MemberFolds(rows.train, spec, journal.stop()));
    }
    ROICAST_ASSIGN_OR_RETURN(FoldTrials::Members members,
                             MembersOf(rows, spec, part, fit_again, fit.training, journal));
    if (members.mlps.empty()) {
      SearchPlan::Part& first = plan.parts.front();
      ROICAST_ASSIGN_OR_RETURN(rows, encode({first.candidate.RampCount(), plan.target}));
      ROICAST_ASSIGN_OR_RETURN(
          fit, FitChosenNetwork(rows.train, rows.preprocessor, first.candidate.SpecOf(spec), first.selection, journal));
      fit.selection = first.selection;
      return PlanFit{std::move(rows.preprocessor), std::move(fit)};
    }
    fit.out_of_fold.resize(members.out_of_fold.size(), 0.0);
    for (size_t i = 0; i < fit.out_of_fold.size(); ++i) fit.out_of_fold[i] += part.share * members.out_of_fold[i];
    encodings.push_back(std::move(rows.preprocessor));
    mlps.push_back(std::move(members.mlps));
  }
  std::vector<const Preprocessor*> pointers;
  for (const Preprocessor& encoding : encodings) pointers.push_back(&encoding);
  ROICAST_ASSIGN_OR_RETURN(Preprocessor merged, MergeRamps(pointers));
  std::vector<int> units;
  for (const std::vector<Mlp>& members : mlps) {
    const std::vector<int> own = UnitsOf(members.front());
    units.resize(own.size());
    for (size_t l = 0; l < own.size(); ++l) units[l] = std::max(units[l], own[l]);
  }
  std::vector<EmbeddedMember> members;
  for (size_t p = 0; p < mlps.size(); ++p) {
    for (const Mlp& mlp : mlps[p]) {
      members.push_back(
          {Embed(mlp, encodings[p], merged, units), plan.parts[p].share / static_cast<double>(mlps[p].size())});
    }
  }
  fit.mlp = Combine(members);
  fit.members = members.front().mlp.layers.size() > 1 ? static_cast<int>(members.size()) : 1;
  fit.selection = Together(plan, members);
  fit.selection->fold_of = std::move(fold_of);
  fit.selection->out_of_fold = fit.out_of_fold;
  return PlanFit{std::move(merged), std::move(fit)};
}

}  // namespace roicast
