// What a search may try: an encoding of numbers, a size, and how strongly a network is held back.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "model/training/training_spec.h"

namespace roicast {

// A point of a grid. Each number is the index of a value; the values of one axis are ordered.
struct Candidate {
  int ramps = 0;  // PreprocessingOptions::ramps: 0, 4, 8, 16, 32
  int size = 0;   // two hidden layers: 16 → 8, 32 → 16, 64 → 32, 128 → 64, 256 → 128
  int hold = 0;   // dropout and weight decay, from 0 and 0.008 to 0.4 and 0.4
  int rate = 0;   // the spec's learning rate times 0.4, 1, 2

  friend auto operator<=>(const Candidate&, const Candidate&) = default;

  int RampCount() const;
  std::vector<int> Hidden() const;
  double Dropout() const;
  double WeightDecay() const;
  double RateFactor() const;
  // Such as "8 ramps, 64 → 32, dropout 0.05".
  std::string Name() const;
  // The spec with this size and learning rate.
  TrainingSpec SpecOf(const TrainingSpec& spec) const;
};

// All of them, each once: what the presets compact and accurate begin with, then the others in an order that is the
// same each time and spreads over the grid.
std::vector<Candidate> AllCandidates();

// Those that differ by one step along one axis.
std::vector<Candidate> NeighboursOf(const Candidate& candidate);

}  // namespace roicast
