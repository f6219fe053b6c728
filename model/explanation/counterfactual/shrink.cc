#include "model/explanation/counterfactual/shrink.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace roicast::explanation {
namespace {

constexpr int kPasses = 4;
constexpr double kWorthAPass = 1e-3;  // of the distance
constexpr int kLinePoints = 32, kLineStages = 3;
constexpr size_t kWeighed = 5;  // numbers that are farthest
constexpr int kPlanePoints = 20, kPlaneStages = 4;
// How much farther than now one number of a pair may move, for the other to move less.
constexpr double kPairReach = 1.6;
constexpr double kRounding = 1.005;
constexpr int kMostDigits = 6;

class Shrinking {
 public:
  Shrinking(absl::Span<const ChangeAxis> axes, double target, Trials& trials, Candidate& candidate)
      : axes_(axes), target_(target), trials_(trials), now_(candidate) {}

  absl::Status Run() {
    for (int pass = 0; pass < kPasses; ++pass) {
      const double before = now_.distance;
      for (const int a : ByDistance()) {
        ROICAST_RETURN_IF_ERROR(TakeBack(axes_[a]));
        ROICAST_RETURN_IF_ERROR(MoveBack(axes_[a]));
      }
      std::vector<int> changed = ByDistance();
      changed.resize(std::min<size_t>(changed.size(), kWeighed));
      for (size_t i = 0; i < changed.size(); ++i) {
        for (size_t j = i + 1; j < changed.size(); ++j) {
          ROICAST_RETURN_IF_ERROR(Weigh(axes_[changed[i]], axes_[changed[j]]));
        }
      }
      if (!(now_.distance < before * (1.0 - kWorthAPass))) break;
    }
    for (const int a : ByDistance()) ROICAST_RETURN_IF_ERROR(Round(axes_[a]));
    return absl::OkStatus();
  }

 private:
  float Value(const ChangeAxis& axis) const { return now_.row[axis.feature]; }

  // The changed axes, the farthest first.
  std::vector<int> ByDistance() const {
    std::vector<int> changed = ChangedAxes(axes_, now_.row);
    std::stable_sort(changed.begin(), changed.end(), [&](int a, int b) {
      return axes_[a].Distance(Value(axes_[a])) > axes_[b].Distance(Value(axes_[b]));
    });
    return changed;
  }

  void Take(const ChangeAxis& axis, float value, double gain) {
    now_.row[axis.feature] = value;
    now_.gain = gain;
    now_.distance = TotalDistance(axes_, now_.row);
  }

  absl::Status TakeBack(const ChangeAxis& axis) {
    ROICAST_RETURN_IF_ERROR(trials_.Add(now_.row, axis.feature, axis.original));
    ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials_.Finish());
    if (gains[0] >= target_) Take(axis, axis.original, gains[0]);
    return absl::OkStatus();
  }

