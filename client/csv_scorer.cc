#include "client/csv_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/csv/csv_values.h"
#include "base/csv/csv_writer.h"
#include "base/status_macros.h"
#include "client/status.h"

namespace roicast::client {
namespace {

absl::string_view WarningText(v1::WarningKind kind) {
  switch (kind) {
    case v1::WARNING_KIND_VALUE_IMPUTED:
      return "imputed";
    case v1::WARNING_KIND_CATEGORY_UNSEEN:
      return "category unseen";
    case v1::WARNING_KIND_VALUE_OUT_OF_RANGE:
      return "out of range";
    case v1::WARNING_KIND_UNSPECIFIED:
    case v1::WarningKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::WarningKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  // A kind that a newer server knows.
  return "unusual";
}

std::string WarningsText(const v1::RowIssue& issue) {
  std::string text;
  for (const v1::Warning& warning : issue.warnings()) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", warning.feature(), ": ", WarningText(warning.kind()));
  }
  return text;
}

// Waiting does not help a request that is over a limit.
bool IsOverload(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && ReasonOf(status) != v1::REQUEST_TOO_LARGE;
}

absl::Status StoppedError() { return absl::CancelledError("score: cancelled by the caller"); }

constexpr absl::Duration kStopPollInterval = absl::Milliseconds(100);

// Writes the cells so far, which are part of a row.
void EndCells(CsvWriter& writer, std::string* text) {
  writer.EndRow();
  text->pop_back();
}

}  // namespace

absl::Status ScoreOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(kBatchRows.Check("batch_rows", static_cast<double>(batch_rows)));
  if (roi_column.empty()) return absl::InvalidArgumentError("roi_column: expected a name, got nothing");
  return kInFlight.Check("in_flight", in_flight);
}

// A batch of rows. One thread fills and writes it; the answer arrives on a gRPC thread.
struct CsvScorer::Batch {
  struct Row {
    int64_t line;
    // End of the row's cells in `text`.
    size_t text_end;
    // Index in the request; −1 if a cell could not be parsed.
    int64_t index;
  };
  std::string text;
  std::vector<Row> rows;
  v1::BatchPredictRequest request;
  int attempts = 0;
  absl::Time first_failure = absl::InfiniteFuture();

  absl::Mutex mutex;
  bool answered ABSL_GUARDED_BY(mutex) = false;
  absl::StatusOr<v1::BatchPredictResponse> answer ABSL_GUARDED_BY(mutex) = absl::UnknownError("not answered");
};

CsvScorer::CsvScorer(std::shared_ptr<PredictionClient> client, v1::Model model, ScoreOptions options, Events events)
    : client_(std::move(client)),
      model_(std::move(model)),
      options_(std::move(options)),
      events_(std::move(events)),
      reader_(
          [this] {
            CsvReaderOptions csv;
            csv.delimiter = options_.delimiter;
            csv.has_header = options_.has_header;
            return csv;
          }(),
          [this](const CsvRow& row) { return AddRow(row); },
          [this](const CsvMalformedRow& row) {
            ++summary_.rows_left_out;
            events_.on_bad_row(row.line, absl::StrCat("column ", row.column, ": ", row.message, "; left out"));
            return absl::OkStatus();
          }) {}

CsvScorer::~CsvScorer() = default;

absl::Status CsvScorer::Feed(absl::string_view bytes) {
  ROICAST_RETURN_IF_ERROR(options_.Validate());
  summary_.bytes_in += static_cast<int64_t>(bytes.size());
  return reader_.Feed(bytes);
}

absl::StatusOr<ScoreSummary> CsvScorer::Finish() {
  ROICAST_RETURN_IF_ERROR(reader_.Finish());
  if (encoder_ == nullptr) ROICAST_RETURN_IF_ERROR(Start());
  if (filling_ != nullptr) ROICAST_RETURN_IF_ERROR(SendBatch());
  while (!in_flight_.empty()) ROICAST_RETURN_IF_ERROR(WriteOldest());
  return summary_;
}

