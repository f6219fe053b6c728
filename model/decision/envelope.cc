#include "model/decision/envelope.h"

#include <algorithm>
#include <utility>

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
    size_t levels = 0;
    for (const SearchCampaign& campaign : problem.campaigns) levels += campaign.spend.size();
    free_.reserve(levels);
    for (const SearchCampaign& campaign : problem.campaigns) {
      spend_ += campaign.spend.front();
      value_ += campaign.value.front();
      if (campaign.group >= 0) spent[static_cast<size_t>(campaign.group)] += campaign.spend.front();
      AppendSegments(campaign, campaign.group < 0 ? free_ : of_group[static_cast<size_t>(campaign.group)]);
    }
    for (size_t g = 0; g < of_group.size(); ++g)
      Confine(problem.groups[g], spent[g], std::move(of_group[g]), parts_[g]);
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

  void Confine(const SearchGroup& group, int64_t spent, std::vector<Segment> segments, GroupPart& part) {
    std::stable_sort(segments.begin(), segments.end(), Steeper);
    for (Segment segment : segments) {
      if (spent < group.min) {
        const Segment forced = {segment.slope, std::min(segment.length, group.min - spent)};
        Take(forced);
        spent += forced.length;
        segment.length -= forced.length;
        part.forced = true;
        part.forced_slope = segment.slope;
      }
      if (segment.length == 0) continue;
      if (spent + segment.length > group.max) {
        if (!part.cut) part.cut_slope = segment.slope;
        part.cut = true;
        segment.length = std::max<int64_t>(0, group.max - spent);
      }
      if (segment.length == 0) continue;
      spent += segment.length;
      free_.push_back(segment);
    }
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
      if (spend_ + segment.length > problem_.budget) return segment.slope;
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
    double price = prices.budget;
    if (part.forced) price = std::min(price, part.forced_slope);
    if (part.cut) price = std::max(price, part.cut_slope);
    prices.groups.push_back(price);
    const SearchGroup& group = problem.groups[g];
    if (price != prices.budget) {
      prices.bound += (price - prices.budget) * static_cast<double>(price > prices.budget ? group.max : group.min);
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
