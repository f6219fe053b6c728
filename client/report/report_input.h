// All that a report is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/report/row_statistics.h"
#include "client/scoring/feature_columns.h"
#include "roicast/v1/decision.pb.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// A table whose rows the model has predicted.
struct ReportTable {
  std::string file;  // its name, without folders
  // Of the table; could not be read; rejected by the server; without a known outcome; looked at, if not all.
  int64_t rows_read = 0, rows_unread = 0, rows_refused = 0, rows_without_outcome = 0, rows_kept = 0;
  std::string first_unread;
  std::vector<AbsentFeature> absent;
  // Which columns the outcome is from; or why there is none.
  std::string outcome, no_outcome;
  // Rows that could be compared with those that the model learnt from, and how many of them it has learnt from
  // (v1::LearntRowsCheck); or why that is not known.
  int64_t rows_checked = 0, rows_learnt = 0;
  std::string learnt_unknown;
  // Of all its rows with an outcome, if the model has learnt from next to none of them.
  std::optional<v1::MetricsWithBaseline> metrics;
  // What its rows have that the model cannot take into account, a sentence each.
  std::vector<std::string> findings;
  // Whether its rows flatter the model.
  bool learnt_from() const { return rows_learnt > 0 && rows_learnt * 20 > rows_checked; }
  // Rows with a known outcome.
  OutcomeRows outcomes;
  // Why outcomes.intervals is empty.
  std::string no_intervals;
};

// The rows that were held out in training, as its report has them; none for versions of older releases.
OutcomeRows HeldOutRows(const v1::TrainingReport& report);

// ReportInput.analysis_rows of such rows.
inline constexpr char kHeldBackRows[] = "held back in training";

// What the model has learnt as the rows held out in training show it, without importances; nullopt: its report does not
// have it, as of older releases.
std::optional<v1::AnalyzeModelResponse> HeldOutAnalysis(const v1::TrainingReport& report);

struct ReportInput {
  v1::Model model;
  // What it is compared with: the serving version or, of the serving version, the one that served before it.
  std::optional<v1::Model> other;
  std::string no_other;  // why there is none
  // Without one, pictures that need rows are left out.
  std::optional<ReportTable> table;
  // Predictions of `other` for the rows of table.outcomes; empty: none.
  std::vector<double> other_predicted;

  std::optional<v1::AnalyzeModelResponse> analysis;
  std::string no_analysis;
  // Where the rows of the analysis are from, such as "of campaigns.csv".
  std::string analysis_rows;

  std::optional<v1::ResponseCurveResponse> curves;
  std::vector<std::string> curve_names;  // one per curve
  std::string curve_row;                 // what the rows of the curves are
  std::string no_curves;
  // They are drawn from the 1 % to the 99 % quantile of the table's spends, not over those of training.
  bool curves_of_rows = false;

  std::string made;  // when, for people
};

}  // namespace roicast::client