absl::Status CsvScorer::Start() {
  ROICAST_ASSIGN_OR_RETURN(RowEncoder encoder, RowEncoder::Create(model_.schema(), reader_.header(), options_.missing));
  encoder_ = std::make_unique<RowEncoder>(std::move(encoder));
  if (events_.on_header) events_.on_header(encoder_->absent_features());
  std::vector<std::string> added = {options_.roi_column};
  if (options_.warnings_column) added.push_back(options_.roi_column + "_warnings");
  std::string header;
  CsvWriter writer(&header, options_.delimiter);
  for (const std::string& name : reader_.header()) {
    if (std::find(added.begin(), added.end(), TrimCell(name)) != added.end()) {
      return absl::AlreadyExistsError(absl::StrCat("header: the file already has a column \"", TrimCell(name), "\""));
    }
    writer.Text(name);
  }
  for (const std::string& name : added) writer.Text(name);
  writer.EndRow();
  return events_.on_output(header);
}

absl::Status CsvScorer::AddRow(const CsvRow& row) {
  if (encoder_ == nullptr) ROICAST_RETURN_IF_ERROR(Start());
  if (row.cells.size() != reader_.header().size()) {
    ++summary_.rows_left_out;
    events_.on_bad_row(
        row.line, absl::StrCat("expected ", reader_.header().size(), " cells, got ", row.cells.size(), "; left out"));
    return absl::OkStatus();
  }
  if (filling_ == nullptr) {
    filling_ = std::make_shared<Batch>();
    v1::ModelRef& model = *filling_->request.mutable_model();
    model.set_name(model_.name());
    model.set_version(model_.version());
    filling_->request.mutable_matrix()->mutable_values()->Reserve(
        static_cast<int>(options_.batch_rows * static_cast<int64_t>(encoder_->features())));
  }
  Batch& batch = *filling_;
  CsvWriter writer(&batch.text, options_.delimiter);
  for (const absl::string_view cell : row.cells) writer.Text(cell);
  EndCells(writer, &batch.text);
  v1::DenseMatrix& matrix = *batch.request.mutable_matrix();
  float* values = matrix.mutable_values()->AddNAlreadyReserved(static_cast<int>(encoder_->features()));
  const absl::Status status = encoder_->Encode(row.cells, values);
  const int64_t index = status.ok() ? matrix.rows() : -1;
  if (status.ok()) {
    matrix.set_rows(index + 1);
  } else {
    matrix.mutable_values()->Truncate(matrix.values_size() - static_cast<int>(encoder_->features()));
    ++summary_.rows_refused;
    events_.on_bad_row(row.line, status.message());
  }
  batch.rows.push_back({row.line, batch.text.size(), index});
  if (static_cast<int64_t>(batch.rows.size()) < options_.batch_rows) return absl::OkStatus();
  return SendBatch();
}

absl::Status CsvScorer::SendBatch() {
  std::shared_ptr<Batch> batch = std::move(filling_);
  filling_ = nullptr;
  while (static_cast<int>(in_flight_.size()) >= options_.in_flight) ROICAST_RETURN_IF_ERROR(WriteOldest());
  in_flight_.push_back(batch);
  v1::DenseMatrix& matrix = *batch->request.mutable_matrix();
  if (matrix.rows() == 0) {
    const absl::MutexLock lock(&batch->mutex);
    batch->answer = v1::BatchPredictResponse();
    batch->answered = true;
    return absl::OkStatus();
  }
  matrix.set_schema_digest(model_.schema().digest());
  batch->request.set_max_issues(static_cast<int32_t>(matrix.rows()));
  Send(batch);
  return absl::OkStatus();
}

void CsvScorer::Send(const std::shared_ptr<Batch>& batch) {
  ++batch->attempts;
  {
    const absl::MutexLock lock(&batch->mutex);
    batch->answered = false;
  }
  // The request is kept for another attempt; it is released with the batch.
  client_->BatchPredictAsync(batch->request, [batch](absl::StatusOr<v1::BatchPredictResponse> answer) {
    const absl::MutexLock lock(&batch->mutex);
    batch->answer = std::move(answer);
    batch->answered = true;
  });
}

