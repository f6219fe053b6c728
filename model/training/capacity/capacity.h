// How long a network is trained and how strongly it is held back, and how settings of these compared.
#pragma once

#include <cstdint>
#include <vector>

namespace roicast {

struct Capacity {
  int64_t steps = 0;  // gradient steps of a whole schedule, > 0
  double dropout = 0.0;
  double weight_decay = 0.0;

  friend bool operator==(const Capacity&, const Capacity&) = default;
};

struct ComparedCapacity {
  Capacity capacity;
  // How much of the network is added to the linear path, [0, 1]; 0 also if its training diverged.
  double network_share = 0.0;
  // 1 − squared error / squared error of the mean, transformed scale, over rows that neither the linear path nor the
  // network had learnt from: of the linear path and that share of the network. Of a two-valued target: 1 − deviance /
  // deviance of the base rate.
  double r2 = 0.0;
  bool chosen = false;
};

// Empty if nothing was compared. Without a chosen one, the model is the linear path alone.
struct CapacityReport {
  std::vector<ComparedCapacity> compared;  // in the order of comparison
  double linear_r2 = 0.0;                  // of the linear path alone, on the same rows
};

}  // namespace roicast
