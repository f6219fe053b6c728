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

  Extent& operator+=(const Extent& other) {
    least += other.least;
    most += other.most;
    return *this;
  }
  Extent& operator-=(const Extent& other) {
    least -= other.least;
    most -= other.most;
    return *this;
  }
};

// Of the choices for a group, or for the whole.
struct Bounds {
  int64_t min, max;  // of the sum
  Dominance dominance;
};

// The way back through the steps of a group, or of the whole: first one step per group within, then one per campaign.
struct Trail {
  ChoiceSteps steps;
  std::vector<Trail> inside;  // of the groups within, in the order of their steps
};

constexpr int kWhole = -1;  // in place of a group

class Pass {
 public:
  // gap: states that lose more are dropped.
  Pass(const SearchProblem& problem, const Prices& prices, const ChoiceStatesOptions& options, const StopCheck& stop)
      : problem_(problem),
        prices_(prices),
        gap_(options.gap),
        max_levels_(options.max_levels),
        all_or_nothing_(options.all_or_nothing),
        max_states_(options.max_states),
        depth_(static_cast<uint64_t>(DepthOfGroups(problem.groups))),
        stop_(stop),
        memory_(problem.memory->EmptyClaim(MemoryUse::kRequests)),
        steps_memory_(problem.memory->EmptyClaim(MemoryUse::kRequests)) {}

  bool cut() const { return cut_; }
  int64_t work() const { return work_; }

  absl::Status Run(SearchResult& result) {
    ROICAST_RETURN_IF_ERROR(KeepLevels());
    return GivesUp() ? absl::OkStatus() : Search(result);
  }

 private:
  struct Kept {
    int level;
    double loss;
  };

  bool GivesUp() const { return all_or_nothing_ && cut_; }

  absl::Status KeepLevels() {
    campaigns_in_.resize(problem_.groups.size() + 1);
    RareStopCheck rare(&stop_, kLevelsBetweenStops);
    for (size_t c = 0; c < problem_.campaigns.size(); ++c) {
      const SearchCampaign& campaign = problem_.campaigns[c];
      ROICAST_RETURN_IF_ERROR(rare.Done(campaign.spend.size()));
      KeepLevelsOf(campaign);
      campaigns_in_[static_cast<size_t>(campaign.group + 1)].push_back(static_cast<int>(c));
    }
    NestGroups();
    if (max_states_ == 0) {
      int64_t levels = 1;
      for (const auto& kept : kept_) levels += static_cast<int64_t>(kept.size() > 1 ? kept.size() : 0);
      max_states_ = std::clamp(kWorkOfStates / levels, kFewestStates, kMostStates);
    }
    return absl::OkStatus();
  }

  absl::Status Search(SearchResult& result) {
    const bool exact = problem_.exact;
    const Bounds bounds = {exact ? problem_.budget : 0, problem_.budget,
                           exact ? Dominance::kSameSpend : Dominance::kCheaper};
    Trail trail;
    ROICAST_ASSIGN_OR_RETURN(const std::vector<ChoiceState> states, Choose(kWhole, bounds, trail));
    const int best = BestOf(states);
    result.found = best >= 0;
    if (!result.found) return absl::OkStatus();
    result.level.assign(problem_.campaigns.size(), 0);
    FollowBack(kWhole, trail, best, result.level);
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

  Extent ExtentOfMembers(int group) const {
    Extent sum;
    for (const int c : CampaignsIn(group)) sum += ExtentOf(problem_.campaigns[static_cast<size_t>(c)]);
    for (const int inner : GroupsIn(group)) sum += extents_[static_cast<size_t>(inner)];
    return sum;
  }

  // Which groups count, and how much each may get.
  void NestGroups() {
    const size_t count = problem_.groups.size();
    groups_in_.resize(count + 1);
    extents_.resize(count);
    // From the last to the first, so that a group finds those within it.
    for (size_t g = count; g-- > 0;) {
      const int group = static_cast<int>(g);
      std::reverse(groups_in_[g + 1].begin(), groups_in_[g + 1].end());
      if (CampaignsIn(group).empty() && GroupsIn(group).empty()) continue;
      const SearchGroup& limits = problem_.groups[g];
      extents_[g] = ExtentOfMembers(group);
      extents_[g].least = std::max(extents_[g].least, limits.min);
      extents_[g].most = std::min(extents_[g].most, limits.max);
      groups_in_[static_cast<size_t>(limits.parent + 1)].push_back(group);
    }
    std::reverse(groups_in_.front().begin(), groups_in_.front().end());
  }

  const std::vector<int>& CampaignsIn(int group) const { return campaigns_in_[static_cast<size_t>(group + 1)]; }
  const std::vector<int>& GroupsIn(int group) const { return groups_in_[static_cast<size_t>(group + 1)]; }

  absl::Status Keep(const std::vector<ChoiceState>& states, ChoiceSteps& steps) {
    const size_t before = steps.bytes();
    steps.Push(states);
    return steps_memory_.Grow(steps.bytes() - before);
  }

  // One more state in next_; what it takes is claimed as it grows.
  absl::Status Push(const ChoiceState& state) {
    if (next_.size() == next_.capacity()) {
      const size_t capacity = std::max<size_t>(kFewestStates, 2 * next_.capacity());
      // next_, what it was before, the states that it is made of and merged into, and their ranks; in a group also
      // those before it, of the whole and of each group around.
      const uint64_t halves = 6 + 2 * depth_;
      const uint64_t bytes = capacity * sizeof(ChoiceState) * halves / 2;
      if (bytes > memory_.bytes()) ROICAST_RETURN_IF_ERROR(memory_.SetTo(bytes));
      next_.reserve(capacity);
    }
    next_.push_back(state);
    ++work_;
    return absl::OkStatus();
  }

  // Adds campaign c to each state whose spend stays within [low, high].
  absl::Status Add(int c, int64_t low, int64_t high, std::vector<ChoiceState>& states) {
    const SearchCampaign& campaign = problem_.campaigns[static_cast<size_t>(c)];
    next_.clear();
    ends_.clear();
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
      // The states were in order, and these still are.
      if (next_.size() > (ends_.empty() ? 0 : ends_.back())) ends_.push_back(next_.size());
    }
    Merge(states);
    return absl::OkStatus();
  }

