#include "client/scoring/table_scorer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "base/tables/cell_text.h"
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
    case v1::WARNING_KIND_VALUE_OUT_OF_WORD_RANGE:
      return "not seen with these words";
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

// A comma where all numbers of the table that show a decimal mark show a comma, as the features are read.
char DecimalMarkOf(const TableReading& table, const FeatureColumns& columns) {
  std::vector<ColumnForm> forms;
  for (const ColumnReading& column : table.columns) forms.push_back(column.form);
  for (const FeatureColumn& feature : columns.found) {
    forms[feature.column] = feature.form;
    const bool shows_mark = table.columns[feature.column].ambiguous && feature.form.kind == ColumnKind::kNumber;
    if (shows_mark && feature.form.number.decimal_mark == '.') return '.';
  }
  bool comma = false;
  for (const ColumnForm& form : forms) {
    if (form.kind != ColumnKind::kNumber) continue;
    if (form.number.decimal_mark == ',') {
      comma = true;
    } else if (form.number.grouping == Grouping::kComma) {
      return '.';
    }
  }
  return comma ? ',' : '.';
}

absl::Status StoppedError() { return absl::CancelledError("score: cancelled by the caller"); }

constexpr absl::Duration kStopPollInterval = absl::Milliseconds(100);

}  // namespace

absl::Status ScoreOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(kBatchRows.Check("batch_rows", static_cast<double>(batch_rows)));
  if (roi_column.empty()) return absl::InvalidArgumentError("roi_column: expected a name, got nothing");
  if (roi_column == kRevenueColumn && !spend_column.empty() && !predicts_revenue) {
    return absl::InvalidArgumentError(absl::StrCat(
        "roi_column: expected another name than that of the revenue beside it, got \"", kRevenueColumn, "\""));
  }
  return kInFlight.Check("in_flight", in_flight);
}

// A batch of rows. One thread fills and writes it; the answer arrives on a gRPC thread.
struct TableScorer::Batch {
  struct Row {
    int64_t line;
    // End of the row's cells in `text`.
    size_t text_end;
    // Index in the request; −1 if a cell could not be read.
    int64_t index;
    double spend;
  };
  // The rows as they stand in the file, one behind the other.
  std::string text;
  std::vector<Row> rows;
  v1::BatchPredictRequest request;
  int attempts = 0;
  absl::Time first_failure = absl::InfiniteFuture();

  absl::Mutex mutex;
  bool answered ABSL_GUARDED_BY(mutex) = false;
  absl::StatusOr<v1::BatchPredictResponse> answer ABSL_GUARDED_BY(mutex) = absl::UnknownError("not answered");
};

TableScorer::TableScorer(std::shared_ptr<PredictionClient> client, v1::Model model, const TableReading& table,
                         const FeatureColumns& columns, ScoreOptions options, Events events)
    : client_(std::move(client)),
      model_(std::move(model)),
      options_(std::move(options)),
      events_(std::move(events)),
      encoder_(model_.schema(), columns, options_.table.missing),
      findings_(model_, table, encoder_),
      decimal_mark_(DecimalMarkOf(table, columns)),
      reader_(OptionsFrom(table, options_.table).file,
              TableReader::Events{[this](const FileForm& form, const std::vector<std::string>&) { return Start(form); },
                                  [this](const TableRow& row) { return AddRow(row); },
                                  [this](const LeftOutRow& row) { AddLeftOut(row); }}) {
  if (options_.spend_column.empty()) return;
  spend_column_ = ColumnIndex(table, options_.spend_column);
  if (!spend_column_.has_value()) return;
  spend_form_ = table.columns[*spend_column_].form.number;
  // As the model reads it, where it is a feature.
  for (const FeatureColumn& feature : columns.found) {
    if (feature.column == *spend_column_) spend_form_ = feature.form.number;
  }
}

TableScorer::~TableScorer() = default;

absl::Status TableScorer::Feed(absl::string_view bytes) {
  ROICAST_RETURN_IF_ERROR(options_.Validate());
  summary_.bytes_in += static_cast<int64_t>(bytes.size());
  return reader_.Feed(bytes);
}

