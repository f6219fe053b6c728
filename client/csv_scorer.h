// A CSV of any size in, the same CSV with predictions out, in constant memory: rows go to the server in batches,
// several of them in flight, and come back in the order of the file.
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
  // The column that is added. The input must not have it.
  std::string roi_column = "roi";
  // Adds another one with "_warnings" behind that name, such as "channel: category unseen; price: out of range".
  bool warnings_column = false;
  // A batch is sent at most so often where the server answers RESOURCE_EXHAUSTED, with growing waits in between.
  int max_attempts = 6;
  // How long a batch is sent again after UNAVAILABLE: the time that a server may take to come back.
  absl::Duration reconnect_for = absl::Seconds(60);
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration max_backoff = absl::Seconds(5);

  absl::Status Validate() const;
};

struct ScoreSummary {
  // Rows of the output; rows of which the roi is empty are among them.
  int64_t rows = 0;
  // Rows without a prediction: a cell that cannot be read, or a value that the server refused.
  int64_t rows_refused = 0;
  // Rows left out of the output, as they are no CSV or have too few or too many cells.
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
    // After each batch that was written. An error, such as CANCELLED, ends scoring.
    std::function<absl::Status(const ScoreSummary&)> on_progress;
    // Once, with the features that the file lacks; may be empty.
    std::function<void(const std::vector<std::string>&)> on_header;
    // Before each wait for another attempt, with what the last one got; may be empty.
    std::function<void(const absl::Status&)> on_retry;
    // Asked while there is nothing to do but wait; true ends scoring with CANCELLED. May be empty.
    std::function<bool()> stopped;
  };

  // model: as GetModel answers, with its schema. That version answers all batches.
  CsvScorer(std::shared_ptr<PredictionClient> client, v1::Model model, ScoreOptions options, Events events);
  ~CsvScorer();

  // The next bytes of the input. Blocks while too many batches are in flight.
  absl::Status Feed(absl::string_view bytes);
  // No more input: waits for what is in flight.
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
