#include "server/services/prediction/batch_prediction.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/status_macros.h"
#include "server/services/prediction/model_binding.h"
#include "server/services/prediction/wire_writer.h"

namespace roicast {
namespace {

constexpr int64_t kDefaultMaxIssues = 1000;
// What gRPC's clients receive by default; larger answers they throw away.
constexpr size_t kUsualClientBytes = size_t{4} << 20;
// Less does not count: as much is kept from one batch to the next.
constexpr uint64_t kCountedBytes = uint64_t{64} << 10;
// For the fields behind the issues and the item of a stream around the answer.
constexpr size_t kOtherFieldsBytes = 64;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

absl::Status BatchPrediction::Begin(BatchRequest& request, const ServedModel& model, const Options& options) {
  options_ = options;
  model_ = &model;
  rows_.Clear();
  {
    absl::MutexLock lock(&prefix_mutex_);
    issue_memory_ = options.memory->EmptyClaim(MemoryUse::kBatches);
    no_issue_memory_ = false;
    prefix_ = prefix_bytes_ = 0;
    prefix_issues_ = 0;
  }
  ROICAST_RETURN_IF_ERROR(uncertainty_.Begin(request.uncertainty, model));
  // The prediction and its flag, once more in the answer, and the same for what is asked beside it.
  const uint64_t bytes_per_row = (uncertainty_.asked() ? 8 : 2) * sizeof(float) + 1;
  ROICAST_RETURN_IF_ERROR(rows_.Bind(
      request, model, {.max_rows = options.max_rows, .bytes_per_row = bytes_per_row, .memory = options.memory}));
  uncertainty_.SetRows(rows());
  roi_.Resize(static_cast<size_t>(rows()));
  flags_.Resize(static_cast<size_t>(rows()));
  lists_usual_issues_ = request.max_issues == 0;
  max_issues_ = lists_usual_issues_ ? kDefaultMaxIssues : std::max<int64_t>(0, request.max_issues);
  issue_room_ = static_cast<size_t>(std::max<int64_t>(0, options.max_response_bytes));
  if (lists_usual_issues_) issue_room_ = std::min(issue_room_, kUsualClientBytes);
  const auto ranges = static_cast<size_t>((rows() + kRowsPerRange - 1) / kRowsPerRange);
  results_.assign(ranges, RangeResult());
  if (range_done_.size() < ranges) range_done_ = std::vector<std::atomic<bool>>(ranges);
  for (size_t i = 0; i < ranges; ++i) range_done_[i].store(false, std::memory_order_relaxed);
  has_issues_.store(false, std::memory_order_relaxed);
  issues_full_.store(false, std::memory_order_relaxed);
  issue_bytes_.store(0, std::memory_order_relaxed);
  is_stopped_.store(false, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status BatchPrediction::Run(BatchRequest& request, const ServedModel& model, const Options& options,
                                  std::string* response) {
  ROICAST_RETURN_IF_ERROR(Begin(request, model, options));
  for (int64_t begin = 0; begin < rows(); begin += kRowsPerRange) {
    PredictRange(begin, std::min(rows(), begin + kRowsPerRange));
  }
  return End(response);
}

absl::Status BatchPrediction::End(std::string* response) {
  if (is_stopped_.load(std::memory_order_relaxed)) {
    absl::MutexLock lock(&stop_mutex_);
    return stopped_;
  }
  Encode(response);
  return absl::OkStatus();
}

bool BatchPrediction::Stopped() {
  if (is_stopped_.load(std::memory_order_relaxed)) return true;
  absl::Status status = options_.stop();
  if (status.ok()) return false;
  absl::MutexLock lock(&stop_mutex_);
  stopped_ = std::move(status);
  is_stopped_.store(true, std::memory_order_relaxed);
  return true;
}

BatchPrediction::RangeScratch& BatchPrediction::ThisThreadsScratch() {
  thread_local RangeScratch scratch;
  return scratch;
}

void BatchPrediction::PredictRange(int64_t begin, int64_t end) {
  if (Stopped()) return;
  const ServedModel& model = *model_;
  RangeResult& result = results_[static_cast<size_t>(begin / kRowsPerRange)];
  RangeScratch& scratch = ThisThreadsScratch();
  const Predictor& predictor = model.predictor();
  const absl::Span<float> roi = roi_.mutable_span();
  const absl::Span<uint8_t> flags = flags_.mutable_span();
  const int64_t step = rows_.RowsPerFetch();
  for (int64_t first = begin; first < end; first += step) {
    const int64_t count = std::min(step, end - first);
    const auto offset = static_cast<size_t>(first);
    const auto size = static_cast<size_t>(count);
    rows_.Fetch(first, count, scratch.part);
    const absl::Span<float> roi_of = roi.subspan(offset, size);
    const absl::Span<uint8_t> flags_of = flags.subspan(offset, size);
    if (uncertainty_.asked()) {
      uncertainty_.Predict(scratch.part.Current(), first, roi_of, flags_of);
    } else if (scratch.part.rows != nullptr) {
      predictor.Predict(scratch.part.rows, count, roi_of, flags_of);
    } else {
      predictor.PredictColumns(scratch.part.views, count, roi_of, flags_of);
    }
    ReportRows(first, count, false, result, scratch);
  }
  ModelMetrics& metrics = model.metrics();
  metrics.ObservePredictions(roi.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  if (result.rows_refused > 0) metrics.CountRefusedRows(result.rows_refused);
  result.warnings.WriteTo(metrics);
  if (results_.size() > 1 && max_issues_ > 0) FinishRange(static_cast<size_t>(begin / kRowsPerRange));
}

void BatchPrediction::ReportRows(int64_t first, int64_t count, bool again, RangeResult& result, RangeScratch& scratch) {
  uint8_t* const flags = flags_.data();
  const absl::Span<const BatchRows::Refusal> refusals = rows_.refusals();
  auto refusal = std::lower_bound(refusals.begin(), refusals.end(), first,
                                  [](const BatchRows::Refusal& entry, int64_t row) { return entry.row < row; });
  for (auto i = refusal; i != refusals.end() && i->row < first + count; ++i) flags[i->row] = 1;
  const uint8_t* const last = flags + first + count;
  for (const uint8_t* flag = flags + first; flag != last; ++flag) {
    flag = static_cast<const uint8_t*>(std::memchr(flag, 1, static_cast<size_t>(last - flag)));
    if (flag == nullptr) break;
    const int64_t row = flag - flags;
    while (refusal != refusals.end() && refusal->row < row) ++refusal;
    const bool refused = refusal != refusals.end() && refusal->row == row;
    const bool list = static_cast<int64_t>(result.issue_ends.size()) < max_issues_ &&
                      result.issues.size() < issue_room_ && (again || !issues_full_.load(std::memory_order_relaxed));
    Report(row, refused ? &*refusal : nullptr, list, result, scratch);
  }
}

bool BatchPrediction::IsCutShort(const RangeResult& result) const {
  const auto listed = static_cast<int64_t>(result.issue_ends.size());
  return listed < std::min(max_issues_, result.rows_with_issues) && result.issues.size() < issue_room_;
}

void BatchPrediction::ListAgain(size_t index) {
  RangeResult again;
  RangeScratch& scratch = ThisThreadsScratch();
  const int64_t begin = static_cast<int64_t>(index) * kRowsPerRange;
  const int64_t end = std::min(rows(), begin + kRowsPerRange);
  const int64_t step = rows_.RowsPerFetch();
  for (int64_t first = begin; first < end; first += step) {
    const int64_t count = std::min(step, end - first);
    rows_.Fetch(first, count, scratch.part);
    ReportRows(first, count, true, again, scratch);
  }
  results_[index] = std::move(again);
}

void BatchPrediction::FinishRange(size_t index) {
  const RangeResult& result = results_[index];
  range_done_[index].store(true, std::memory_order_release);
  if (!result.issues.empty()) has_issues_.store(true, std::memory_order_relaxed);
  if (!has_issues_.load(std::memory_order_relaxed) || issues_full_.load(std::memory_order_relaxed)) return;
  // Ranges behind the first ones count, too, should those take very long.
  const size_t listed = issue_bytes_.fetch_add(result.issues.size(), std::memory_order_relaxed) + result.issues.size();
  absl::MutexLock lock(&prefix_mutex_);
  while (prefix_ < results_.size() && range_done_[prefix_].load(std::memory_order_acquire)) {
    const RangeResult& done = results_[prefix_++];
    prefix_bytes_ += done.issues.size();
    prefix_issues_ += static_cast<int64_t>(done.issue_ends.size());
  }
  // They are copied to the answer.
  if (listed >= kCountedBytes && !issue_memory_.SetTo(2 * listed).ok()) no_issue_memory_ = true;
  if (no_issue_memory_ || listed > 2 * issue_room_ || prefix_bytes_ >= issue_room_ || prefix_issues_ >= max_issues_) {
    issues_full_.store(true, std::memory_order_relaxed);
  }
}

void BatchPrediction::Report(int64_t row, const BatchRows::Refusal* refusal, bool list, RangeResult& result,
                             RangeScratch& scratch) {
  ++result.rows_with_issues;
  absl::Status status;
  scratch.warnings.clear();
  if (refusal != nullptr) {
    status = absl::InvalidArgumentError(list ? rows_.ReasonOf(*refusal) : "");
  } else {
    status = model_->predictor().Explain(scratch.part.Values(row), scratch.warnings);
  }
  if (!status.ok()) {
    ++result.rows_refused;
    roi_.data()[row] = kNan;
    uncertainty_.Refuse(row);
  } else {
    result.warnings.AddRow(scratch.warnings);
  }
  if (!list) return;
  scratch.issue.clear();
  WireWriter writer(&scratch.issue);
  if (row != 0) writer.Int64Field(v1::RowIssue::kRowFieldNumber, row);
  if (!status.ok()) {
    scratch.status.clear();
    WireWriter status_writer(&scratch.status);
    status_writer.Int64Field(v1::ItemStatus::kCodeFieldNumber, static_cast<int64_t>(status.code()));
    status_writer.BytesField(v1::ItemStatus::kMessageFieldNumber, status.message());
    writer.BytesField(v1::RowIssue::kStatusFieldNumber, scratch.status);
  } else {
    for (const RowWarning& warning : scratch.warnings) {
      writer.BytesField(v1::RowIssue::kWarningsFieldNumber,
                        ModelBinding::Of(*model_).warning(warning.kind, warning.feature));
    }
  }
  WireWriter(&result.issues).BytesField(v1::BatchPredictResponse::kIssuesFieldNumber, scratch.issue);
  result.issue_ends.push_back(result.issues.size());
}

void BatchPrediction::Encode(std::string* response) {
  response->append(ModelBinding::Of(*model_).served_by_field());
  WireWriter writer(response);
  writer.PackedFloatsField(v1::BatchPredictResponse::kRoiFieldNumber, roi_.span());
  uncertainty_.Write(writer);
  int64_t rows_with_issues = 0;
  int64_t rows_refused = 0;
  size_t room = static_cast<size_t>(max_issues_);
  // What no client could receive is not worth sending.
  size_t bytes = issue_room_ - std::min(issue_room_, response->size() + kOtherFieldsBytes);
  // At once: a string that grows by doubling takes twice as much.
  size_t issue_bytes = 0;
  for (const RangeResult& result : results_) issue_bytes += result.issues.size();
  response->reserve(response->size() + std::min(issue_bytes, bytes) + kOtherFieldsBytes);
  bool has_memory = true;
  {
    absl::MutexLock lock(&prefix_mutex_);
    has_memory = !no_issue_memory_;
  }
  for (size_t i = 0; i < results_.size(); ++i) {
    // Some that nobody waited for may be needed after all: those of a range that took longer than many behind it.
    if (has_memory && room > 0 && bytes > 0 && IsCutShort(results_[i])) ListAgain(i);
    const RangeResult& result = results_[i];
    rows_with_issues += result.rows_with_issues;
    rows_refused += result.rows_refused;
    const auto fitting = std::upper_bound(result.issue_ends.begin(), result.issue_ends.end(), bytes);
    const size_t listed = std::min(room, static_cast<size_t>(fitting - result.issue_ends.begin()));
    if (listed > 0) {
      response->append(result.issues, 0, result.issue_ends[listed - 1]);
      bytes -= result.issue_ends[listed - 1];
    }
    // The list has the first ones, without gaps.
    room = static_cast<int64_t>(listed) < result.rows_with_issues ? 0 : room - listed;
  }
  if (rows_with_issues > 0) writer.Int64Field(v1::BatchPredictResponse::kRowsWithIssuesFieldNumber, rows_with_issues);
  if (rows_refused > 0) writer.Int64Field(v1::BatchPredictResponse::kRowsRefusedFieldNumber, rows_refused);
}

void BatchPrediction::Trim() {
  constexpr size_t kKeepValues = size_t{1} << 20;
  rows_.ShrinkTo(kKeepValues);
  results_.clear();
  roi_.ShrinkTo(kKeepValues);
  flags_.ShrinkTo(kKeepValues);
  uncertainty_.ShrinkTo(kKeepValues);
  absl::MutexLock lock(&prefix_mutex_);
  issue_memory_.Clear();
}

}  // namespace roicast
