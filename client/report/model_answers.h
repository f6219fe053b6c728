// What a report asks the server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/channel.h"
#include "client/report/report_input.h"
#include "client/report/row_collector.h"
#include "client/retry.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// Asks one version. Not thread-safe.
class ModelAnswers {
 public:
  // calls: analyses get at least two minutes. stop: asked between calls; an error ends the question. Optional.
  ModelAnswers(std::shared_ptr<ChannelPool> channels, const CallOptions& calls, v1::Model model,
               std::function<absl::Status()> stop = {});

  // Predicts all rows, and ranges and chances of profit of those with a known outcome. Fills in outcomes, no_intervals,
  // rows_refused and rows_without_outcome.
  absl::Status Predict(const CollectedRows& rows, ReportTable& table) const;
  // The predictions alone; NaN for rejected rows.
  absl::StatusOr<std::vector<float>> Predictions(absl::Span<const float> values) const;

  // Importances, dependence, interactions and rules, on a part of the rows; without rows, on what is stored with the
  // version. Fills in analysis and analysis_rows, or no_analysis. Errors: those of `stop` alone.
  absl::Status Analyze(const CollectedRows* rows, const std::string& file, ReportInput& input) const;
  // Response curves over the spend of a typical row, for the most frequent values of the categorical feature that
  // matters most. Call after Analyze. Fills in curves or no_curves. Errors: those of `stop` alone.
  absl::Status AskCurves(const CollectedRows* rows, const std::string& file, ReportInput& input) const;

 private:
  v1::ModelRef Ref() const;
  absl::Status Stop() const { return stop_ ? stop_() : absl::OkStatus(); }
  absl::StatusOr<v1::AnalyzeModelResponse> CallAnalyze(const v1::AnalyzeModelRequest& request) const;
  // Null: no rows.
  absl::StatusOr<v1::AnalyzeModelResponse> AnalyzeInTwoCalls(const CollectedRows* rows) const;

  const std::shared_ptr<ChannelPool> channels_;
  const CallOptions calls_;
  const v1::Model model_;
  const std::function<absl::Status()> stop_;
};

// Rows encoded for `from`, encoded for `to`: by the names of features, and words by their spelling. Nullopt if `to` has
// a feature that `from` has not, or of another kind.
std::optional<std::vector<float>> TranslateRows(const v1::Schema& from, const v1::Schema& to,
                                                absl::Span<const float> values);

// A row in the middle of all: the median of numbers and times, the most frequent word. NaN where no row has a value,
// and everywhere without rows.
std::vector<float> TypicalRow(const v1::Schema& schema, absl::Span<const float> values);

}  // namespace roicast::client