absl::StatusOr<ScoreSummary> TableScorer::Finish() {
  ROICAST_RETURN_IF_ERROR(reader_.Finish());
  if (filling_ != nullptr) ROICAST_RETURN_IF_ERROR(SendBatch());
  while (!in_flight_.empty()) ROICAST_RETURN_IF_ERROR(WriteOldest());
  summary_.findings = findings_.Take();
  summary_.left_out = reader_.left_out();
  if (writer_.has_value()) summary_.unencodable = writer_->unencodable();
  return summary_;
}

absl::Status TableScorer::Start(const FileForm& form) {
  if (!options_.spend_column.empty() && !spend_column_.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("header: no column \"", options_.spend_column, "\" with the spend"));
  }
  std::vector<std::string> added = {options_.roi_column};
  if (options_.uncertainty.has_interval_level()) {
    added.push_back(absl::StrCat(options_.roi_column, result_columns::kLowSuffix));
    added.push_back(absl::StrCat(options_.roi_column, result_columns::kHighSuffix));
  }
  if (options_.uncertainty.profit_probability()) added.emplace_back(kProbabilityColumn);
  if (spend_column_.has_value()) {
    if (!PredictionIsRevenueColumn()) added.emplace_back(kRevenueColumn);
    added.emplace_back(kProfitColumn);
  }
  if (options_.warnings_column) {
    added.push_back(absl::StrCat(options_.roi_column, result_columns::kWarningsSuffix));
  }
  writer_.emplace(&output_, form);
  if (form.header_line == 0) return absl::OkStatus();
  for (const std::string& name : reader_.raw_header()) {
    if (std::find(added.begin(), added.end(), TrimCell(name)) != added.end()) {
      return absl::AlreadyExistsError(absl::StrCat("header: the file already has a column \"", TrimCell(name), "\""));
    }
    writer_->Text(name);
  }
  for (const std::string& name : added) writer_->Text(name);
  writer_->EndRow();
  const absl::Status written = events_.on_output(output_);
  output_.clear();
  return written;
}

void TableScorer::AddLeftOut(const LeftOutRow& row) {
  if (row.reason != LeftOut::kMalformed) return;
  ++summary_.rows_left_out;
  events_.on_bad_row(row.line, absl::StrCat(row.column > 0 ? absl::StrCat("column ", row.column, ": ") : "",
                                            row.message, "; left out"));
}

double TableScorer::SpendOf(const TableRow& row) const {
  const std::optional<double> spend = ParseNumber(row.cells[*spend_column_], spend_form_);
  return spend.has_value() && *spend > 0 ? *spend : std::numeric_limits<double>::quiet_NaN();
}

absl::Status TableScorer::AddRow(const TableRow& row) {
  if (filling_ == nullptr) {
    filling_ = std::make_shared<Batch>();
    v1::ModelRef& model = *filling_->request.mutable_model();
    model.set_name(model_.name());
    model.set_version(model_.version());
    const v1::UncertaintyOptions& asked = options_.uncertainty;
    if (asked.has_interval_level() || asked.profit_probability()) *filling_->request.mutable_uncertainty() = asked;
    filling_->rows.reserve(static_cast<size_t>(options_.batch_rows));
    filling_->request.mutable_matrix()->mutable_values()->Reserve(
        static_cast<int>(options_.batch_rows * static_cast<int64_t>(encoder_.features())));
  }
  Batch& batch = *filling_;
  batch.text.append(row.raw.data(), row.raw.size());
  v1::DenseMatrix& matrix = *batch.request.mutable_matrix();
  float* values = matrix.mutable_values()->AddNAlreadyReserved(static_cast<int>(encoder_.features()));
  const absl::Status status = encoder_.Encode(row.cells, values);
  const int64_t index = status.ok() ? matrix.rows() : -1;
  if (status.ok()) {
    findings_.Count(row.line, row.cells, values);
    matrix.set_rows(index + 1);
  } else {
    matrix.mutable_values()->Truncate(matrix.values_size() - static_cast<int>(encoder_.features()));
    ++summary_.rows_refused;
    events_.on_bad_row(row.line, status.message());
  }
  batch.rows.push_back({row.line, batch.text.size(), index, spend_column_.has_value() ? SpendOf(row) : 0.0});
  if (static_cast<int64_t>(batch.rows.size()) < options_.batch_rows) return absl::OkStatus();
  return SendBatch();
}

