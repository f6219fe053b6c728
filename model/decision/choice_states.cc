#include "model/decision/choice_states.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "model/decision/choice_steps.h"

namespace roicast {
namespace {

constexpr double kNoBound = std::numeric_limits<double>::infinity();
constexpr int64_t kWorkOfStates = 3'000'000;  // states times levels, in all
constexpr int64_t kFewestStates = 64, kMostStates = 20'000;
constexpr int64_t kFewestProducts = 100'000;
constexpr double kRoundingOfLosses = 1e-12;  // relative to the sum of all values
constexpr size_t kLevelsBetweenStops = 100'000;

// Which of two choices is better whatever follows.
enum class Dominance {
  kCheaper,   // less spend with no less value
  kSameSpend  // no less value and room with the same spend
};

// What the campaigns that follow can add.
struct Extent {
  int64_t least = 0, most = 0;
};

class Pass {
 public:
  // gap: states that lose more are dropped.
  Pass(const SearchProblem& problem, const Prices& prices, double gap, size_t max_levels, int64_t max_states,
       const StopCheck& stop)
      : problem_(problem),
        prices_(prices),
        gap_(gap),
        max_levels_(max_levels),
        max_states_(max_states),
        stop_(stop),
        memory_(problem.memory->EmptyClaim(MemoryUse::kRequests)),
        steps_memory_(problem.memory->EmptyClaim(MemoryUse::kRequests)) {}

  bool cut() const { return cut_; }

  absl::Status Run(SearchResult& result) {
    ROICAST_RETURN_IF_ERROR(KeepLevels());
    return Search(result);
  }

 private:
  struct Kept {
    int level;
    double loss;
  };

  absl::Status KeepLevels() {
    of_group_.resize(problem_.groups.size() + 1);
    RareStopCheck rare(&stop_, kLevelsBetweenStops);
    for (size_t c = 0; c < problem_.campaigns.size(); ++c) {
      const SearchCampaign& campaign = problem_.campaigns[c];
      ROICAST_RETURN_IF_ERROR(rare.Done(campaign.spend.size()));
      KeepLevelsOf(campaign);
      of_group_[static_cast<size_t>(campaign.group + 1)].push_back(static_cast<int>(c));
    }
    if (max_states_ == 0) {
      int64_t levels = 1;
      for (const auto& kept : kept_) levels += static_cast<int64_t>(kept.size() > 1 ? kept.size() : 0);
      max_states_ = std::clamp(kWorkOfStates / levels, kFewestStates, kMostStates);
    }
    return absl::OkStatus();
  }

  absl::Status Search(SearchResult& result) {
    const bool exact = problem_.exact;
    Extent rest = ExtentOfAll();
    std::vector<ChoiceState> states(1);
    ChoiceSteps steps;
    std::vector<std::pair<int, ChoiceSteps>> groups;  // which group a step is of, and the steps within
    for (size_t g = 1; g < of_group_.size(); ++g) {
      if (of_group_[g].empty()) continue;
      groups.emplace_back(static_cast<int>(g) - 1, ChoiceSteps());
      ROICAST_ASSIGN_OR_RETURN(const std::vector<ChoiceState> inside,
                               InGroup(static_cast<int>(g) - 1, groups.back().second));
      const Extent extent = ExtentOfGroup(static_cast<int>(g) - 1);
      rest.least -= extent.least;
      rest.most -= extent.most;
      ROICAST_RETURN_IF_ERROR(Combine(states, inside, rest));
      Reduce(exact ? Dominance::kSameSpend : Dominance::kCheaper, max_states_, states);
      ROICAST_RETURN_IF_ERROR(Keep(states, steps));
    }
    for (const int c : of_group_[0]) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      const Extent extent = ExtentOf(problem_.campaigns[static_cast<size_t>(c)]);
      rest.least -= extent.least;
      rest.most -= extent.most;
      const int64_t low = exact ? problem_.budget - rest.most : -1;
      ROICAST_RETURN_IF_ERROR(
          Add(c, low, problem_.budget - rest.least, exact ? Dominance::kSameSpend : Dominance::kCheaper, states));
      ROICAST_RETURN_IF_ERROR(Keep(states, steps));
    }
    const int best = BestOf(states);
    result.found = best >= 0;
    if (!result.found) return absl::OkStatus();
    const std::vector<int32_t> choices = steps.Trace(best);
    result.level.assign(problem_.campaigns.size(), 0);
    size_t step = 0;
    for (const auto& [group, inside] : groups) {
      const std::vector<int>& members = of_group_[static_cast<size_t>(group) + 1];
      const std::vector<int32_t> levels = inside.Trace(choices[step++]);
      for (size_t i = 0; i < members.size(); ++i) result.level[static_cast<size_t>(members[i])] = levels[i];
    }
    for (const int c : of_group_[0]) result.level[static_cast<size_t>(c)] = choices[step++];
    return absl::OkStatus();
  }

