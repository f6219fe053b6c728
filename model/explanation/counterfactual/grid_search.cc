#include "model/explanation/counterfactual/grid_search.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/status_macros.h"

namespace roicast::explanation {
namespace {

constexpr size_t kBeam = 48;
constexpr int kMostFeatures = 6;   // that change at once
constexpr size_t kMostAxes = 48;   // that are combined
constexpr size_t kMostWords = 24;  // of a category, that are combined
// A grid is coarse: what is so much farther may still come out nearer once it is shrunk.
constexpr double kSlack = 1.5;
constexpr int kAscentPasses = 8, kFinePasses = 8;
constexpr int kFineValues = 32;

// A kept row with one more change.
struct Step {
  int from;
  int axis;
  float value;
  double gain, distance;
};

bool Nearer(const Step& a, const Step& b) {
  if (a.distance != b.distance) return a.distance < b.distance;
  if (a.gain != b.gain) return a.gain > b.gain;
  return std::pair(a.from, a.axis) < std::pair(b.from, b.axis);
}

// Layers of steps of which none is nearer and better; the same set of changes in another order counts once.
std::vector<Step> KeepBest(std::vector<Step> steps) {
  std::sort(steps.begin(), steps.end(), Nearer);
  const auto same = [](const Step& a, const Step& b) {
    return a.gain == b.gain && std::abs(a.distance - b.distance) <= 1e-9 * b.distance;
  };
  steps.erase(std::unique(steps.begin(), steps.end(), same), steps.end());
  std::vector<Step> kept;
  while (!steps.empty() && kept.size() < kBeam) {
    std::vector<Step> layer, rest;
    for (const Step& step : steps) (layer.empty() || step.gain > layer.back().gain ? layer : rest).push_back(step);
    const size_t room = kBeam - kept.size();
    const size_t count = std::min(room, layer.size());
    // The last of a layer has the most gain.
    for (size_t i = 0; i < count; ++i) kept.push_back(layer[layer.size() - 1 - i * layer.size() / count]);
    steps = std::move(rest);
  }
  return kept;
}

class Beam {
 public:
  Beam(absl::Span<const ChangeAxis> axes, const Candidate& start, double target, Trials& trials)
      : axes_(axes), target_(target), trials_(trials), kept_({start}) {
    result_.best = start;
    for (const ChangeAxis& axis : axes) grids_.push_back(axis.grid);
  }

  absl::StatusOr<GridSearchResult> Run(int max_features) {
    for (int features = 1; features <= std::min(max_features, kMostFeatures) && !kept_.empty(); ++features) {
      ROICAST_RETURN_IF_ERROR(Try());
      if (features == 1) Narrow();
      std::vector<Candidate> next;
      for (const Step& step : KeepBest(std::move(steps_))) next.push_back(Taken(step));
      kept_ = std::move(next);
    }
    for (size_t a = 0; a < axes_.size(); ++a) {
      if (!grids_[a].empty()) result_.combined.push_back(static_cast<int>(a));
    }
    return std::move(result_);
  }

 private:
  double Farthest() const { return kSlack * result_.reached.least_distance(); }

  Candidate Taken(const Step& step) const {
    Candidate taken = kept_[step.from];
    taken.row[axes_[step.axis].feature] = step.value;
    taken.gain = step.gain;
    taken.distance = step.distance;
    return taken;
  }

  // All single steps from the kept rows.
  absl::Status Try() {
    steps_.clear();
    for (size_t k = 0; k < kept_.size(); ++k) {
      for (size_t a = 0; a < axes_.size(); ++a) {
        const ChangeAxis& axis = axes_[a];
        if (!axis.IsOriginal(kept_[k].row[axis.feature])) continue;
        for (const float value : grids_[a]) {
          const double distance = kept_[k].distance + axis.Distance(value);
          if (distance >= Farthest()) continue;
          steps_.push_back({static_cast<int>(k), static_cast<int>(a), value, 0.0, distance});
          ROICAST_RETURN_IF_ERROR(trials_.Add(kept_[k].row, axis.feature, value));
        }
      }
    }
    ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials_.Finish());
    for (size_t i = 0; i < steps_.size(); ++i) steps_[i].gain = gains[i];
    Sort();
    return absl::OkStatus();
  }

  // Steps that reach the goal leave the search.
  void Sort() {
    const Step* best = nullptr;
    for (const Step& step : steps_) {
      if (best == nullptr || step.gain > best->gain) best = &step;
      if (step.gain >= target_ && step.distance < Farthest()) result_.reached.Add(axes_, Taken(step));
    }
    if (best != nullptr && best->gain > result_.best.gain) result_.best = Taken(*best);
    const auto done = [&](const Step& step) {
      return step.gain >= target_ || step.distance >= Farthest() || !std::isfinite(step.gain);
    };
    steps_.erase(std::remove_if(steps_.begin(), steps_.end(), done), steps_.end());
  }

