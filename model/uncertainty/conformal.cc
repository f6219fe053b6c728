#include "model/uncertainty/conformal.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

constexpr double kSmallestScore = 1e-9;
// 0.9 is a little more than nine tenths in binary, 1 − 0.9 a little less than one.
constexpr double kRoundingError = 1e-9;

// The score of a rank from 1 to group.rows, between stored ones along a straight line.
double ScoreOfRank(const CalibrationGroup& group, double rank) {
  const size_t stored = group.scores.size();
  if (stored == 1) return group.scores.front();
  const double step = static_cast<double>(group.rows - 1) / static_cast<double>(stored - 1);
  const double place = std::clamp((rank - 1.0) / step, 0.0, static_cast<double>(stored - 1));
  const auto below = std::min(static_cast<size_t>(place), stored - 2);
  const double share = place - static_cast<double>(below);
  return (1.0 - share) * group.scores[below] + share * group.scores[below + 1];
}

absl::Status CheckLevel(double level) {
  if (level > 0.0 && level < 1.0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("interval_level: expected a number above 0 and below 1, got ", level));
}

}  // namespace

CalibrationGroup MakeGroup(int32_t code, std::vector<double> scores) {
  std::sort(scores.begin(), scores.end());
  CalibrationGroup group;
  group.code = code;
  group.rows = static_cast<int64_t>(scores.size());
  const size_t stored = std::min<size_t>(scores.size(), kMaxStoredScores);
  for (size_t i = 0; i < stored; ++i) {
    if (stored == scores.size()) {
      group.scores.push_back(static_cast<float>(scores[i]));
      continue;
    }
    const double place = static_cast<double>(i) * static_cast<double>(scores.size() - 1) / (kMaxStoredScores - 1);
    const auto below = std::min(static_cast<size_t>(place), scores.size() - 2);
    const double share = place - static_cast<double>(below);
    group.scores.push_back(static_cast<float>((1.0 - share) * scores[below] + share * scores[below + 1]));
  }
  return group;
}

const CalibrationGroup& GroupOfCode(const std::vector<CalibrationGroup>& groups, int32_t code) {
  for (size_t g = 1; g < groups.size(); ++g) {
    if (groups[g].code == code) return groups[g];
  }
  return groups.front();
}

int64_t FewestRowsFor(double level) {
  const double rows = std::ceil(2.0 / (1.0 - level) - 1.0 - kRoundingError / (1.0 - level));
  return rows < 9e18 ? std::max<int64_t>(1, static_cast<int64_t>(rows)) : INT64_MAX;
}

absl::StatusOr<ScoreRange> IntervalScores(const CalibrationGroup& group, double level) {
  if (absl::Status valid = CheckLevel(level); !valid.ok()) return valid;
  if (const int64_t fewest = FewestRowsFor(level); group.rows < fewest) {
    return absl::InvalidArgumentError(absl::StrCat("interval_level: a level of ", level, " needs at least ", fewest,
                                                   " calibration rows, there are ", group.rows));
  }
  const double tail = static_cast<double>(group.rows + 1) * (1.0 - level) / 2.0;
  const double low = std::max(1.0, std::floor(tail + kRoundingError));
  return ScoreRange{ScoreOfRank(group, low), ScoreOfRank(group, static_cast<double>(group.rows + 1) - low)};
}

FastDistribution::FastDistribution(const CalibrationGroup& group)
    : scores_(group.scores.data()),
      stored_(static_cast<int32_t>(group.scores.size())),
      first_(1.0 / static_cast<double>(group.rows + 1)),
      step_(stored_ > 1 ? first_ * static_cast<double>(group.rows - 1) / static_cast<double>(stored_ - 1) : 0.0) {}

double FastDistribution::At(float score, int32_t at_most) const {
  if (at_most == 0) return 0.5 * first_;
  if (at_most >= stored_) return scores_[stored_ - 1] < score ? 1.0 - 0.5 * first_ : 1.0 - first_;
  const float low = scores_[at_most - 1], high = scores_[at_most];
  const double share = std::clamp((score - low) / (high - low), 0.0f, 1.0f);
  return first_ + step_ * (static_cast<double>(at_most - 1) + share);
}

double DistributionAt(const CalibrationGroup& group, double score) {
  const auto value = static_cast<float>(score);
  const auto above = std::upper_bound(group.scores.begin(), group.scores.end(), value);
  return FastDistribution(group).At(value, static_cast<int32_t>(above - group.scores.begin()));
}

double ScoreAt(const CalibrationGroup& group, double share) {
  return ScoreOfRank(group, share * static_cast<double>(group.rows + 1));
}

double TypicalScore(const CalibrationGroup& group) {
  const double last = static_cast<double>(group.rows - 1);
  const double spread = ScoreOfRank(group, 1.0 + 0.8413 * last) - ScoreOfRank(group, 1.0 + 0.1587 * last);
  return std::max(kSmallestScore, spread / 2.0);
}

ScoreRange WilsonInterval(int64_t positives, int64_t rows, double level) {
  const double n = static_cast<double>(rows), share = static_cast<double>(positives) / n;
  const double z = NormalQuantile(0.5 + level / 2.0), z2 = z * z;
  const double center = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
  const double half = z / (1.0 + z2 / n) * std::sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n));
  return {std::max(0.0, center - half), std::min(1.0, center + half)};
}

double NormalQuantile(double p) {
  constexpr double kA[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                           1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double kB[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
                           -1.328068155288572e+01};
  constexpr double kC[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                           -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double kD[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00};
  constexpr double kTail = 0.02425;
  double x = 0.0;
  if (p < kTail || p > 1.0 - kTail) {
    const double q = std::sqrt(-2.0 * std::log(std::min(p, 1.0 - p)));
    x = (((((kC[0] * q + kC[1]) * q + kC[2]) * q + kC[3]) * q + kC[4]) * q + kC[5]) /
        ((((kD[0] * q + kD[1]) * q + kD[2]) * q + kD[3]) * q + 1.0);
    if (p > 0.5) x = -x;
  } else {
    const double q = p - 0.5, r = q * q;
    x = (((((kA[0] * r + kA[1]) * r + kA[2]) * r + kA[3]) * r + kA[4]) * r + kA[5]) * q /
        (((((kB[0] * r + kB[1]) * r + kB[2]) * r + kB[3]) * r + kB[4]) * r + 1.0);
  }
  const double error = 0.5 * std::erfc(-x / std::numbers::sqrt2) - p;
  const double step = error * std::sqrt(2.0 * std::numbers::pi) * std::exp(x * x / 2.0);
  return x - step / (1.0 + x * step / 2.0);
}

}  // namespace roicast
