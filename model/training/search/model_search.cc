#include "model/training/search/model_search.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/network/ensemble.h"
#include "model/training/capacity/fold_criterion.h"
#include "model/training/search/ensemble_selection.h"
#include "model/training/shrinkage.h"

namespace roicast {
namespace {

struct Candidate {
  int ramps;
  std::vector<int> hidden;
};

// In the order of comparison: what is usually best, then cheap before expensive.
const std::vector<Candidate>& Candidates() {
  static const auto* const candidates = new std::vector<Candidate>{
      {0, {64, 32}},  {8, {64, 32}},  {0, {32, 16}},  {8, {32, 16}},   {16, {32, 16}},
      {0, {128, 64}}, {16, {64, 32}}, {8, {128, 64}}, {16, {128, 64}},
  };
  return *candidates;
}

// Work is counted in weights · steps of 32 rows. The reference machine (one core of an Intel Xeon with AVX-512 at 2.1
// GHz) takes so many a second, and per step as long as for kStepWork weights more.
constexpr double kWorkPerSecond = 1e9;
constexpr double kStepWork = 1'000.0;
// A ridge regression's multiplications are cheaper.
constexpr double kRidgeWork = 0.1;
// Steps of a comparison in full, and of a chosen network, before they are known.
constexpr double kFullSteps = 150'000.0, kFullStepsOfLarge = 500'000.0, kChosenSteps = 40'000.0;
constexpr int64_t kLargeRows = 5'000;
// Shares of the budget until which candidates begin: the first comparison of all, those in full. The rest is for the
// members of what is served.
constexpr double kFirstShare = 0.3, kSearchShare = 0.65;
constexpr int kMostParts = 3;

std::string Name(const Candidate& candidate) {
  return absl::StrCat(candidate.ramps == 0 ? "no ramps" : absl::StrCat(candidate.ramps, " ramps"), ", ",
                      absl::StrJoin(candidate.hidden, " → "));
}

double WorkPerStep(int inputs, const std::vector<int>& hidden) {
  double work = kStepWork;
  int before = inputs;
  for (const int units : hidden) {
    work += static_cast<double>(before) * units;
    before = units;
  }
  return work + before;
}

// One that has been compared.
struct Compared {
  Candidate candidate;
  CapacitySelection selection;
  double work = 0.0;
  bool linear() const { return selection.network_share == 0.0; }
};

class Search {
 public:
  Search(const RowEncoder& encode, const TrainingSpec& spec, FitJournal& journal)
      : encode_(encode),
        spec_(spec),
        journal_(journal),
        budget_(absl::ToDoubleSeconds(spec.extra.time_budget) * kWorkPerSecond) {}

  absl::StatusOr<SearchPlan> Run() {
    ROICAST_RETURN_IF_ERROR(CompareAll());
    SortByScore();
    ROICAST_RETURN_IF_ERROR(CompareBest());
    return Combine();
  }

 private:
  absl::StatusOr<const EncodedRows*> Encode(int ramps) {
    if (!encoded_.has_value() || encoded_ramps_ != ramps) {
      encoded_.reset();
      ROICAST_ASSIGN_OR_RETURN(encoded_, encode_(ramps));
      encoded_ramps_ = ramps;
    }
    return &*encoded_;
  }

  static double RidgeWork(const EncodedRows& rows) {
    const auto inputs = static_cast<double>(std::min(rows.preprocessor.encoded_size(), kMaxLinearInputs));
    return kRidgeWork * inputs * inputs * (static_cast<double>(rows.train.roi.size()) + inputs);
  }

  static double StepWork(const EncodedRows& rows, const Candidate& candidate) {
    return WorkPerStep(rows.preprocessor.encoded_size(), candidate.hidden);
  }

