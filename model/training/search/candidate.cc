#include "model/training/search/candidate.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/random.h"

namespace roicast {
namespace {

constexpr int kRampCounts[] = {0, 4, 8, 16, 32};
constexpr int kFirstUnits[] = {16, 32, 64, 128, 256};
struct Hold {
  double dropout, weight_decay;
};
constexpr Hold kHolds[] = {{0.0, 0.008}, {0.05, 0.008}, {0.1, 0.03}, {0.2, 0.1}, {0.4, 0.4}};
constexpr double kRateFactors[] = {0.4, 1.0, 2.0};
constexpr int kUsualRate = 1;
constexpr uint64_t kOrderSeed = 1;

template <typename T, size_t n>
constexpr int CountOf(const T (&)[n]) {
  return static_cast<int>(n);
}

bool Exists(const Candidate& candidate) {
  const auto within = [](int index, int count) { return index >= 0 && index < count; };
  return within(candidate.ramps, CountOf(kRampCounts)) && within(candidate.size, CountOf(kFirstUnits)) &&
         within(candidate.hold, CountOf(kHolds)) && within(candidate.rate, CountOf(kRateFactors));
}

}  // namespace

int Candidate::RampCount() const { return kRampCounts[ramps]; }
std::vector<int> Candidate::Hidden() const { return {kFirstUnits[size], kFirstUnits[size] / 2}; }
double Candidate::Dropout() const { return kHolds[hold].dropout; }
double Candidate::WeightDecay() const { return kHolds[hold].weight_decay; }
double Candidate::RateFactor() const { return kRateFactors[rate]; }

std::string Candidate::Name() const {
  return absl::StrCat(RampCount() == 0 ? "no ramps" : absl::StrCat(RampCount(), " ramps"), ", ",
                      absl::StrJoin(Hidden(), " → "), Dropout() > 0.0 ? absl::StrCat(", dropout ", Dropout()) : "",
                      RateFactor() != 1.0 ? absl::StrCat(", rate × ", RateFactor()) : "");
}

TrainingSpec Candidate::SpecOf(const TrainingSpec& spec) const {
  TrainingSpec own = spec;
  own.network.hidden = Hidden();
  own.training.learning_rate *= RateFactor();
  return own;
}

std::vector<Candidate> AllCandidates() {
  std::vector<Candidate> candidates;
  for (int ramps = 0; ramps < CountOf(kRampCounts); ++ramps) {
    for (int size = 0; size < CountOf(kFirstUnits); ++size) {
      for (int hold = 0; hold < CountOf(kHolds); ++hold) {
        for (int rate = 0; rate < CountOf(kRateFactors); ++rate) candidates.push_back({ramps, size, hold, rate});
      }
    }
  }
  Random random(kOrderSeed);
  random.Shuffle(candidates);
  const std::vector<Candidate> first{
      {0, 2, 1, kUsualRate}, {2, 2, 1, kUsualRate}, {0, 2, 3, kUsualRate}, {2, 2, 3, kUsualRate},
      {0, 1, 2, kUsualRate}, {2, 1, 2, kUsualRate}, {0, 2, 2, kUsualRate}, {3, 2, 2, kUsualRate},
  };
  std::stable_partition(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return std::find(first.begin(), first.end(), candidate) != first.end();
  });
  std::copy(first.begin(), first.end(), candidates.begin());
  return candidates;
}

std::vector<Candidate> NeighboursOf(const Candidate& candidate) {
  std::vector<Candidate> neighbours;
  for (int Candidate::*axis : {&Candidate::hold, &Candidate::ramps, &Candidate::size, &Candidate::rate}) {
    for (const int step : {-1, 1}) {
      Candidate neighbour = candidate;
      neighbour.*axis += step;
      if (Exists(neighbour)) neighbours.push_back(neighbour);
    }
  }
  return neighbours;
}

}  // namespace roicast
