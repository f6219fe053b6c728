// Budgets for campaigns whose law is known.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "model/decision/budget_optimizer.h"
#include "tests/model/decision/power_law.h"

namespace roicast::testing {

// The best spends for most profit are 7,776, 2,822 and 1,375.
inline Artifact Law() { return MakePowerLaw({.returns = {60.0, 40.0, 30.0}}); }

inline int64_t Cents(double money) { return std::llround(money * 100.0); }

inline BudgetProblem MakeProblem(const std::vector<int>& channels, double budget) {
  BudgetProblem problem;
  problem.rows = PowerRows(std::vector<double>(channels.size(), 500.0), channels);
  problem.campaigns.resize(channels.size());
  problem.budget = budget;
  return problem;
}

}  // namespace roicast::testing