  double QuickWork(const EncodedRows& rows, const Candidate& candidate) const {
    return kCapacityFolds * (kQuickSteps * StepWork(rows, candidate) + RidgeWork(rows));
  }
  double FullWork(const EncodedRows& rows, const Candidate& candidate) const {
    const bool large = static_cast<int64_t>(rows.train.roi.size()) >= kLargeRows;
    const double steps = large ? kFullStepsOfLarge : kFullSteps;
    return kCapacityFolds * (steps * StepWork(rows, candidate) + RidgeWork(rows));
  }
  // Of the members, and again of those that learn from all rows.
  double ServedWork(const EncodedRows& rows, const Candidate& candidate) const {
    return 2 * kEnsembleMembers * (kChosenSteps * StepWork(rows, candidate) + RidgeWork(rows));
  }

  absl::Status CompareAll() {
    for (size_t i = 0; i < Candidates().size(); ++i) {
      const Candidate& candidate = Candidates()[i];
      ROICAST_ASSIGN_OR_RETURN(const EncodedRows* const rows, Encode(candidate.ramps));
      const double work = QuickWork(*rows, candidate);
      if (i == 0) ROICAST_RETURN_IF_ERROR(CheckBudget(work + ServedWork(*rows, candidate), rows->train.roi.size()));
      if (i > 0 && used_ + work > kFirstShare * budget_) continue;
      journal_.SetStep(absl::StrFormat("candidate %d of %d: %s", i + 1, Candidates().size(), Name(candidate)));
      ROICAST_RETURN_IF_ERROR(Compare(*rows, candidate, CapacitySearch::kQuick, nullptr));
      if (journal_.out_of_time()) return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  absl::Status CheckBudget(double least, size_t rows) const {
    if (least <= budget_) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrFormat("extra.time_budget (--time-budget): expected at least %.1fs for these %d rows, got %s: a time "
                        "budget of %s is too short for one candidate; --preset compact needs none",
                        least / kWorkPerSecond + 0.05, rows, absl::FormatDuration(spec_.extra.time_budget),
                        absl::FormatDuration(spec_.extra.time_budget)));
  }

  void SortByScore() {
    std::stable_sort(compared_.begin(), compared_.end(),
                     [](const Compared& a, const Compared& b) { return a.selection.r2 > b.selection.r2; });
  }

  absl::Status CompareBest() {
    const size_t count = (compared_.size() + 1) / 2;
    for (size_t i = 0; i < count && !journal_.out_of_time(); ++i) {
      ROICAST_ASSIGN_OR_RETURN(const EncodedRows* const rows, Encode(compared_[i].candidate.ramps));
      if (used_ + FullWork(*rows, compared_[i].candidate) > kSearchShare * budget_) continue;
      journal_.SetStep(absl::StrFormat("finalist %d of %d: %s", i + 1, count, Name(compared_[i].candidate)));
      const Candidate candidate = compared_[i].candidate;
      ROICAST_RETURN_IF_ERROR(Compare(*rows, candidate, CapacitySearch::kFull, &compared_[i]));
    }
    return absl::OkStatus();
  }

  // earlier: replaced if the new comparison is better; nullptr: none.
  absl::Status Compare(const EncodedRows& rows, const Candidate& candidate, CapacitySearch search, Compared* earlier) {
    TrainingSpec spec = spec_;
    spec.network.hidden = candidate.hidden;
    Compared compared{candidate, {}, 0.0};
    ROICAST_ASSIGN_OR_RETURN(compared.selection, ChooseCapacity(rows.train, spec, journal_, search));
    if (journal_.out_of_time()) return absl::OkStatus();
    double steps = 0.0;
    for (const ComparedCapacity& each : compared.selection.report.compared) {
      steps += static_cast<double>(each.capacity.steps);
    }
    compared.work = kCapacityFolds * (steps * StepWork(rows, candidate) + RidgeWork(rows));
    used_ += compared.work;
    if (earlier == nullptr) {
      compared_.push_back(std::move(compared));
      return absl::OkStatus();
    }
    compared.work += earlier->work;
    if (compared.selection.r2 < earlier->selection.r2) compared.selection = std::move(earlier->selection);
    *earlier = std::move(compared);
    return absl::OkStatus();
  }

  absl::StatusOr<SearchPlan> Combine() {
    SearchPlan plan;
    if (compared_.empty()) return LinearPlan();
    SortByScore();
    const Compared& best = compared_.front();
    std::vector<size_t> together{0};
    for (size_t i = 1; i < compared_.size(); ++i) {
      const int ramps = compared_[i].candidate.ramps;
      const bool fits = ramps == 0 || ramps == best.candidate.ramps;
      if (fits && !compared_[i].linear() && !best.linear()) together.push_back(i);
    }
    ROICAST_ASSIGN_OR_RETURN(const EncodedRows* const rows, Encode(best.candidate.ramps));
    const FoldCriterion criterion(spec_.training.loss, rows->train.standardised, rows->train.weights);
    std::vector<absl::Span<const double>> out_of_fold;
    for (const size_t i : together) out_of_fold.push_back(compared_[i].selection.out_of_fold);
    const std::vector<double> shares = SelectEnsemble(criterion, out_of_fold, kMostParts);
    std::vector<double> share_of(compared_.size(), 0.0);
    for (size_t k = 0; k < together.size(); ++k) share_of[together[k]] = shares[k];
    for (size_t i = 0; i < compared_.size(); ++i) {
      const Compared& each = compared_[i];
      plan.tried.push_back({absl::StrCat(each.linear() ? "linear, " : "", Name(each.candidate)), each.selection.r2,
                            each.work / kWorkPerSecond, share_of[i]});
    }
    for (size_t k = 0; k < together.size(); ++k) {
      if (shares[k] == 0.0) continue;
      Compared& each = compared_[together[k]];
      plan.parts.push_back({each.candidate.ramps, each.candidate.hidden, std::move(each.selection), shares[k]});
    }
    // The first one's encoding has to hold the others.
    std::stable_sort(plan.parts.begin(), plan.parts.end(),
                     [](const SearchPlan::Part& a, const SearchPlan::Part& b) { return a.ramps > b.ramps; });
    return plan;
  }

  // The time limit passed before anything was compared.
  absl::StatusOr<SearchPlan> LinearPlan() {
    const Candidate& first = Candidates().front();
    ROICAST_ASSIGN_OR_RETURN(const EncodedRows* const rows, Encode(first.ramps));
    SearchPlan plan;
    plan.parts.push_back({first.ramps, first.hidden, {}, 1.0});
    ROICAST_ASSIGN_OR_RETURN(plan.parts[0].selection,
                             ChooseCapacity(rows->train, spec_, journal_, CapacitySearch::kQuick));
    return plan;
  }

  static constexpr double kQuickSteps = 20'000.0;

  const RowEncoder& encode_;
  const TrainingSpec& spec_;
  FitJournal& journal_;
  const double budget_;
  double used_ = 0.0;
  std::optional<EncodedRows> encoded_;
  int encoded_ramps_ = 0;
  std::vector<Compared> compared_;
};

std::vector<int> UnitsOf(const Mlp& mlp) {
  std::vector<int> units;
  for (size_t l = 0; l + 1 < mlp.layers.size(); ++l) units.push_back(mlp.layers[l].outputs());
  return units;
}

}  // namespace

Mlp Embed(const Mlp& mlp, const Preprocessor& from, const Preprocessor& to, const std::vector<int>& units) {
  ROICAST_CHECK(mlp.inputs() == from.encoded_size() && units.size() + 1 == mlp.layers.size());
  // Per input of `from`, the one of `to`: a feature's ramps stand before its missing indicator.
  std::vector<int> input;
  const std::vector<int> inputs = from.InputsPerFeature(), inputs_to = to.InputsPerFeature();
  for (size_t f = 0; f < inputs.size(); ++f) {
    const int ramps = inputs_to[f] - inputs[f];
    const bool indicator = from.features()[f].missing_indicator;
    for (int i = 0; i < inputs[f]; ++i) {
      const bool after_ramps = indicator && i + 1 == inputs[f];
      input.push_back(to.offset(static_cast<int>(f)) + i + (after_ramps ? ramps : 0));
    }
  }
  Mlp embedded;
  for (size_t l = 0; l < mlp.layers.size(); ++l) {
    const DenseLayer& layer = mlp.layers[l];
    ROICAST_CHECK(layer.blocks == 1);
    const bool last = l + 1 == mlp.layers.size();
    const Eigen::Index outputs = last ? layer.weights.rows() : std::max<Eigen::Index>(units[l], layer.weights.rows());
    const Eigen::Index before = l == 0 ? to.encoded_size() : embedded.layers.back().weights.rows();
    DenseLayer wide;
    wide.activation = layer.activation;
    wide.weights = RowMajorMatrix::Zero(outputs, before);
    wide.biases = Eigen::VectorXf::Zero(outputs);
    for (Eigen::Index j = 0; j < layer.weights.cols(); ++j) {
      wide.weights.col(l == 0 ? input[j] : j).head(layer.weights.rows()) = layer.weights.col(j);
    }
    wide.biases.head(layer.biases.size()) = layer.biases;
    embedded.layers.push_back(std::move(wide));
  }
  return embedded;
}

absl::StatusOr<SearchPlan> SearchModels(const RowEncoder& encode, const TrainingSpec& spec, FitJournal& journal) {
  return Search(encode, spec, journal).Run();
}

absl::StatusOr<NetworkFit> FitPlan(const RowEncoder& encode, const TrainingSpec& spec, const SearchPlan& plan,
                                   FitJournal& journal) {
  ROICAST_CHECK(!plan.parts.empty());
  ROICAST_ASSIGN_OR_RETURN(const EncodedRows target, encode(plan.parts.front().ramps));
  NetworkFit fit;
  fit.out_of_fold.assign(target.train.roi.size(), 0.0);
  fit.training.stop_reason = "a linear model is enough";
  std::vector<Mlp> mlps;
  std::vector<double> shares;
  std::vector<int> units;
  for (const SearchPlan::Part& part : plan.parts) {
    journal.SetStep(absl::StrCat("members: ", Name({part.ramps, part.hidden})));
    TrainingSpec part_spec = spec;
    part_spec.network.hidden = part.hidden;
    ROICAST_ASSIGN_OR_RETURN(const EncodedRows rows, encode(part.ramps));
    ROICAST_ASSIGN_OR_RETURN(EnsembleMembers members,
                             FitMembers(rows.train, rows.preprocessor, part_spec, part.selection, journal));
    if (members.mlps.empty()) {
      part_spec.network.hidden = plan.parts.front().hidden;
      return FitChosenNetwork(target.train, target.preprocessor, part_spec, plan.parts.front().selection, journal);
    }
    for (size_t i = 0; i < fit.out_of_fold.size(); ++i) fit.out_of_fold[i] += part.share * members.out_of_fold[i];
    for (const Mlp& mlp : members.mlps) {
      const std::vector<int> own = UnitsOf(mlp);
      units.resize(own.size());
      for (size_t l = 0; l < own.size(); ++l) units[l] = std::max(units[l], own[l]);
      shares.push_back(part.share / static_cast<double>(members.mlps.size()));
      mlps.push_back(Embed(mlp, rows.preprocessor, target.preprocessor, own));
    }
    if (part.selection.network_share > 0.0) fit.training = std::move(members.training);
  }
  for (size_t m = 0; m < mlps.size(); ++m) {
    mlps[m] = Embed(mlps[m], target.preprocessor, target.preprocessor, units);
    ScaleOutput(shares[m] * static_cast<double>(mlps.size()), mlps[m]);
  }
  fit.mlp = CombineMembers(mlps);
  fit.members = mlps.front().layers.size() > 1 ? static_cast<int>(mlps.size()) : 1;
  return fit;
}

}  // namespace roicast