absl::Status CsvScorer::AwaitAnswer(Batch& batch) {
  const absl::MutexLock lock(&batch.mutex);
  while (!batch.mutex.AwaitWithTimeout(absl::Condition(&batch.answered), kStopPollInterval)) {
    if (Stopped()) return StoppedError();
  }
  return absl::OkStatus();
}

absl::Status CsvScorer::WaitToRetry(const Batch& batch) {
  CallOptions backoff;
  backoff.first_backoff = options_.first_backoff;
  backoff.max_backoff = options_.max_backoff;
  const absl::Time until = absl::Now() + Backoff(backoff, batch.attempts);
  do {
    if (Stopped()) return StoppedError();
    absl::SleepFor(std::min(kStopPollInterval, until - absl::Now()));
  } while (absl::Now() < until);
  return absl::OkStatus();
}

absl::Status CsvScorer::WriteOldest() {
  const std::shared_ptr<Batch> batch = in_flight_.front();
  while (true) {
    ROICAST_RETURN_IF_ERROR(AwaitAnswer(*batch));
    const absl::Status status = [&] {
      const absl::MutexLock lock(&batch->mutex);
      return batch->answer.status();
    }();
    if (status.ok()) break;
    batch->first_failure = std::min(batch->first_failure, absl::Now());
    const bool again = absl::IsUnavailable(status) ? absl::Now() - batch->first_failure < options_.reconnect_for
                                                   : IsOverload(status) && batch->attempts < options_.max_attempts;
    if (!again) {
      return WithContext(status, absl::StrCat("lines ", batch->rows.front().line, " to ", batch->rows.back().line));
    }
    if (events_.on_retry) events_.on_retry(status);
    ROICAST_RETURN_IF_ERROR(WaitToRetry(*batch));
    Send(batch);
  }
  in_flight_.pop_front();
  AppendAnswers(*batch);
  ROICAST_RETURN_IF_ERROR(events_.on_output(output_));
  return events_.on_progress ? events_.on_progress(summary_) : absl::OkStatus();
}

void CsvScorer::AppendAnswers(Batch& batch) {
  const absl::MutexLock lock(&batch.mutex);
  const v1::BatchPredictResponse& answer = *batch.answer;
  output_.clear();
  size_t begin = 0;
  int next_issue = 0;
  for (const Batch::Row& row : batch.rows) {
    output_.append(batch.text, begin, row.text_end - begin);
    begin = row.text_end;
    output_.push_back(options_.delimiter);
    std::string warnings;
    if (row.index >= 0) {
      const float roi = row.index < answer.roi_size() ? answer.roi(static_cast<int>(row.index))
                                                      : std::numeric_limits<float>::quiet_NaN();
      while (next_issue < answer.issues_size() && answer.issues(next_issue).row() < row.index) ++next_issue;
      if (next_issue < answer.issues_size() && answer.issues(next_issue).row() == row.index) {
        const v1::RowIssue& issue = answer.issues(next_issue);
        if (issue.status().code() != 0) {
          ++summary_.rows_refused;
          events_.on_bad_row(row.line, issue.status().message());
        } else {
          ++summary_.rows_with_warnings;
          if (options_.warnings_column) warnings = WarningsText(issue);
        }
      }
      CsvWriter writer(&output_, options_.delimiter);
      // A cell without text would be written as "" by itself.
      if (!std::isnan(roi)) {
        writer.Number(roi);
        EndCells(writer, &output_);
      }
    }
    if (options_.warnings_column) {
      output_.push_back(options_.delimiter);
      if (!warnings.empty()) {
        CsvWriter writer(&output_, options_.delimiter);
        writer.Text(warnings);
        EndCells(writer, &output_);
      }
    }
    output_.push_back('\n');
    ++summary_.rows;
  }
}

}  // namespace roicast::client