absl::Status TableScorer::SendBatch() {
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

void TableScorer::Send(const std::shared_ptr<Batch>& batch) {
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

absl::Status TableScorer::AwaitAnswer(Batch& batch) {
  const absl::MutexLock lock(&batch.mutex);
  while (!batch.mutex.AwaitWithTimeout(absl::Condition(&batch.answered), kStopPollInterval)) {
    if (Stopped()) return StoppedError();
  }
  return absl::OkStatus();
}

absl::Status TableScorer::WaitToRetry(const Batch& batch) {
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

absl::Status TableScorer::WriteOldest() {
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

template <typename Real>
void TableScorer::AppendNumber(Real value) {
  if (decimal_mark_ == '.' || std::isnan(value)) return writer_->Number(value);
  char text[32];
  char* const end = std::to_chars(text, text + sizeof(text), value).ptr;
  std::replace(text, end, '.', decimal_mark_);
  writer_->Text(absl::string_view(text, static_cast<size_t>(end - text)));
}

void TableScorer::AppendAnswers(Batch& batch) {
  const absl::MutexLock lock(&batch.mutex);
  const v1::BatchPredictResponse& answer = *batch.answer;
  output_.clear();
  writer_->set_encoding(reader_.form().encoding);
  size_t begin = 0;
  int next_issue = 0;
  for (const Batch::Row& row : batch.rows) {
    writer_->Raw(absl::string_view(batch.text).substr(begin, row.text_end - begin));
    begin = row.text_end;
    float roi = std::numeric_limits<float>::quiet_NaN();
    std::string warnings;
    if (row.index >= 0) {
      if (row.index < answer.roi_size()) roi = answer.roi(static_cast<int>(row.index));
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
      } else if (std::isnan(roi)) {
        // The answer had no room for all of a very large batch.
        ++summary_.rows_refused;
        events_.on_bad_row(row.line, "rejected; the server's answer had no room for why (use smaller batches)");
      }
    }
    AppendNumber(roi);
    AppendHowSure(answer, row.index);
    if (spend_column_.has_value()) AppendRevenue(row.spend, roi);
    if (options_.warnings_column) writer_->Text(warnings);
    writer_->EndRow();
    ++summary_.rows;
  }
}

void TableScorer::AppendHowSure(const v1::BatchPredictResponse& answer, int64_t index) {
  const auto append = [&](const google::protobuf::RepeatedField<float>& values) {
    const bool present = index >= 0 && index < values.size();
    AppendNumber(present ? values.Get(static_cast<int>(index)) : std::numeric_limits<float>::quiet_NaN());
  };
  if (options_.uncertainty.has_interval_level()) {
    append(answer.interval_low());
    append(answer.interval_high());
  }
  if (options_.uncertainty.profit_probability()) append(answer.profit_probability());
}

void TableScorer::AppendRevenue(double spend, float prediction) {
  const auto predicted = static_cast<double>(prediction);
  const double profit = options_.predicts_revenue ? predicted - spend : spend * predicted;
  // Not spend + profit, which may differ from the prediction in the last digit. Without a spend, neither is written.
  const double revenue = options_.predicts_revenue && !std::isnan(profit) ? predicted : spend + profit;
  if (!PredictionIsRevenueColumn()) AppendNumber(revenue);
  AppendNumber(profit);
  if (std::isnan(profit)) return;
  ++summary_.rows_with_spend;
  summary_.spend += spend;
  summary_.revenue += revenue;
  summary_.profit += profit;
}

}  // namespace roicast::client
