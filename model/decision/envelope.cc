#include "model/decision/envelope.h"

#include <algorithm>

namespace roicast {
namespace {

// A straight part of an envelope.
struct Segment {
  double slope;
  int64_t length;
};

bool Steeper(const Segment& a, const Segment& b) { return a.slope > b.slope; }

void AppendSegments(const SearchCampaign& campaign, std::vector<Segment>& segments) {
  const std::vector<int> corners = EnvelopeOf(campaign);
  for (size_t i = 1; i < corners.size(); ++i) {
    const auto a = static_cast<size_t>(corners[i - 1]), b = static_cast<size_t>(corners[i]);
    const int64_t length = campaign.spend[b] - campaign.spend[a];
    segments.push_back({(campaign.value[b] - campaign.value[a]) / static_cast<double>(length), length});
  }
}

// The part of a group's segments that its limits leave to choose, and the prices at their ends.
struct GroupPart {
  bool forced = false, cut = false;
  double forced_slope = 0.0, cut_slope = 0.0;
};

class Walk {
 public:
  explicit Walk(const SearchProblem& problem) : problem_(problem), parts_(problem.groups.size()) {
    std::vector<std::vector<Segment>> of_group(problem.groups.size());
    std::vector<int64_t> spent(problem.groups.size(), 0);
    ReserveFor(problem, of_group);
    for (const SearchCampaign& campaign : problem.campaigns) {
      spend_ += campaign.spend.front();
      value_ += campaign.value.front();
      if (campaign.group >= 0) spent[static_cast<size_t>(campaign.group)] += campaign.spend.front();
      AppendSegments(campaign, campaign.group < 0 ? free_ : of_group[static_cast<size_t>(campaign.group)]);
    }
    // Groups come behind those that they are within.
    for (size_t g = of_group.size(); g-- > 0;) {
      const SearchGroup& group = problem.groups[g];
      Confine(group, spent[g], of_group[g], parts_[g]);
      if (group.parent < 0) continue;
      const auto parent = static_cast<size_t>(group.parent);
      spent[parent] += spent[g];
      of_group[parent].insert(of_group[parent].end(), of_group[g].begin(), of_group[g].end());
      std::vector<Segment>().swap(of_group[g]);
    }
    for (size_t g = 0; g < of_group.size(); ++g) {
      if (problem.groups[g].parent < 0) free_.insert(free_.end(), of_group[g].begin(), of_group[g].end());
      std::vector<Segment>().swap(of_group[g]);
    }
    std::stable_sort(free_.begin(), free_.end(), Steeper);
  }

  // The slope at which the walk ends.
  double End() {
    switch (problem_.aim) {
      case SearchAim::kMostValue:
        return EndOfBudget();
      case SearchAim::kLeastSpend:
        return EndAtValue();
      case SearchAim::kRatio:
        return EndOfRatio();
    }
    return 0.0;
  }

  const std::vector<GroupPart>& parts() const { return parts_; }

 private:
  void Take(const Segment& segment) {
    spend_ += segment.length;
    value_ += segment.slope * static_cast<double>(segment.length);
  }

  // All at once, as what is in a group comes to the one around it.
  void ReserveFor(const SearchProblem& problem, std::vector<std::vector<Segment>>& of_group) {
    size_t all = 0;
    std::vector<int64_t> levels(of_group.size(), 0);
    for (const SearchCampaign& campaign : problem.campaigns) {
      all += campaign.spend.size();
      if (campaign.group >= 0) {
        levels[static_cast<size_t>(campaign.group)] += static_cast<int64_t>(campaign.spend.size());
      }
    }
    AddToParents(problem.groups, levels);
    free_.reserve(all);
    for (size_t g = 0; g < of_group.size(); ++g) of_group[g].reserve(static_cast<size_t>(levels[g]));
  }

