// Adds predictions to a CSV of any size in constant memory: rows are sent in batches, several of them in flight, and
// written in the order of the file.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/csv/csv_reader.h"
#include "base/csv/csv_values.h"
#include "base/number_range.h"
#include "client/prediction_client.h"
#include "client/row_encoder.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

struct ScoreOptions {
  static constexpr NumberRange kBatchRows{1, 1e6};
  static constexpr NumberRange kInFlight{1, 64};

  char delimiter = ',';
  bool has_header = true;
  MissingSpellings missing;
  // Rows per call.
  int64_t batch_rows = 8192;
  // Calls in flight.
  int in_flight = 4;
  // Name of the added column. The input must not have a column of that name.
  std::string roi_column = "roi";
  // Also adds a column with "_warnings" after that name, with cells such as "channel: category unseen; price: out of
  // range".
  bool warnings_column = false;
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
  // Rows without a prediction: a cell could not be parsed, or the server rejected a value.
  int64_t rows_refused = 0;
  // Rows left out of the output because they are malformed or have the wrong number of cells.
  int64_t rows_left_out = 0;
  // Rows with a prediction and at least one warning.
  int64_t rows_with_warnings = 0;
  int64_t bytes_in = 0;
};

// Use once. Not thread-safe.
class CsvScorer {
 public:
  struct Events {
    // The next bytes of the output; an error ends scoring.
    std::function<absl::Status(absl::string_view)> on_output;
    // A row that got no prediction or was left out; line from 1.
    std::function<void(int64_t line, absl::string_view message)> on_bad_row;
    // Called after each batch is written. An error, such as CANCELLED, ends scoring.
    std::function<absl::Status(const ScoreSummary&)> on_progress;
    // Called once with the features missing from the file. Optional.
    std::function<void(const std::vector<std::string>&)> on_header;
    // Called before each backoff with the error of the last attempt. Optional.
    std::function<void(const absl::Status&)> on_retry;
    // Polled while waiting; true ends scoring with CANCELLED. Optional.
    std::function<bool()> stopped;
  };

  // model: as returned by GetModel, with its schema. All batches use this version.
  CsvScorer(std::shared_ptr<PredictionClient> client, v1::Model model, ScoreOptions options, Events events);
  ~CsvScorer();

  // The next bytes of the input. Blocks while too many batches are in flight.
  absl::Status Feed(absl::string_view bytes);
  // Ends the input and waits for the batches in flight.
  absl::StatusOr<ScoreSummary> Finish();

 private:
  struct Batch;

  absl::Status AddRow(const CsvRow& row);
  absl::Status Start();
  absl::Status SendBatch();
  void Send(const std::shared_ptr<Batch>& batch);
  absl::Status WriteOldest();
  absl::Status AwaitAnswer(Batch& batch);
  absl::Status WaitToRetry(const Batch& batch);
  bool Stopped() const { return events_.stopped && events_.stopped(); }
  void AppendAnswers(Batch& batch);

  const std::shared_ptr<PredictionClient> client_;
  const v1::Model model_;
  const ScoreOptions options_;
  const Events events_;
  CsvReader reader_;
  std::unique_ptr<RowEncoder> encoder_;
  std::shared_ptr<Batch> filling_;
  std::deque<std::shared_ptr<Batch>> in_flight_;
  ScoreSummary summary_;
  std::string output_;
};

}  // namespace roicast::client