  // After single features: which of them, and which of their words, are combined.
  void Narrow() {
    std::vector<std::vector<std::pair<double, float>>> gains(axes_.size());
    for (const Step& step : steps_) gains[step.axis].emplace_back(-step.gain, step.value);
    std::vector<std::pair<double, size_t>> ranked;
    for (size_t a = 0; a < axes_.size(); ++a) {
      std::sort(gains[a].begin(), gains[a].end());
      ranked.emplace_back(gains[a].empty() ? 0.0 : gains[a].front().first, a);
      if (!axes_[a].word || gains[a].size() <= kMostWords) continue;
      grids_[a].clear();
      for (size_t i = 0; i < kMostWords; ++i) grids_[a].push_back(gains[a][i].second);
    }
    if (ranked.size() <= kMostAxes) return;
    std::sort(ranked.begin(), ranked.end());
    for (size_t i = kMostAxes; i < ranked.size(); ++i) grids_[ranked[i].second].clear();
  }

  const absl::Span<const ChangeAxis> axes_;
  const double target_;
  Trials& trials_;
  std::vector<std::vector<float>> grids_;
  std::vector<Candidate> kept_;
  std::vector<Step> steps_;
  GridSearchResult result_;
};

}  // namespace

void Reached::Add(absl::Span<const ChangeAxis> axes, Candidate candidate) {
  std::vector<int> changed = ChangedAxes(axes, candidate.row);
  const auto found = by_axes_.find(changed);
  if (found != by_axes_.end()) {
    if (candidate.distance < found->second.distance) found->second = std::move(candidate);
  } else {
    by_axes_.emplace(std::move(changed), std::move(candidate));
  }
  const auto farther = [](const auto& a, const auto& b) { return a.second.distance < b.second.distance; };
  if (by_axes_.size() > kMost) by_axes_.erase(std::max_element(by_axes_.begin(), by_axes_.end(), farther));
  least_distance_ = std::min_element(by_axes_.begin(), by_axes_.end(), farther)->second.distance;
}

std::vector<Candidate> Reached::Take() {
  std::vector<Candidate> nearest;
  for (auto& [changed, candidate] : by_axes_) nearest.push_back(std::move(candidate));
  std::stable_sort(nearest.begin(), nearest.end(),
                   [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  by_axes_.clear();
  return nearest;
}

absl::StatusOr<GridSearchResult> SearchGrids(absl::Span<const ChangeAxis> axes, const Candidate& start, double target,
                                             int max_features, Trials& trials) {
  return Beam(axes, start, target, trials).Run(max_features);
}

absl::Status Ascend(absl::Span<const ChangeAxis> axes, absl::Span<const int> movable, Trials& trials,
                    std::vector<Candidate>& candidates) {
  bool improved = true;
  for (int pass = 0; pass < kAscentPasses && improved; ++pass) {
    improved = false;
    for (const int a : movable) {
      const ChangeAxis& axis = axes[a];
      for (const Candidate& candidate : candidates) {
        for (const float value : axis.grid) {
          ROICAST_RETURN_IF_ERROR(trials.Add(candidate.row, axis.feature, value));
        }
        ROICAST_RETURN_IF_ERROR(trials.Add(candidate.row, axis.feature, axis.original));
      }
      ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials.Finish());
      const size_t tried = axis.grid.size() + 1;
      for (size_t c = 0; c < candidates.size(); ++c) {
        const auto own = gains.subspan(c * tried, tried);
        const size_t best = std::max_element(own.begin(), own.end()) - own.begin();
        if (!(own[best] > candidates[c].gain)) continue;
        candidates[c].row[axis.feature] = best < axis.grid.size() ? axis.grid[best] : axis.original;
        candidates[c].gain = own[best];
        improved = true;
      }
    }
  }
  for (Candidate& candidate : candidates) candidate.distance = TotalDistance(axes, candidate.row);
  return absl::OkStatus();
}

absl::Status AscendBetween(absl::Span<const ChangeAxis> axes, absl::Span<const int> movable, Trials& trials,
                           Candidate& candidate) {
  double reach = 1.0;  // of the distance to the neighbours on the grid
  for (int pass = 0; pass < kFinePasses; ++pass, reach *= 0.5) {
    for (const int a : movable) {
      const ChangeAxis& axis = axes[a];
      if (axis.word) continue;
      const float now = candidate.row[axis.feature];
      if (std::isnan(now)) continue;
      const auto above = std::upper_bound(axis.grid.begin(), axis.grid.end(), now);
      const auto from = std::lower_bound(axis.grid.begin(), axis.grid.end(), now);
      const double low = from == axis.grid.begin() ? now : *(from - 1);
      const double high = above == axis.grid.end() ? now : *above;
      std::vector<float> values;
      for (int k = 0; k <= kFineValues; ++k) {
        const double t = 2.0 * k / kFineValues - 1.0;
        values.push_back(axis.Snap(now + reach * (t < 0.0 ? t * (now - low) : t * (high - now))));
        ROICAST_RETURN_IF_ERROR(trials.Add(candidate.row, axis.feature, values.back()));
      }
      ROICAST_ASSIGN_OR_RETURN(const absl::Span<const double> gains, trials.Finish());
      const size_t best = std::max_element(gains.begin(), gains.end()) - gains.begin();
      if (!(gains[best] > candidate.gain)) continue;
      candidate.row[axis.feature] = values[best];
      candidate.gain = gains[best];
    }
  }
  candidate.distance = TotalDistance(axes, candidate.row);
  return absl::OkStatus();
}

}  // namespace roicast::explanation
