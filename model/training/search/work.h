// How long fits take on one core of the reference machine (Intel Xeon with AVX-512 at 2.1 GHz), in seconds.
//
// A search decides by these figures what it can afford, and never by a clock, so that the same data, spec and seed
// compare the same candidates everywhere. They were fitted to measured times; `bench/search_work` compares the two.
#pragma once

#include <cstdint>
#include <vector>

#include "model/network/loss.h"

namespace roicast {

// A gradient step on 32 rows. inputs ≥ 1, of the first layer; hidden: units.
double StepSeconds(int inputs, const std::vector<int>& hidden, bool dropout);

// FitLinearPath. None beyond kMaxLinearInputs.
double LinearPathSeconds(Loss loss, int64_t rows, int inputs);

// Mlp::Evaluate of so many rows.
double EvaluationSeconds(int64_t rows, int inputs, const std::vector<int>& hidden);

}  // namespace roicast