  void KeepLevelsOf(const SearchCampaign& campaign) {
    const double price = prices_.Of(campaign);
    double best = -kNoBound, largest = 0.0;
    for (size_t i = 0; i < campaign.spend.size(); ++i) {
      best = std::max(best, campaign.value[i] - price * static_cast<double>(campaign.spend[i]));
      largest = std::max(largest, std::abs(campaign.value[i]));
    }
    equal_losses_ += kRoundingOfLosses * largest;
    std::vector<Kept>& kept = kept_.emplace_back();
    kept.reserve(campaign.spend.size());
    for (size_t i = 0; i < campaign.spend.size(); ++i) {
      const double loss = best - (campaign.value[i] - price * static_cast<double>(campaign.spend[i]));
      if (loss <= gap_) kept.push_back({static_cast<int>(i), std::max(0.0, loss)});
    }
    if (kept.size() <= max_levels_) return kept.shrink_to_fit();
    cut_ = true;
    // The cheapest and the dearest stay: limits of sums may allow no other.
    const auto dearest = static_cast<int>(campaign.spend.size()) - 1;
    const auto end = kept.begin() + static_cast<int64_t>(max_levels_);
    std::partial_sort(kept.begin(), end, kept.end(), [dearest](const Kept& a, const Kept& b) {
      const bool end_a = a.level == 0 || a.level == dearest, end_b = b.level == 0 || b.level == dearest;
      if (end_a != end_b) return end_a;
      return a.loss != b.loss ? a.loss < b.loss : a.level < b.level;
    });
    kept.resize(max_levels_);
    kept.shrink_to_fit();
  }

  static int64_t MostOf(const SearchCampaign& campaign) { return std::max(campaign.spend.back(), campaign.any_up_to); }
  static Extent ExtentOf(const SearchCampaign& campaign) { return {campaign.spend.front(), MostOf(campaign)}; }

  Extent ExtentOfMembers(size_t index) const {
    Extent sum;
    for (const int c : of_group_[index]) {
      const Extent extent = ExtentOf(problem_.campaigns[static_cast<size_t>(c)]);
      sum.least += extent.least;
      sum.most += extent.most;
    }
    return sum;
  }
  Extent ExtentOfGroup(int group) const {
    const SearchGroup& limits = problem_.groups[static_cast<size_t>(group)];
    Extent extent = ExtentOfMembers(static_cast<size_t>(group) + 1);
    extent.least = std::max(extent.least, limits.min);
    extent.most = std::min(extent.most, limits.max);
    return extent;
  }
  Extent ExtentOfAll() const {
    Extent all = ExtentOfMembers(0);
    for (size_t g = 1; g < of_group_.size(); ++g) {
      if (of_group_[g].empty()) continue;
      const Extent extent = ExtentOfGroup(static_cast<int>(g) - 1);
      all.least += extent.least;
      all.most += extent.most;
    }
    return all;
  }

  absl::Status Keep(const std::vector<ChoiceState>& states, ChoiceSteps& steps) {
    const size_t before = steps.bytes();
    steps.Push(states);
    return steps_memory_.Grow(steps.bytes() - before);
  }

  // One more state in next_; what it takes is claimed as it grows.
  absl::Status Push(const ChoiceState& state) {
    if (next_.size() == next_.capacity()) {
      const size_t capacity = std::max<size_t>(kFewestStates, 2 * next_.capacity());
      // next_, what it was before, and the states that it is made of; with groups also those of the groups before.
      const uint64_t halves = problem_.groups.empty() ? 5 : 7;
      const uint64_t bytes = capacity * sizeof(ChoiceState) * halves / 2;
      if (bytes > memory_.bytes()) ROICAST_RETURN_IF_ERROR(memory_.SetTo(bytes));
      next_.reserve(capacity);
    }
    next_.push_back(state);
    return absl::OkStatus();
  }

