// What `roicast score` says about a table and about the result.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/time.h"
#include "client/cli/terminal.h"
#include "client/scoring/feature_columns.h"
#include "client/scoring/table_scorer.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// How the file is read, before the first row: the file's form, features without a column, unused columns, and what is
// guessed with the flags that change it. Some lines.
std::string ScoreStartText(const TableReading& table, const FeatureColumns& columns, const Terminal& terminal);

// Everything about a finished run.
struct ScoreResult {
  const v1::Model& model;
  const TableReading& table;
  const FeatureColumns& columns;
  const ScoreSummary& summary;
  absl::Duration took;
  bool warnings_column;
  const std::string& column;  // of the predictions
};

// For people; some lines.
std::string ScoreResultText(const ScoreResult& result, const Terminal& terminal);
// The same for programs, and what ScoreStartText says.
nlohmann::ordered_json ScoreResultJson(const ScoreResult& result);

}  // namespace roicast::client
