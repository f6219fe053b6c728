#include "model/decision/split_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/status_macros.h"
#include "model/decision/envelope.h"

namespace roicast {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr int64_t kWork = 3'000'000;  // states times levels, in all
constexpr int64_t kFewestStates = 64, kMostStates = 20'000;
constexpr int64_t kFewestProducts = 100'000;
// Of the first pass, which finds something to compare with.
constexpr size_t kFirstLevels = 4;
constexpr int64_t kFirstStates = 64;
constexpr double kDoubtOfRests = 4.0;
// A loss that is rounding, relative to the values.
constexpr double kRounding = 1e-11;

// A choice for the campaigns so far.
struct State {
  int64_t spend = 0;
  int64_t room = 0;  // that campaigns with any_up_to have above their levels
  double value = 0.0;
  double loss = 0.0;   // against the prices
  int32_t parent = 0;  // index of the state before
  int32_t choice = 0;  // a level, or the state of a group
};

struct Choice {
  int32_t parent, choice;
};

// Which of two choices is better whatever follows.
enum class Dominance {
  kCheaper,   // less spend with no less value
  kSameSpend  // no less value and room with the same spend
};

// What the campaigns that follow can add.
struct Extent {
  int64_t least = 0, most = 0;
};

// States after each step, for the way back.
class Steps {
 public:
  void Push(const std::vector<State>& states) {
    std::vector<Choice>& step = steps_.emplace_back();
    step.reserve(states.size());
    for (const State& state : states) step.push_back({state.parent, state.choice});
  }
  // The choices that led to a state of the last step, the first step's first.
  std::vector<int32_t> Trace(int32_t state) const {
    std::vector<int32_t> choices(steps_.size());
    for (size_t i = steps_.size(); i-- > 0;) {
      const Choice& choice = steps_[i][static_cast<size_t>(state)];
      choices[i] = choice.choice;
      state = choice.parent;
    }
    return choices;
  }

 private:
  std::vector<std::vector<Choice>> steps_;
};

class Pass {
 public:
  // gap: states that lose more are dropped.
  Pass(const SearchProblem& problem, const Prices& prices, double gap, size_t max_levels, int64_t max_states,
       const StopCheck& stop)
      : problem_(problem), prices_(prices), gap_(gap), max_states_(max_states), stop_(stop) {
    of_group_.resize(problem.groups.size() + 1);
    for (size_t c = 0; c < problem.campaigns.size(); ++c) {
      const SearchCampaign& campaign = problem.campaigns[c];
      KeepLevels(campaign, max_levels);
      of_group_[static_cast<size_t>(campaign.group + 1)].push_back(static_cast<int>(c));
    }
    if (max_states_ == 0) {
      int64_t levels = 1;
      for (const auto& kept : kept_) levels += static_cast<int64_t>(kept.size() > 1 ? kept.size() : 0);
      max_states_ = std::clamp(kWork / levels, kFewestStates, kMostStates);
    }
  }

  bool cut() const { return cut_; }