  // Adds campaign c to each state whose spend stays within [low, high].
  absl::Status Add(int c, int64_t low, int64_t high, Dominance dominance, std::vector<ChoiceState>& states) {
    const SearchCampaign& campaign = problem_.campaigns[static_cast<size_t>(c)];
    next_.clear();
    for (const Kept& kept : kept_[static_cast<size_t>(c)]) {
      const auto level = static_cast<size_t>(kept.level);
      const bool any = campaign.any_up_to >= 0 && kept.level >= campaign.any_from;
      const int64_t room = !any ? 0 : campaign.any_up_to - campaign.spend[level];
      for (size_t i = 0; i < states.size(); ++i) {
        const ChoiceState& state = states[i];
        const int64_t spend = state.spend + campaign.spend[level];
        if (spend > high || spend + state.room + room < low || state.loss + kept.loss > gap_) continue;
        ROICAST_RETURN_IF_ERROR(Push({spend, state.room + room, state.value + campaign.value[level],
                                      state.loss + kept.loss, static_cast<int32_t>(i), kept.level}));
      }
    }
    states.swap(next_);
    Reduce(dominance, max_states_, states);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ChoiceState>> InGroup(int group, ChoiceSteps& steps) {
    const SearchGroup& limits = problem_.groups[static_cast<size_t>(group)];
    Extent rest = ExtentOfMembers(static_cast<size_t>(group) + 1);
    // Without a minimum that asks for more than its campaigns do, less spend is never worse.
    const Dominance dominance = problem_.exact || limits.min > rest.least ? Dominance::kSameSpend : Dominance::kCheaper;
    std::vector<ChoiceState> states(1);
    for (const int c : of_group_[static_cast<size_t>(group) + 1]) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      const Extent extent = ExtentOf(problem_.campaigns[static_cast<size_t>(c)]);
      rest.least -= extent.least;
      rest.most -= extent.most;
      ROICAST_RETURN_IF_ERROR(
          Add(c, limits.min - rest.most, std::min(limits.max, problem_.budget) - rest.least, dominance, states));
      ROICAST_RETURN_IF_ERROR(Keep(states, steps));
    }
    // Any amounts make up for what is short of the minimum, and are worth about the price.
    for (size_t i = 0; i < states.size(); ++i) {
      ChoiceState& state = states[i];
      state.choice = static_cast<int32_t>(i);
      const int64_t fill = std::max<int64_t>(0, limits.min - state.spend);
      state.spend += fill;
      state.value += prices_.groups[static_cast<size_t>(group)] * static_cast<double>(fill);
      state.room = std::min(state.room - fill, limits.max - state.spend);
    }
    std::erase_if(states, [](const ChoiceState& state) { return state.room < 0; });
    return states;
  }

  // Each state with each one of a group; of too many the ones that lost least.
  absl::Status Combine(std::vector<ChoiceState>& states, std::vector<ChoiceState> inside, const Extent& rest) {
    const int64_t most = std::max(kFewestProducts, 20 * max_states_);
    const auto count = static_cast<int64_t>(inside.size());
    if (count * static_cast<int64_t>(states.size()) > most) {
      KeepBest(std::max<int64_t>(1, most / static_cast<int64_t>(states.size())), inside);
    }
    const int64_t low = problem_.exact ? problem_.budget - rest.most : -1, high = problem_.budget - rest.least;
    next_.clear();
    for (size_t i = 0; i < states.size(); ++i) {
      for (const ChoiceState& group : inside) {
        const ChoiceState& state = states[i];
        const int64_t spend = state.spend + group.spend, room = state.room + group.room;
        if (spend > high || spend + room < low || state.loss + group.loss > gap_) continue;
        ROICAST_RETURN_IF_ERROR(Push(
            {spend, room, state.value + group.value, state.loss + group.loss, static_cast<int32_t>(i), group.choice}));
      }
    }
    states.swap(next_);
    return absl::OkStatus();
  }