  // The nearest point of a line that reaches the goal, then that of the piece before it.
  absl::Status MoveBack(const ChangeAxis& axis) {
    if (!axis.Continuous() || axis.IsOriginal(Value(axis))) return absl::OkStatus();
    const double origin = axis.original, whole = static_cast<double>(Value(axis)) - origin;
    double low = 0.0, high = 1.0;
    for (int stage = 0; stage < kLineStages; ++stage) {
      std::vector<float> values;
      for (int k = 1; k < kLinePoints; ++k) {
        values.push_back(axis.Snap(origin + whole * (low + (high - low) * k / kLinePoints)));
        ROICAST_RETURN_IF_ERROR(trials_.Add(now_.row, axis.feature, values.back()));
      }
      ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials_.Finish());
      const double width = (high - low) / kLinePoints;
      int nearest = kLinePoints;
      for (int k = kLinePoints - 1; k >= 1; --k) {
        if (gains[k - 1] >= target_ && axis.Distance(values[k - 1]) < axis.Distance(Value(axis))) nearest = k;
      }
      if (nearest < kLinePoints) Take(axis, values[nearest - 1], gains[nearest - 1]);
      high = low + nearest * width;
      low = high - width;
    }
    return absl::OkStatus();
  }

  // One of two numbers moves less and the other one more.
  absl::Status Weigh(const ChangeAxis& a, const ChangeAxis& b) {
    if (!a.Continuous() || !b.Continuous() || a.IsOriginal(Value(a)) || b.IsOriginal(Value(b))) return absl::OkStatus();
    const double whole_a = static_cast<double>(Value(a)) - a.original;
    const double whole_b = static_cast<double>(Value(b)) - b.original;
    const double others = now_.distance - a.Distance(Value(a)) - b.Distance(Value(b));
    double low_a = 0.0, low_b = 0.0, width_a = kPairReach, width_b = kPairReach;
    for (int stage = 0; stage < kPlaneStages; ++stage) {
      std::vector<std::pair<float, float>> values;
      for (int i = 0; i <= kPlanePoints; ++i) {
        for (int j = 0; j <= kPlanePoints; ++j) {
          const float value_a = a.Snap(a.original + whole_a * (low_a + width_a * i / kPlanePoints));
          const float value_b = b.Snap(b.original + whole_b * (low_b + width_b * j / kPlanePoints));
          if (others + a.Distance(value_a) + b.Distance(value_b) >= now_.distance) continue;
          values.emplace_back(value_a, value_b);
          ROICAST_RETURN_IF_ERROR(trials_.Add(now_.row, a.feature, value_a, b.feature, value_b));
        }
      }
      ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials_.Finish());
      std::optional<size_t> best;
      const auto distance = [&](size_t k) { return a.Distance(values[k].first) + b.Distance(values[k].second); };
      for (size_t k = 0; k < values.size(); ++k) {
        if (gains[k] >= target_ && (!best.has_value() || distance(k) < distance(*best))) best = k;
      }
      if (best.has_value()) {
        now_.row[b.feature] = values[*best].second;
        Take(a, values[*best].first, gains[*best]);
      }
      width_a *= 0.25;
      width_b *= 0.25;
      low_a = std::max((static_cast<double>(Value(a)) - a.original) / whole_a - 0.5 * width_a, 0.0);
      low_b = std::max((static_cast<double>(Value(b)) - b.original) / whole_b - 0.5 * width_b, 0.0);
    }
    return absl::OkStatus();
  }

  // To as few digits as do. Steps and hours stay.
  absl::Status Round(const ChangeAxis& axis) {
    const float value = Value(axis);
    if (axis.word || axis.step > 0.0 || value == 0.0f || axis.IsOriginal(value)) return absl::OkStatus();
    const double others = now_.distance - axis.Distance(value);
    const double most = kRounding * now_.distance;
    const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(static_cast<double>(value))))) + 1;
    std::vector<float> values;
    for (int digits = 1; digits <= kMostDigits; ++digits) {
      const double unit = std::pow(10.0, magnitude - digits);
      for (const double rounded : {std::floor(value / unit) * unit, std::ceil(value / unit) * unit}) {
        const float snapped = axis.Snap(rounded);
        if (axis.IsOriginal(snapped) || others + axis.Distance(snapped) > most) continue;
        values.push_back(snapped);
        ROICAST_RETURN_IF_ERROR(trials_.Add(now_.row, axis.feature, snapped));
      }
    }
    ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials_.Finish());
    for (size_t i = 0; i < values.size(); ++i) {
      if (gains[i] < target_) continue;
      Take(axis, values[i], gains[i]);
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  const absl::Span<const ChangeAxis> axes_;
  const double target_;
  Trials& trials_;
  Candidate& now_;
};

}  // namespace

absl::Status Shrink(absl::Span<const ChangeAxis> axes, double target, Trials& trials, Candidate& candidate) {
  return Shrinking(axes, target, trials, candidate).Run();
}

}  // namespace roicast::explanation
