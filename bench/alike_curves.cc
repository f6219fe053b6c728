#include "bench/alike_curves.h"

#include <cmath>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/decision/split_search.h"

namespace roicast::bench {
namespace {

constexpr int kCampaigns = 1'000, kLevels = 100;
constexpr double kDifference = 1e-6;

enum class Shape { kConcave, kSigmoid, kDented };
constexpr struct {
  Shape shape;
  const char* name;
} kShapes[] = {{Shape::kConcave, "concave"}, {Shape::kSigmoid, "S-shaped"}, {Shape::kDented, "dented"}};

// share: of the highest spend.
double ValueAt(Shape shape, double share) {
  switch (shape) {
    case Shape::kConcave:
      return std::sqrt(share);
    case Shape::kSigmoid:
      return std::pow(share, 3.0) / (std::pow(share, 3.0) + 0.03);
    case Shape::kDented:
      return std::sqrt(share) + 0.01 * std::sin(60.0 * share);
  }
  return 0.0;
}

enum class Limit { kBudget, kAllSpent, kOwnSteps };
constexpr struct {
  Limit limit;
  const char* name;
} kLimits[] = {{Limit::kBudget, ""}, {Limit::kAllSpent, ", all spent"}, {Limit::kOwnSteps, ", steps of their own"}};

SearchProblem MakeProblem(Shape shape, Limit limit) {
  Random random(11);
  SearchProblem problem;
  int64_t most = 0;
  for (int c = 0; c < kCampaigns; ++c) {
    SearchCampaign& campaign = problem.campaigns.emplace_back();
    const double scale = 1.0 + kDifference * random.Uniform();
    const int64_t step = 10'000 + (limit == Limit::kOwnSteps ? static_cast<int64_t>(random.Below(100)) : 0);
    for (int64_t level = 0; level < kLevels; ++level) {
      const double share = static_cast<double>(level) / (kLevels - 1);
      campaign.spend.push_back(step * level);
      campaign.value.push_back(20'000.0 * scale * ValueAt(shape, share) * (1.0 + kDifference * random.Normal()));
    }
    most += campaign.spend.back();
    if (limit == Limit::kAllSpent) campaign.any_up_to = campaign.spend.back();
  }
  problem.budget = most / 3 + 1'234;
  problem.exact = limit == Limit::kAllSpent;
  return problem;
}

}  // namespace

absl::Status MeasureAlikeCurves(int repeats, Report& report) {
  for (const auto& [shape, shape_name] : kShapes) {
    for (const auto& [limit, limit_name] : kLimits) {
      const SearchProblem problem = MakeProblem(shape, limit);
      std::vector<double> seconds;
      SearchResult result;
      for (int repeat = 0; repeat < repeats; ++repeat) {
        const std::clock_t start = std::clock();
        ROICAST_ASSIGN_OR_RETURN(result, SearchSplit(problem, {}));
        seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
      }
      if (!result.found) return absl::InternalError("no split of alike campaigns");
      const double median = Median(seconds);
      report.Add({"decision", absl::StrCat("search, 1,000 alike ", shape_name, " curves", limit_name), 1e3 * median,
                  "ms", "limit", 1e3, 1.0 / median, 1.0});
      report.Add({"decision", "  at most missed on the levels", result.at_most_missed / result.value, "share", "limit",
                  0.001, 0.0});
    }
  }
  return absl::OkStatus();
}

}  // namespace roicast::bench