  // Those that lost least. Campaigns that are alike make many states of the same loss; of those that are one too many,
  // ones whose spends are spread, so that later limits of sums find one that fits. The cheapest and the dearest stay
  // for the same reason.
  void KeepBest(int64_t count, std::vector<ChoiceState>& states) {
    if (static_cast<int64_t>(states.size()) <= count) return;
    cut_ = true;
    const auto [least, most] = std::minmax_element(
        states.begin(), states.end(), [](const ChoiceState& a, const ChoiceState& b) { return a.spend < b.spend; });
    const int64_t cheapest = least->spend, dearest = most->spend;
    const auto rank = [&](const ChoiceState& state) {
      if (state.spend == cheapest || state.spend == dearest) return -1.0;
      return equal_losses_ > 0.0 ? std::floor(state.loss / equal_losses_) : state.loss;
    };
    std::sort(states.begin(), states.end(), [&](const ChoiceState& a, const ChoiceState& b) {
      const double rank_a = rank(a), rank_b = rank(b);
      return rank_a != rank_b ? rank_a < rank_b : a.spend < b.spend;
    });
    const auto end = static_cast<size_t>(count);
    const double last = rank(states[end - 1]);
    size_t first_equal = end - 1, end_of_equal = end;
    while (first_equal > 0 && rank(states[first_equal - 1]) == last) --first_equal;
    while (end_of_equal < states.size() && rank(states[end_of_equal]) == last) ++end_of_equal;
    const size_t wanted = end - first_equal, equal = end_of_equal - first_equal;
    // From the first to the last of them; each comes from behind where it goes.
    for (size_t i = 1; i < wanted; ++i) {
      states[first_equal + i] = states[first_equal + i * (equal - 1) / (wanted - 1)];
    }
    states.resize(end);
  }

  void Reduce(Dominance dominance, int64_t max_states, std::vector<ChoiceState>& states) {
    std::sort(states.begin(), states.end(), [](const ChoiceState& a, const ChoiceState& b) {
      if (a.spend != b.spend) return a.spend < b.spend;
      return a.value != b.value ? a.value > b.value : a.room > b.room;
    });
    size_t kept = 0;
    double best = -kNoBound;
    int64_t spend = -1, room = -1;
    for (const ChoiceState& state : states) {
      if (dominance == Dominance::kCheaper) {
        if (state.value <= best) continue;
        best = state.value;
      } else {
        if (state.spend == spend && state.room <= room) continue;
        spend = state.spend;
        room = state.room;
      }
      states[kept++] = state;
    }
    states.resize(kept);
    KeepBest(max_states, states);
  }

  int BestOf(const std::vector<ChoiceState>& states) const {
    int best = -1;
    const auto better = [&](const ChoiceState& a, const ChoiceState& b) {
      switch (problem_.aim) {
        case SearchAim::kLeastSpend:
          return a.spend < b.spend;
        case SearchAim::kRatio:
          return a.value > b.value;
        case SearchAim::kMostValue:
          break;
      }
      // The rest of an exact budget is placed elsewhere, at the margin's price.
      const auto with_rest = [&](const ChoiceState& state) {
        return problem_.exact ? state.value - prices_.budget * static_cast<double>(state.spend) : state.value;
      };
      return with_rest(a) > with_rest(b);
    };
    for (size_t i = 0; i < states.size(); ++i) {
      const ChoiceState& state = states[i];
      if (state.spend > problem_.budget) continue;
      if (problem_.exact && state.spend + state.room < problem_.budget) continue;
      if (problem_.aim == SearchAim::kLeastSpend && state.value < problem_.target) continue;
      if (problem_.aim == SearchAim::kRatio && state.value < problem_.target * static_cast<double>(state.spend)) {
        continue;
      }
      if (best < 0 || better(state, states[static_cast<size_t>(best)])) best = static_cast<int>(i);
    }
    return best;
  }

  const SearchProblem& problem_;
  const Prices& prices_;
  const double gap_;
  const size_t max_levels_;
  int64_t max_states_;
  const StopCheck& stop_;
  MemoryClaim memory_;                      // of states
  MemoryClaim steps_memory_;                // of the way back
  std::vector<std::vector<Kept>> kept_;     // per campaign
  std::vector<std::vector<int>> of_group_;  // campaigns; first those of no group
  std::vector<ChoiceState> next_;
  double equal_losses_ = 0.0;  // losses that differ by less are equal
  bool cut_ = false;
};

}  // namespace

absl::Status SearchChoiceStates(const SearchProblem& problem, const Prices& prices, const ChoiceStatesOptions& options,
                                const StopCheck& stop, SearchResult& result, bool& cut) {
  Pass pass(problem, prices, options.gap, options.max_levels, options.max_states, stop);
  ROICAST_RETURN_IF_ERROR(pass.Run(result));
  cut = pass.cut();
  return absl::OkStatus();
}

}  // namespace roicast
