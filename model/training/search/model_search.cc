#include "model/training/search/model_search.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/training/fit/network_fit.h"
#include "model/training/search/ensemble_selection.h"
#include "model/training/search/target_choice.h"

namespace roicast {
namespace {

struct Round {
  int folds;
  int64_t steps;
  int64_t fewest_rows;  // with fewer, nothing is gained by so many steps
};
constexpr Round kSearchRounds[] = {{2, 2'500, 0}, {3, 10'000, 0}, {5, 40'000, 0}, {5, 160'000, 3'000}};
constexpr int kMostRounds = static_cast<int>(std::size(kSearchRounds));
// Shares of what is searched with, by the number of rounds.
constexpr double kRoundShares[kMostRounds][kMostRounds] = {
    {1.0}, {0.35, 0.65}, {0.2, 0.3, 0.5}, {0.12, 0.18, 0.25, 0.45}};
// Of the budget; the rest is for the members that learn from all rows.
constexpr double kSearchShare = 0.8;
// The last round has time for so many of the usual candidate, or there are fewer rounds.
constexpr double kFewestFinalists = 3.0;
// A round's share of one candidate at most.
constexpr double kMostOfRound = 0.3;
// Of the candidates of a round, the next one has at most so many; the rest of it is for their neighbours.
constexpr double kPromoted = 1.0 / 3.0;
constexpr double kShareOfPromoted = 0.65;
constexpr size_t kLeaders = 3;  // whose neighbours join
// Candidates of the last round but one that are compared with the finalists, too: a longer schedule may be worse.
constexpr size_t kShorter = 3;
// Ramps whose linear paths alone take more of the budget are left out.
constexpr double kMostForLinear = 0.08;
constexpr int kMostParts = 3;
constexpr double kMostForTarget = 0.15;

class Search {
 public:
  Search(const RowEncoder& encode, const TrainingSpec& spec, const TargetChoice& target, FitJournal& journal)
      : encode_(encode),
        spec_(spec),
        journal_(journal),
        budget_(absl::ToDoubleSeconds(spec.extra.time_budget)),
        target_(target),
        trials_(encode, target.transform, spec, journal),
        used_(target.seconds) {}

  absl::StatusOr<SearchPlan> Run() {
    ROICAST_RETURN_IF_ERROR(trials_.Begin());
    ROICAST_RETURN_IF_ERROR(KnowEncodings());
    rounds_ = RoundsFor(Usual());
    ROICAST_RETURN_IF_ERROR(CheckBudget(candidates_.front()));
    std::vector<Trial*> last;
    for (int round = 0; round < rounds_; ++round) {
      std::vector<Trial*> next = round == 0 ? FirstRound() : NextRound(round, last);
      ROICAST_RETURN_IF_ERROR(Try(round, next));
      if (journal_.out_of_time()) break;
      if (round + 1 == rounds_) ROICAST_RETURN_IF_ERROR(CompleteShorter(last));
      std::stable_sort(next.begin(), next.end(), BetterScore);
      last = std::move(next);
    }
    return Combine();
  }

 private:
  static bool BetterScore(const Trial* a, const Trial* b) { return a->score > b->score; }

  int FoldsOf(int round) const { return round + 1 == rounds_ ? kEnsembleMembers : kSearchRounds[round].folds; }
  // What may be used until the end of a round.
  double Until(int round) const {
    double share = 0.0;
    for (int i = 0; i <= round; ++i) share += kRoundShares[rounds_ - 1][i];
    return kSearchShare * share * budget_;
  }
  double Seconds(const Candidate& candidate, int round) const {
    return trials_.Seconds(candidate, kSearchRounds[round].steps, 0, FoldsOf(round));
  }

  absl::Status KnowEncodings() {
    for (const Candidate& candidate : candidates_) {
      const int ramps = candidate.RampCount();
      if (known_.contains(ramps)) continue;
      known_.insert(ramps);
      ROICAST_ASSIGN_OR_RETURN(const std::optional<int> inputs, trials_.Inputs(ramps));
      if (!inputs.has_value() && ramps > 0) continue;
      const double seconds = trials_.LinearSeconds(ramps);
      if (ramps > 0 && seconds > kMostForLinear * budget_) continue;
      used_ += seconds;
      usable_.insert(ramps);
    }
    return absl::OkStatus();
  }

  // With ramps, if they can be used.
  const Candidate& Usual() const {
    return *std::max_element(candidates_.begin(), candidates_.begin() + 2, [&](const Candidate& a, const Candidate& b) {
      return usable_.count(a.RampCount()) < usable_.count(b.RampCount()) ||
             (usable_.contains(b.RampCount()) && a.RampCount() < b.RampCount());
    });
  }

  int RoundsFor(const Candidate& usual) const {
    for (int rounds = kMostRounds; rounds > 1; --rounds) {
      const Round& last = kSearchRounds[rounds - 1];
      const double time = kSearchShare * kRoundShares[rounds - 1][rounds - 1] * budget_;
      const double one = trials_.Seconds(usual, last.steps, 0, kEnsembleMembers);
      if (trials_.rows() >= last.fewest_rows && kFewestFinalists * one <= time) return rounds;
    }
    return 1;
  }

  absl::Status CheckBudget(const Candidate& first) const {
    // In the search, and once more on all rows.
    const double least = used_ + 2.0 * trials_.Seconds(first, kSearchRounds[0].steps, 0, kEnsembleMembers);
    if (least <= budget_) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrFormat("extra.time_budget (--time-budget): expected at least %.1fs for these %d rows, got %s: a time "
                        "budget of %s is too short for one candidate; --preset compact needs none",
                        least + 0.05, trials_.rows(), absl::FormatDuration(spec_.extra.time_budget),
                        absl::FormatDuration(spec_.extra.time_budget)));
  }

  // nullptr: it has been tried, or is too dear.
  Trial* Add(const Candidate& candidate, int round, double until) {
    if (!usable_.contains(candidate.RampCount())) return nullptr;
    const double seconds = Seconds(candidate, round);
    const bool first = all_.empty();
    const double whole = Until(round) - (round > 0 ? Until(round - 1) : 0.0);
    if (!first && (used_ + seconds > until || seconds > std::max(kMostOfRound * whole, CheapSeconds(round)))) {
      return nullptr;
    }
    if (!tried_.insert({round, candidate}).second) return nullptr;
    used_ += seconds;
    all_.push_back(std::make_unique<Trial>());
    all_.back()->candidate = candidate;
    all_.back()->steps = kSearchRounds[round].steps;
    return all_.back().get();
  }
  double CheapSeconds(int round) const { return Seconds(candidates_.front(), round); }

  std::vector<Trial*> FirstRound() {
    std::vector<Trial*> chosen;
    for (const Candidate& candidate : candidates_) {
      if (Trial* const trial = Add(candidate, 0, Until(0))) chosen.push_back(trial);
    }
    return chosen;
  }

  // The better ones of the last round, which is sorted, and neighbours of the best.
  std::vector<Trial*> NextRound(int round, const std::vector<Trial*>& last) {
    std::vector<Trial*> chosen;
    const double begin = used_, end = Until(round);
    const auto most = static_cast<size_t>(std::max(1.0, kPromoted * static_cast<double>(last.size()) + 0.5));
    const auto promote = [&](size_t from, size_t to, double until) {
      for (size_t i = from; i < std::min(to, last.size()); ++i) {
        if (Trial* const trial = Add(last[i]->candidate, round, until)) chosen.push_back(trial);
      }
    };
    promote(0, most, begin + kShareOfPromoted * (end - begin));
    for (size_t leader = 0; leader < std::min(kLeaders, last.size()); ++leader) {
      for (const Candidate& neighbour : NeighboursOf(last[leader]->candidate)) {
        const bool worse = std::any_of(last.begin() + static_cast<ptrdiff_t>(std::min(most, last.size())), last.end(),
                                       [&](const Trial* trial) { return trial->candidate == neighbour; });
        if (worse) continue;
        if (Trial* const trial = Add(neighbour, round, end)) chosen.push_back(trial);
      }
    }
    promote(0, 2 * most, end);
    return chosen;
  }

  absl::Status Try(int round, const std::vector<Trial*>& trials) {
    const int folds = FoldsOf(round);
    const std::string step = absl::StrFormat("round %d of %d: %d candidates, %d steps", round + 1, rounds_,
                                             trials.size(), kSearchRounds[round].steps);
    journal_.SetStep(step);
    const int all = static_cast<int>(trials.size()) * folds;
    return trials_.Extend(trials, folds, [&, all, folds](int fitted) {
      journal_.observer().OnStep(absl::StrFormat("%s, %d of %d networks", step, fitted, all));
      journal_.observer().OnCompared(compared_ + fitted / folds);
      if (fitted == all) compared_ += all / folds;
    });
  }

  // `shorter`: sorted.
  absl::Status CompleteShorter(const std::vector<Trial*>& shorter) {
    std::vector<Trial*> chosen;
    for (Trial* const trial : shorter) {
      if (chosen.size() == kShorter) break;
      const double seconds = trials_.Seconds(trial->candidate, trial->steps, trial->folds, kEnsembleMembers);
      if (used_ + seconds > kSearchShare * budget_) continue;
      used_ += seconds;
      chosen.push_back(trial);
    }
    journal_.SetStep(absl::StrFormat("%d shorter schedules", chosen.size()));
    return trials_.Extend(chosen, kEnsembleMembers, {});
  }

  static bool IsLinear(const Trial& trial) { return trial.share == 0.0; }
  double RefitSeconds(const Trial& trial) const {
    return trials_.Seconds(trial.candidate, trial.steps, 0, kEnsembleMembers);
  }

  absl::StatusOr<SearchPlan> Combine() {
    std::vector<const Trial*> complete;
    for (const auto& trial : all_) {
      if (trial->folds == kEnsembleMembers) complete.push_back(trial.get());
    }
    if (complete.empty()) return LinearPlan();
    std::stable_sort(complete.begin(), complete.end(), BetterScore);
    std::vector<const Trial*> together{complete.front()};
    for (size_t i = 1; i < complete.size() && !IsLinear(*complete.front()); ++i) {
      if (!IsLinear(*complete[i])) together.push_back(complete[i]);
    }
    const std::vector<double> shares = Shares(together);
    const auto parts = std::count_if(shares.begin(), shares.end(), [](double share) { return share > 0.0; });
    SearchPlan plan;
    plan.target = target_.transform;
    plan.remark = target_.remark;
    for (size_t i = 0; i < together.size(); ++i) {
      if (shares[i] == 0.0) continue;
      const Trial& trial = *together[i];
      SearchPlan::Part part{trial.candidate, {}, shares[i], {}};
      part.selection.chosen = {trial.steps, trial.candidate.Dropout(), trial.candidate.WeightDecay()};
      part.selection.network_share = trial.share;
      const double share = ShareTogether(trial, together, parts);
      part.selection.ensemble_share = share;
      ROICAST_ASSIGN_OR_RETURN(part.members, trials_.MembersOf(trial, share));
      plan.parts.push_back(std::move(part));
    }
    Report(together, shares, plan);
    return plan;
  }

  // EnsembleShare of all members. The second prediction of each row is that of another candidate, best of the same
  // encoding.
  double ShareTogether(const Trial& trial, const std::vector<const Trial*>& together, int64_t parts) const {
    const Trial* second = nullptr;
    for (const Trial* other : together) {
      const bool same = other->candidate.ramps == trial.candidate.ramps && other->steps == trial.steps;
      if (other == &trial) continue;
      if (second == nullptr || (same && second->candidate.ramps != trial.candidate.ramps)) second = other;
    }
    if (second == nullptr || IsLinear(trial)) return trial.share;
    return EnsembleShare(trials_.criterion(), trials_.UnseenOf(trial), trials_.UnseenOf(*second),
                         kEnsembleMembers * static_cast<int>(parts), trial.share);
  }

  // As many parts as there is time to fit again.
  std::vector<double> Shares(const std::vector<const Trial*>& together) const {
    std::vector<std::vector<double>> predictions;
    for (const Trial* trial : together) predictions.push_back(trials_.OutOfFold(*trial));
    const std::vector<absl::Span<const double>> spans(predictions.begin(), predictions.end());
    for (int most = kMostParts;; --most) {
      std::vector<double> shares = SelectEnsemble(trials_.criterion(), spans, most);
      double seconds = used_;
      for (size_t i = 0; i < shares.size(); ++i) seconds += shares[i] > 0.0 ? RefitSeconds(*together[i]) : 0.0;
      if (most == 1 || seconds <= budget_) return shares;
    }
  }

  // All that were tried, those of the last rounds first: only scores of one round compare.
  void Report(const std::vector<const Trial*>& together, const std::vector<double>& shares, SearchPlan& plan) const {
    std::vector<const Trial*> sorted;
    for (const auto& trial : all_) {
      if (trial->folds > 0) sorted.push_back(trial.get());
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const Trial* a, const Trial* b) {
      return a->folds != b->folds ? a->folds > b->folds : a->score > b->score;
    });
    for (const Trial* trial : sorted) {
      const auto part = std::find(together.begin(), together.end(), trial);
      const double share = part == together.end() ? 0.0 : shares[static_cast<size_t>(part - together.begin())];
      const std::string rows =
          trial->folds == kEnsembleMembers ? "" : absl::StrFormat(", %d of %d parts", trial->folds, kEnsembleMembers);
      plan.tried.push_back({absl::StrCat(IsLinear(*trial) ? "linear, " : "", trial->candidate.Name(), ", ",
                                         trial->steps, " steps", rows),
                            trial->score, trial->seconds, share});
    }
    plan.tried.insert(plan.tried.end(), target_.tried.begin(), target_.tried.end());
  }

  // The time limit passed before any candidate was tried on all rows.
  absl::StatusOr<SearchPlan> LinearPlan() const {
    SearchPlan plan;
    plan.target = target_.transform;
    plan.remark = target_.remark;
    plan.parts.push_back({candidates_.front(), {}, 1.0, {}});
    ROICAST_ASSIGN_OR_RETURN(const EncodedRows rows, encode_({0, plan.target}));
    ROICAST_ASSIGN_OR_RETURN(plan.parts[0].selection, ChooseCapacity(rows.train, spec_, journal_));
    return plan;
  }

  const RowEncoder& encode_;
  const TrainingSpec& spec_;
  FitJournal& journal_;
  const double budget_;
  const TargetChoice& target_;
  FoldTrials trials_;
  const std::vector<Candidate> candidates_ = AllCandidates();
  std::set<int> known_, usable_;  // numbers of ramps
  int rounds_ = 1;
  double used_;  // seconds
  int compared_ = 0;
  std::set<std::pair<int, Candidate>> tried_;  // by round
  std::vector<std::unique_ptr<Trial>> all_;
};

}  // namespace

absl::StatusOr<SearchPlan> SearchModels(const RowEncoder& encode, const TrainingSpec& spec, FitJournal& journal) {
  const double budget = absl::ToDoubleSeconds(spec.extra.time_budget);
  ROICAST_ASSIGN_OR_RETURN(const TargetChoice target, ChooseTarget(encode, spec, kMostForTarget * budget, journal));
  return Search(encode, spec, target, journal).Run();
}

}  // namespace roicast
