// Adds predictions to a table of any size in constant memory: rows are sent in batches, several of them in flight, and
// written in the order of the file, in its encoding, with its delimiter and line ends.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/number_range.h"
#include "base/result_columns.h"
#include "base/tables/table_detection.h"
#include "base/tables/table_reader.h"
#include "base/tables/table_writer.h"
#include "client/prediction_client.h"
#include "client/scoring/feature_columns.h"
#include "client/scoring/row_encoder.h"
#include "client/scoring/table_findings.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// Names of columns that are added whatever the prediction's own is called.
inline constexpr absl::string_view kRevenueColumn = result_columns::kPredictedRevenue;
inline constexpr absl::string_view kProfitColumn = result_columns::kPredictedProfit;
inline constexpr absl::string_view kProbabilityColumn = result_columns::kProfitProbability;

struct ScoreOptions {
  static constexpr NumberRange kBatchRows{1, 1e6};
  static constexpr NumberRange kInFlight{1, 64};

  // What a person says about the file and its columns; keep_totals and the limits hold for reading it, too.
  TableOptions table;
  // Rows per call.
  int64_t batch_rows = 8192;
  // Calls in flight.
  int in_flight = 4;
  // Name of the added column. The input must not have a column of that name.
  std::string roi_column{result_columns::kRoi};
  // Also adds a column with "_warnings" after that name, with cells such as "channel: category unseen; price: out of
  // range".
  bool warnings_column = false;
  // Also adds columns with "_low" and "_high" after that name for the interval, and "profit_probability", if they are
  // asked for here.
  v1::UncertaintyOptions uncertainty;
  // Also adds columns "predicted_revenue" and "predicted_profit": spend × (1 + ROI) and spend × ROI, of the spend in
  // this column of the table. Empty: neither. The first one is left out where the prediction has its name.
  std::string spend_column;
  // The model predicts revenues instead of ROIs: then they are the prediction, and the prediction − spend.
  bool predicts_revenue = false;
  // Attempts per batch while the server is overloaded (RESOURCE_EXHAUSTED), with exponential backoff.
  int max_attempts = 6;
  // How long a batch is retried after UNAVAILABLE: the time a server may take to restart.
  absl::Duration reconnect_for = absl::Seconds(60);
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration max_backoff = absl::Seconds(5);

  absl::Status Validate() const;
};

struct ScoreSummary {
  // Rows written, including those with an empty roi.
  int64_t rows = 0;
  // Rows without a prediction: a cell could not be read, or the server rejected a value.
  int64_t rows_refused = 0;
  // Rows left out of the output because they are malformed: text behind a closing quote, or a wrong number of cells.
  int64_t rows_left_out = 0;
  // Rows with a prediction and at least one warning.
  int64_t rows_with_warnings = 0;
  int64_t bytes_in = 0;
  // Complete at the end.
  TableFindings findings;
  // Characters of the added cells that the file's encoding does not have: they are written as \u{9884}.
  int64_t unencodable = 0;
  // Rows of the file that are not rows of the table, such as titles and totals.
  std::vector<LeftOutCount> left_out;
  // With a spend column: rows with a prediction and a spend > 0, and their sums.
  int64_t rows_with_spend = 0;
  double spend = 0, revenue = 0, profit = 0;
};

// Use once. Not thread-safe.
class TableScorer {
 public:
  struct Events {
    // The next bytes of the output; an error ends scoring.
    std::function<absl::Status(absl::string_view)> on_output;
    // A row that got no prediction or was left out; line from 1.
    std::function<void(int64_t line, absl::string_view message)> on_bad_row;
    // Called after each batch is written. An error, such as CANCELLED, ends scoring.
    std::function<absl::Status(const ScoreSummary&)> on_progress;
    // Called before each backoff with the error of the last attempt. Optional.
    std::function<void(const absl::Status&)> on_retry;
    // Polled while waiting; true ends scoring with CANCELLED. Optional.
    std::function<bool()> stopped;
  };

  // model: as returned by GetModel, with its schema; all batches use this version. table: how the file is read;
  // columns: as BindFeatures found them in it.
  TableScorer(std::shared_ptr<PredictionClient> client, v1::Model model, const TableReading& table,
              const FeatureColumns& columns, ScoreOptions options, Events events);
  ~TableScorer();

  // The next bytes of the input. Blocks while too many batches are in flight.
  absl::Status Feed(absl::string_view bytes);
  // Ends the input and waits for the batches in flight.
  absl::StatusOr<ScoreSummary> Finish();

 private:
  struct Batch;

  absl::Status Start(const FileForm& form);
  absl::Status AddRow(const TableRow& row);
  void AddLeftOut(const LeftOutRow& row);
  // The row's spend if it is a number > 0, else NaN.
  bool PredictionIsRevenueColumn() const { return options_.roi_column == kRevenueColumn && options_.predicts_revenue; }
  double SpendOf(const TableRow& row) const;
  absl::Status SendBatch();
  void Send(const std::shared_ptr<Batch>& batch);
  absl::Status WriteOldest();
  absl::Status AwaitAnswer(Batch& batch);
  absl::Status WaitToRetry(const Batch& batch);
  bool Stopped() const { return events_.stopped && events_.stopped(); }
  void AppendAnswers(Batch& batch);
  // With the decimal mark of the file.
  template <typename Real>
  void AppendNumber(Real value);
  void AppendRevenue(double spend, float prediction);
  // index: in the answer; −1: none.
  void AppendHowSure(const v1::BatchPredictResponse& answer, int64_t index);

  const std::shared_ptr<PredictionClient> client_;
  const v1::Model model_;
  const ScoreOptions options_;
  const Events events_;
  const RowEncoder encoder_;
  FindingsCounter findings_;
  // The spend's column, and how its numbers are written.
  std::optional<size_t> spend_column_;
  NumberForm spend_form_;
  // Of the file's numbers, and so of the predictions.
  char decimal_mark_ = '.';
  TableReader reader_;
  std::shared_ptr<Batch> filling_;
  std::deque<std::shared_ptr<Batch>> in_flight_;
  ScoreSummary summary_;
  std::string output_;
  std::optional<TableWriter> writer_;
};

}  // namespace roicast::client