  // Takes what the group's minimum forces, and adds it to `spent`, the least amounts of its campaigns. Leaves the
  // segments that its maximum leaves to choose.
  void Confine(const SearchGroup& group, int64_t& spent, std::vector<Segment>& segments, GroupPart& part) {
    std::stable_sort(segments.begin(), segments.end(), Steeper);
    size_t to_choose = 0;
    int64_t most = spent;
    for (Segment segment : segments) {
      if (spent < group.min) {
        const Segment forced = {segment.slope, std::min(segment.length, group.min - spent)};
        Take(forced);
        spent += forced.length;
        most += forced.length;
        segment.length -= forced.length;
        part.forced = true;
        part.forced_slope = segment.slope;
      }
      if (segment.length == 0) continue;
      if (most + segment.length > group.max) {
        if (!part.cut) part.cut_slope = segment.slope;
        part.cut = true;
        segment.length = std::max<int64_t>(0, group.max - most);
      }
      if (segment.length == 0) continue;
      most += segment.length;
      segments[to_choose++] = segment;
    }
    segments.resize(to_choose);
  }

  double EndOfBudget() {
    double slope = 0.0;
    for (const Segment& segment : free_) {
      if (!problem_.exact && segment.slope <= 0.0) return 0.0;
      slope = segment.slope;
      if (spend_ + segment.length > problem_.budget) return slope;
      Take(segment);
    }
    return problem_.exact ? slope : 0.0;
  }

  double EndAtValue() {
    double slope = 0.0;
    for (const Segment& segment : free_) {
      if (segment.slope <= 0.0) break;
      slope = segment.slope;
      if (value_ >= problem_.target) break;
      Take(segment);
    }
    return slope;
  }

  double EndOfRatio() {
    double slope = 0.0;
    bool ended = false;
    for (const Segment& segment : free_) {
      if (segment.slope <= 0.0) break;
      // Where the ratio broke before, the budget that is left is of no use.
      if (spend_ + segment.length > problem_.budget) return ended ? slope : segment.slope;
      Take(segment);
      const bool enough = value_ >= problem_.target * static_cast<double>(spend_);
      // The first one behind the last one that is enough.
      if (enough) ended = false;
      if (!enough && !ended) slope = segment.slope;
      ended = ended || !enough;
    }
    return ended ? slope : 0.0;
  }

  const SearchProblem& problem_;
  std::vector<GroupPart> parts_;
  std::vector<Segment> free_;
  int64_t spend_ = 0;
  double value_ = 0.0;
};

}  // namespace

std::vector<int> EnvelopeOf(const SearchCampaign& campaign) {
  std::vector<int> corners;
  const auto spend = [&](int i) { return static_cast<double>(campaign.spend[static_cast<size_t>(i)]); };
  const auto value = [&](int i) { return campaign.value[static_cast<size_t>(i)]; };
  for (int i = 0; i < static_cast<int>(campaign.spend.size()); ++i) {
    while (corners.size() >= 2) {
      const int a = corners[corners.size() - 2], b = corners.back();
      // b is on or below the line from a to i.
      if ((value(b) - value(a)) * (spend(i) - spend(a)) > (value(i) - value(a)) * (spend(b) - spend(a))) break;
      corners.pop_back();
    }
    corners.push_back(i);
  }
  return corners;
}

Prices PricesOf(const SearchProblem& problem) {
  Walk walk(problem);
  Prices prices;
  prices.budget = walk.End();
  for (size_t g = 0; g < problem.groups.size(); ++g) {
    const GroupPart& part = walk.parts()[g];
    const SearchGroup& group = problem.groups[g];
    const double around = group.parent < 0 ? prices.budget : prices.groups[static_cast<size_t>(group.parent)];
    double price = around;
    if (part.forced) price = std::min(price, part.forced_slope);
    if (part.cut) price = std::max(price, part.cut_slope);
    prices.groups.push_back(price);
    if (price != around) {
      prices.bound += (price - around) * static_cast<double>(price > around ? group.max : group.min);
    }
  }
  for (const SearchCampaign& campaign : problem.campaigns) {
    const double price = prices.Of(campaign);
    double best = campaign.value.front() - price * static_cast<double>(campaign.spend.front());
    for (size_t i = 1; i < campaign.spend.size(); ++i) {
      best = std::max(best, campaign.value[i] - price * static_cast<double>(campaign.spend[i]));
    }
    prices.bound += best;
  }
  return prices;
}

}  // namespace roicast
