// A model whose law is known in closed form, and its parts as decisions take them.
#pragma once

#include <memory>
#include <vector>

#include "model/artifact/artifact.h"
#include "model/decision/decision_model.h"

namespace roicast::testing {

// 1 + ROI = channel · (1 + spend)^exponent, where channel is `returns` by code, times e^0.4 in July
// and 1 in January.
struct PowerLaw {
  std::vector<double> returns = {30.0, 20.0, 10.0};  // search, social, email
  double exponent = -0.4;
  double seen_min = 100.0, seen_max = 10'000.0;  // of the spend
  std::vector<WordRange> word_ranges = {};       // of the spend
  bool calibrated = true;                        // 199 scores of log(1 + ROI) from −0.99 to 0.99
};

// Features: spend (> 0), channel, start (time).
Artifact MakePowerLaw(const PowerLaw& law);

// Owns what a DecisionModel refers to.
class OwnedModel {
 public:
  explicit OwnedModel(const Artifact& artifact);

  DecisionModel model() const { return {predictor_.get(), &uncertainty_, &facts_}; }
  const Predictor& predictor() const { return *predictor_; }

 private:
  std::unique_ptr<const Predictor> predictor_;
  Uncertainty uncertainty_;
  DecisionFacts facts_;
};

// One row of MakePowerLaw's schema. month: 0 to 11.
std::vector<float> PowerRow(double spend, int channel, int month = 0);
// The same for many.
std::vector<float> PowerRows(const std::vector<double>& spends, const std::vector<int>& channels);

}  // namespace roicast::testing
