// What a model has learnt, in words and numbers that need no schema: as answers, reports and artifacts have it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace roicast {

// How predictions move along one feature (model/explanation/dependence.h).
struct DependenceShape {
  std::string feature;
  // Per point of the grid. values: of a numeric feature; otherwise empty. rows: how many are nearest to the point.
  std::vector<std::string> labels;
  std::vector<double> values;
  std::vector<int64_t> rows;
  // Mean, 10 % and 90 % quantile of the rows' predictions.
  std::vector<double> mean, low, high;
  // If the feature is the spend: what went along with it.
  std::vector<std::string> moved_along;
  // Predictions of single rows at each point.
  struct Curve {
    int64_t row = 0;
    std::vector<double> values;
  };
  std::vector<Curve> individual;
};

// How much two features act together (model/explanation/interaction.h).
struct InteractionStrength {
  std::string first, second;
  double strength = 0.0;  // in the prediction's unit
  double h = 0.0;         // Friedman's H
};

// A small tree as rules (model/explanation/surrogate_tree.h), the highest prediction first.
struct TreeRules {
  struct Rule {
    std::string conditions;
    double share = 0.0, prediction = 0.0;
  };
  std::vector<Rule> rules;  // empty: there is no tree
  double fidelity = 0.0;    // R² against the model on rows held back; NaN: the model predicts the same for all
};

}  // namespace roicast