  absl::Status Run(SearchResult& result) {
    const bool exact = problem_.exact;
    Extent rest = ExtentOfAll();
    std::vector<State> states(1);
    Steps steps;
    std::vector<std::pair<int, Steps>> groups;  // which group a step is of, and the steps within
    for (size_t g = 1; g < of_group_.size(); ++g) {
      if (of_group_[g].empty()) continue;
      groups.emplace_back(static_cast<int>(g) - 1, Steps());
      ROICAST_ASSIGN_OR_RETURN(const std::vector<State> inside, InGroup(static_cast<int>(g) - 1, groups.back().second));
      const Extent extent = ExtentOfGroup(static_cast<int>(g) - 1);
      rest.least -= extent.least;
      rest.most -= extent.most;
      Combine(states, inside, rest);
      Reduce(exact ? Dominance::kSameSpend : Dominance::kCheaper, max_states_, states);
      steps.Push(states);
    }
    for (const int c : of_group_[0]) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      const Extent extent = ExtentOf(problem_.campaigns[static_cast<size_t>(c)]);
      rest.least -= extent.least;
      rest.most -= extent.most;
      const int64_t low = exact ? problem_.budget - rest.most : -1;
      Add(c, low, problem_.budget - rest.least, exact ? Dominance::kSameSpend : Dominance::kCheaper, states);
      steps.Push(states);
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

 private:
  struct Kept {
    int level;
    double loss;
  };

  void KeepLevels(const SearchCampaign& campaign, size_t max_levels) {
    const double price = prices_.Of(campaign);
    double best = -kInfinite;
    for (size_t i = 0; i < campaign.spend.size(); ++i) {
      best = std::max(best, campaign.value[i] - price * static_cast<double>(campaign.spend[i]));
    }
    std::vector<Kept>& kept = kept_.emplace_back();
    for (size_t i = 0; i < campaign.spend.size(); ++i) {
      const double loss = best - (campaign.value[i] - price * static_cast<double>(campaign.spend[i]));
      if (loss <= gap_) kept.push_back({static_cast<int>(i), std::max(0.0, loss)});
    }
    if (kept.size() <= max_levels) return;
    cut_ = true;
    std::stable_sort(kept.begin(), kept.end(), [](const Kept& a, const Kept& b) { return a.loss < b.loss; });
    kept.resize(max_levels);
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

  // Adds campaign c to each state whose spend stays within [low, high].
  void Add(int c, int64_t low, int64_t high, Dominance dominance, std::vector<State>& states) {
    const SearchCampaign& campaign = problem_.campaigns[static_cast<size_t>(c)];
    next_.clear();
    for (const Kept& kept : kept_[static_cast<size_t>(c)]) {
      const auto level = static_cast<size_t>(kept.level);
      const bool any = campaign.any_up_to >= 0 && kept.level >= campaign.any_from;
      const int64_t room = !any ? 0 : campaign.any_up_to - campaign.spend[level];
      for (size_t i = 0; i < states.size(); ++i) {
        const State& state = states[i];
        const int64_t spend = state.spend + campaign.spend[level];
        if (spend > high || spend + state.room + room < low || state.loss + kept.loss > gap_) continue;
        next_.push_back({spend, state.room + room, state.value + campaign.value[level], state.loss + kept.loss,
                         static_cast<int32_t>(i), kept.level});
      }
    }
    states.swap(next_);
    Reduce(dominance, max_states_, states);
  }

  absl::StatusOr<std::vector<State>> InGroup(int group, Steps& steps) {
    const SearchGroup& limits = problem_.groups[static_cast<size_t>(group)];
    Extent rest = ExtentOfMembers(static_cast<size_t>(group) + 1);
    // Without a minimum that asks for more than its campaigns do, less spend is never worse.
    const Dominance dominance = problem_.exact || limits.min > rest.least ? Dominance::kSameSpend : Dominance::kCheaper;
    std::vector<State> states(1);
    for (const int c : of_group_[static_cast<size_t>(group) + 1]) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      const Extent extent = ExtentOf(problem_.campaigns[static_cast<size_t>(c)]);
      rest.least -= extent.least;
      rest.most -= extent.most;
      Add(c, limits.min - rest.most, std::min(limits.max, problem_.budget) - rest.least, dominance, states);
      steps.Push(states);
    }
    // Any amounts make up for what is short of the minimum, and are worth about the price.
    for (size_t i = 0; i < states.size(); ++i) {
      State& state = states[i];
      state.choice = static_cast<int32_t>(i);
      const int64_t fill = std::max<int64_t>(0, limits.min - state.spend);
      state.spend += fill;
      state.value += prices_.groups[static_cast<size_t>(group)] * static_cast<double>(fill);
      state.room = std::min(state.room - fill, limits.max - state.spend);
    }
    std::erase_if(states, [](const State& state) { return state.room < 0; });
    return states;
  }

  // Each state with each one of a group; of too many the ones that lost least.
  void Combine(std::vector<State>& states, std::vector<State> inside, const Extent& rest) {
    const int64_t most = std::max(kFewestProducts, 20 * max_states_);
    const auto count = static_cast<int64_t>(inside.size());
    if (count * static_cast<int64_t>(states.size()) > most) {
      KeepBest(std::max<int64_t>(1, most / static_cast<int64_t>(states.size())), inside);
    }
    const int64_t low = problem_.exact ? problem_.budget - rest.most : -1, high = problem_.budget - rest.least;
    next_.clear();
    for (size_t i = 0; i < states.size(); ++i) {
      for (const State& group : inside) {
        const State& state = states[i];
        const int64_t spend = state.spend + group.spend, room = state.room + group.room;
        if (spend > high || spend + room < low || state.loss + group.loss > gap_) continue;
        next_.push_back(
            {spend, room, state.value + group.value, state.loss + group.loss, static_cast<int32_t>(i), group.choice});
      }
    }
    states.swap(next_);
  }

  void KeepBest(int64_t count, std::vector<State>& states) {
    if (static_cast<int64_t>(states.size()) <= count) return;
    cut_ = true;
    std::nth_element(states.begin(), states.begin() + count, states.end(),
                     [](const State& a, const State& b) { return a.loss < b.loss; });
    states.resize(static_cast<size_t>(count));
  }

  void Reduce(Dominance dominance, int64_t max_states, std::vector<State>& states) {
    std::sort(states.begin(), states.end(), [](const State& a, const State& b) {
      if (a.spend != b.spend) return a.spend < b.spend;
      return a.value != b.value ? a.value > b.value : a.room > b.room;
    });
    size_t kept = 0;
    double best = -kInfinite;
    int64_t spend = -1, room = -1;
    for (const State& state : states) {
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

  int BestOf(const std::vector<State>& states) const {
    int best = -1;
    const auto better = [&](const State& a, const State& b) {
      switch (problem_.aim) {
        case SearchAim::kLeastSpend:
          return a.spend < b.spend;
        case SearchAim::kRatio:
          return a.value > b.value;
        case SearchAim::kMostValue:
          break;
      }
      // The rest of an exact budget is placed elsewhere, at the margin's price.
      const auto with_rest = [&](const State& state) {
        return problem_.exact ? state.value - prices_.budget * static_cast<double>(state.spend) : state.value;
      };
      return with_rest(a) > with_rest(b);
    };
    for (size_t i = 0; i < states.size(); ++i) {
      const State& state = states[i];
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
  int64_t max_states_;
  const StopCheck& stop_;
  std::vector<std::vector<Kept>> kept_;     // per campaign
  std::vector<std::vector<int>> of_group_;  // campaigns; first those of no group
  std::vector<State> next_;
  bool cut_ = false;
};

// Sums of the chosen levels.
void FillSums(const SearchProblem& problem, SearchResult& result) {
  result.spend = 0;
  result.value = 0.0;
  // A group without campaigns has no limits.
  constexpr int64_t kNobody = -1;
  std::vector<int64_t> spent(problem.groups.size(), kNobody);
  for (const SearchCampaign& campaign : problem.campaigns) {
    if (campaign.group >= 0) spent[static_cast<size_t>(campaign.group)] = 0;
  }
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const auto level = static_cast<size_t>(result.level[c]);
    result.spend += problem.campaigns[c].spend[level];
    result.value += problem.campaigns[c].value[level];
    if (problem.campaigns[c].group >= 0) {
      spent[static_cast<size_t>(problem.campaigns[c].group)] += problem.campaigns[c].spend[level];
    }
  }
  int64_t with_rests = result.spend;
  result.group_rest.assign(problem.groups.size(), 0);
  for (size_t g = 0; g < spent.size(); ++g) {
    if (spent[g] == kNobody) continue;
    result.group_rest[g] = std::max<int64_t>(0, problem.groups[g].min - spent[g]);
    with_rests += result.group_rest[g];
  }
  result.rest = problem.exact ? problem.budget - with_rests : 0;
}

// What is placed between the levels counts as much as the margin's price says.
double ValueWithRests(const Prices& prices, const SearchResult& found) {
  int64_t rests = found.rest;
  for (const int64_t rest : found.group_rest) rests += rest;
  return found.value + prices.budget * static_cast<double>(rests);
}

// How much a choice may lose and still be better than one that was found.
double GapOf(const SearchProblem& problem, const Prices& prices, const SearchResult& found) {
  if (!found.found) return kInfinite;
  const double rounding = kRounding * (std::abs(prices.bound) + std::abs(found.value));
  switch (problem.aim) {
    case SearchAim::kMostValue: {
      const double budget = prices.budget == 0.0 ? 0.0 : prices.budget * static_cast<double>(problem.budget);
      return std::max(0.0, prices.bound + budget - ValueWithRests(prices, found)) + rounding;
    }
    case SearchAim::kLeastSpend:
      return std::max(0.0, prices.bound + prices.budget * static_cast<double>(found.spend) - problem.target) + rounding;
    case SearchAim::kRatio:
      break;
  }
  return kInfinite;
}

}  // namespace

absl::StatusOr<SearchResult> SearchSplit(const SearchProblem& problem, const StopCheck& stop) {
  const Prices prices = PricesOf(problem);
  SearchResult first;
  Pass quick(problem, prices, kInfinite, kFirstLevels, kFirstStates, stop);
  ROICAST_RETURN_IF_ERROR(quick.Run(first));
  if (first.found) FillSums(problem, first);
  double gap = GapOf(problem, prices, first);
  // What lies between the levels may differ from the price.
  if (first.found && ValueWithRests(prices, first) != first.value) gap *= kDoubtOfRests;
  const auto campaigns = static_cast<int64_t>(problem.campaigns.size());
  const auto levels = static_cast<size_t>(std::max<int64_t>(kFirstLevels, kWork / kFewestStates / campaigns));
  SearchResult result;
  Pass full(problem, prices, gap, levels, problem.max_states, stop);
  ROICAST_RETURN_IF_ERROR(full.Run(result));
  if (result.found) FillSums(problem, result);
  if (!result.found && first.found) result = first;
  // What was dropped may have been better.
  const auto worse = [&] {
    if (!first.found) return false;
    if (problem.aim == SearchAim::kLeastSpend) return first.spend < result.spend;
    return ValueWithRests(prices, first) > ValueWithRests(prices, result);
  };
  if (full.cut() && worse()) result = first;
  result.price = prices.budget;
  result.at_most_missed = std::numeric_limits<double>::quiet_NaN();
  if (problem.aim == SearchAim::kMostValue && result.found) {
    result.at_most_missed = full.cut() ? GapOf(problem, prices, result) : 0.0;
  }
  return result;
}

}  // namespace roicast
