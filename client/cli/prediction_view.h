// How answers to predictions are shown.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/terminal.h"
#include "roicast/v1/model.pb.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::client {

// What a person gave for one campaign: feature → text.
using CampaignCells = std::map<std::string, std::string>;

struct PredictionAnswer {
  double roi = 0;
  // Why there is no prediction; OK if there is one.
  absl::Status status;
  std::vector<v1::Warning> warnings;
  // Set if they were asked for.
  struct Interval {
    double level = 0, low = 0, high = 0;
  };
  std::optional<Interval> interval = std::nullopt;
  std::optional<double> profit_probability = std::nullopt;
};

// Ends with a line break. `cells` is what was asked, `model` what answered.
std::string AnswerText(const PredictionAnswer& answer, const CampaignCells& cells, const v1::Model& model,
                       const Terminal& terminal);
// All that the text has.
nlohmann::ordered_json AnswerJson(const PredictionAnswer& answer, const CampaignCells& cells, const v1::Model& model);

}  // namespace roicast::client