  // next_, parts of which are in order up to each of ends_, becomes `states`, all of them in order.
  void Merge(std::vector<ChoiceState>& states) {
    while (ends_.size() > 1) {
      states.resize(next_.size());
      size_t begin = 0, merged = 0;
      for (size_t i = 0; i < ends_.size(); i += 2) {
        const size_t middle = ends_[i], end = i + 1 < ends_.size() ? ends_[i + 1] : middle;
        const auto at = [this](size_t state) { return next_.begin() + static_cast<int64_t>(state); };
        std::merge(at(begin), at(middle), at(middle), at(end), states.begin() + static_cast<int64_t>(begin), InOrder);
        ends_[merged++] = end;
        begin = end;
      }
      ends_.resize(merged);
      states.swap(next_);
    }
    states.swap(next_);
  }

  // All choices for what is within a group (kWhole: for all) whose sum can still be within the bounds.
  absl::StatusOr<std::vector<ChoiceState>> Choose(int group, const Bounds& bounds, Trail& trail) {
    Extent rest = ExtentOfMembers(group);
    std::vector<ChoiceState> states(1);
    trail.inside.reserve(GroupsIn(group).size());
    for (const int inner : GroupsIn(group)) {
      ROICAST_ASSIGN_OR_RETURN(std::vector<ChoiceState> inside, InGroup(inner, bounds, trail.inside.emplace_back()));
      rest -= extents_[static_cast<size_t>(inner)];
      ROICAST_RETURN_IF_ERROR(Combine(states, std::move(inside), bounds.min - rest.most, bounds.max - rest.least));
      Reduce(bounds.dominance, states);
      if (GivesUp()) return std::vector<ChoiceState>();
      ROICAST_RETURN_IF_ERROR(Keep(states, trail.steps));
    }
    for (const int c : CampaignsIn(group)) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      rest -= ExtentOf(problem_.campaigns[static_cast<size_t>(c)]);
      ROICAST_RETURN_IF_ERROR(Add(c, bounds.min - rest.most, bounds.max - rest.least, states));
      Reduce(bounds.dominance, states);
      if (GivesUp()) return std::vector<ChoiceState>();
      ROICAST_RETURN_IF_ERROR(Keep(states, trail.steps));
    }
    return states;
  }

  // The levels that led to a state of Choose.
  void FollowBack(int group, const Trail& trail, int32_t state, std::vector<int>& level) const {
    const std::vector<int32_t> choices = trail.steps.Trace(state);
    size_t step = 0;
    for (size_t i = 0; i < trail.inside.size(); ++i) {
      FollowBack(GroupsIn(group)[i], trail.inside[i], choices[step++], level);
    }
    for (const int c : CampaignsIn(group)) level[static_cast<size_t>(c)] = choices[step++];
  }

  // around: of what the group is within.
  absl::StatusOr<std::vector<ChoiceState>> InGroup(int group, const Bounds& around, Trail& trail) {
    const SearchGroup& limits = problem_.groups[static_cast<size_t>(group)];
    // Without a minimum that asks for more than its campaigns do, less spend is never worse.
    const bool asks_more = limits.min > ExtentOfMembers(group).least;
    const Bounds bounds = {limits.min, std::min(limits.max, around.max),
                           asks_more ? Dominance::kSameSpend : around.dominance};
    ROICAST_ASSIGN_OR_RETURN(std::vector<ChoiceState> states, Choose(group, bounds, trail));
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

  // Each state with each one of a group whose spend stays within [low, high]; of too many the ones that lost least.
  absl::Status Combine(std::vector<ChoiceState>& states, std::vector<ChoiceState> inside, int64_t low, int64_t high) {
    const int64_t most = std::max(kFewestProducts, 20 * max_states_);
    const auto count = static_cast<int64_t>(inside.size());
    if (count * static_cast<int64_t>(states.size()) > most) {
      std::sort(inside.begin(), inside.end(), InOrder);
      KeepBest(std::max<int64_t>(1, most / static_cast<int64_t>(states.size())), inside);
    }
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
    std::sort(states.begin(), states.end(), InOrder);
    return absl::OkStatus();
  }

  // Those that lost least, of states in order. Campaigns that are alike make many states of the same loss; of those
  // that are one too many, ones whose spends are spread, so that later limits of sums find one that fits. The cheapest
  // and the dearest stay for the same reason.
  void KeepBest(int64_t count, std::vector<ChoiceState>& states) {
    if (static_cast<int64_t>(states.size()) <= count) return;
    cut_ = true;
    const int64_t cheapest = states.front().spend, dearest = states.back().spend;
    const auto rank = [&](const ChoiceState& state) {
      if (state.spend == cheapest || state.spend == dearest) return -1.0;
      return equal_losses_ > 0.0 ? std::floor(state.loss / equal_losses_) : state.loss;
    };
    ranks_.clear();
    ranks_.reserve(states.size());
    for (const ChoiceState& state : states) ranks_.push_back(rank(state));
    const auto nth = ranks_.begin() + count - 1;
    std::nth_element(ranks_.begin(), nth, ranks_.end());
    const double last = *nth;
    size_t below = 0, equal = 0;
    for (const double of_state : ranks_) {
      below += of_state < last ? 1 : 0;
      equal += of_state == last ? 1 : 0;
    }
    // From the first to the last of the equal ones.
    const size_t wanted = static_cast<size_t>(count) - below;
    size_t kept = 0, seen = 0, taken = 0;
    for (const ChoiceState& state : states) {
      const double of_state = rank(state);
      if (of_state > last) continue;
      if (of_state == last) {
        const size_t next = wanted == 1 ? 0 : taken * (equal - 1) / (wanted - 1);
        if (seen++ != next || taken == wanted) continue;
        ++taken;
      }
      states[kept++] = state;
    }
    states.resize(kept);
  }

  static bool InOrder(const ChoiceState& a, const ChoiceState& b) {
    if (a.spend != b.spend) return a.spend < b.spend;
    return a.value != b.value ? a.value > b.value : a.room > b.room;
  }

  // Of states in order, which stay in it.
  void Reduce(Dominance dominance, std::vector<ChoiceState>& states) {
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
    KeepBest(max_states_, states);
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
  const bool all_or_nothing_;
  int64_t max_states_;
  const uint64_t depth_;  // of the groups
  const StopCheck& stop_;
  MemoryClaim memory_;                   // of states
  MemoryClaim steps_memory_;             // of the way back
  std::vector<std::vector<Kept>> kept_;  // per campaign
  // Of no group, then of each group: its own campaigns, and the groups right within it, if they have any campaigns.
  std::vector<std::vector<int>> campaigns_in_, groups_in_;
  std::vector<Extent> extents_;  // per group, within its limits
  std::vector<ChoiceState> next_;
  std::vector<size_t> ends_;   // of parts of next_
  std::vector<double> ranks_;  // of states
  int64_t work_ = 0;
  double equal_losses_ = 0.0;  // losses that differ by less are equal
  bool cut_ = false;
};

}  // namespace

absl::Status SearchChoiceStates(const SearchProblem& problem, const Prices& prices, const ChoiceStatesOptions& options,
                                const StopCheck& stop, SearchResult& result, bool& cut) {
  Pass pass(problem, prices, options, stop);
  ROICAST_RETURN_IF_ERROR(pass.Run(result));
  result.work = pass.work();
  cut = pass.cut();
  return absl::OkStatus();
}

}  // namespace roicast
