#include "server/services/prediction/batch_prediction.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/services/allowed_time.h"
#include "server/services/prediction/campaign_conversion.h"
#include "server/services/prediction/model_binding.h"
#include "server/services/prediction/named_values.h"
#include "server/services/prediction/schema_digest.h"
#include "server/services/prediction/wire_writer.h"

namespace roicast {
namespace {

// Values that are fetched from the request at once: few enough for the nearest caches to keep until they are
// predicted.
constexpr int64_t kValuesPerFetch = 12288;
constexpr int64_t kMinRowsPerFetch = 64;
constexpr int64_t kDefaultMaxIssues = 1000;
// What gRPC's clients receive by default; larger answers they throw away.
constexpr size_t kUsualClientBytes = size_t{4} << 20;
// Less does not count: as much is kept from one batch to the next.
constexpr uint64_t kCountedBytes = uint64_t{64} << 10;
// For the fields behind the issues and the item of a stream around the answer.
constexpr size_t kOtherFieldsBytes = 64;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

absl::string_view ValuesName(BatchColumn::Values kind) {
  switch (kind) {
    case BatchColumn::Values::kNone:
      return "no values";
    case BatchColumn::Values::kFloats:
      return "floats";
    case BatchColumn::Values::kDoubles:
      return "doubles";
    case BatchColumn::Values::kCategories:
      return "categories";
    case BatchColumn::Values::kTimes:
      return "times";
  }
  return "";
}

absl::string_view ExpectedValues(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::kNumeric:
      return "floats or doubles";
    case FeatureKind::kCategorical:
      return "categories";
    case FeatureKind::kTime:
      return "times";
  }
  return "";
}

constexpr int64_t kMissingTime = std::numeric_limits<int64_t>::min();

// No early exit in either: nearly always all are fine, and without it the compiler vectorises.
bool AllInDictionary(absl::Span<const int32_t> codes, int32_t size) {
  uint32_t wrong = 0;
  for (const int32_t code : codes) wrong |= static_cast<uint32_t>(code) + 1 > static_cast<uint32_t>(size) ? 1 : 0;
  return wrong == 0;
}

bool AllAllowedTimes(absl::Span<const int64_t> times) {
  unsigned wrong = 0;
  for (const int64_t time : times) {
    wrong |= static_cast<unsigned>(!IsAllowedTime(time)) & static_cast<unsigned>(time != kMissingTime);
  }
  return wrong == 0;
}

bool Fits(BatchColumn::Values values, FeatureKind kind) {
  switch (kind) {
    case FeatureKind::kNumeric:
      return values == BatchColumn::Values::kFloats || values == BatchColumn::Values::kDoubles;
    case FeatureKind::kCategorical:
      return values == BatchColumn::Values::kCategories;
    case FeatureKind::kTime:
      return values == BatchColumn::Values::kTimes;
  }
  return false;
}

}  // namespace

absl::Status BatchPrediction::TakeRows(int64_t rows, bool in_memory) {
  if (rows > options_.max_rows) {
    return RequestTooLarge("rows", options_.max_rows, rows);
  }
  // The prediction and its flag, once more in the answer, and the same for what is asked beside it.
  const uint64_t row_bytes = (uncertainty_.asked() ? 8 : 2) * sizeof(float) + 1 +
                             (in_memory ? static_cast<uint64_t>(width_) * sizeof(float) : 0);
  const uint64_t bytes = static_cast<uint64_t>(rows) * row_bytes;
  if (bytes < kCountedBytes) return absl::OkStatus();
  absl::StatusOr<MemoryClaim> claim = options_.memory->Claim(MemoryUse::kBatches, bytes);
  if (!claim.ok()) return MemoryShort(claim.status());
  row_memory_ = *std::move(claim);
  return absl::OkStatus();
}

void BatchPrediction::MergeRefusals(size_t sorted) {
  const auto middle = refusals_.begin() + static_cast<std::ptrdiff_t>(sorted);
  if (middle == refusals_.end()) return;
  const auto by_row = [](const Refusal& a, const Refusal& b) { return a.row < b.row; };
  std::inplace_merge(refusals_.begin(), middle, refusals_.end(), by_row);
  const auto same_row = [](const Refusal& a, const Refusal& b) { return a.row == b.row; };
  refusals_.erase(std::unique(refusals_.begin(), refusals_.end(), same_row), refusals_.end());
}

std::string BatchPrediction::ReasonOf(const Refusal& refusal) const {
  if (refusal.feature >= 0) {
    const auto feature = static_cast<size_t>(refusal.feature);
    const std::string& name = model_->schema().features[feature].name;
    const BatchColumn& column = *columns_[feature];
    if (column.kind == BatchColumn::Values::kTimes) {
      return absl::StrCat(name, ": expected ", kAllowedTimeRule, ", got ", refusal.value, " s since 1970");
    }
    return absl::StrCat(name, ": expected a code from -1 to ", static_cast<int64_t>(column.dictionary.size()) - 1,
                        ", got ", refusal.value);
  }
  // The conversion says it once more.
  std::vector<float> row(static_cast<size_t>(width_));
  const int index = static_cast<int>(refusal.row);
  if (request_->input == BatchRequest::Input::kCampaigns) {
    return std::string(CampaignToRow(FieldsOf(request_->campaigns.campaigns(index)), *model_, row.data()).message());
  }
  std::vector<NamedValue> values;
  ReadNamedValues(request_->named_rows.rows(index), &values);
  return std::string(NamedValuesToRow(values, *model_, row.data()).message());
}

absl::Status BatchPrediction::BindColumns(BatchRequest& request, const ServedModel& model) {
  const absl::Span<BatchColumn> columns = absl::MakeSpan(request.columns).subspan(0, request.column_count);
  if (columns.empty()) return absl::InvalidArgumentError("columns: expected at least one column, got none");
  const Schema& schema = model.schema();
  views_.assign(static_cast<size_t>(schema.size()), ColumnView());
  columns_.assign(static_cast<size_t>(schema.size()), nullptr);
  code_maps_.resize(static_cast<size_t>(schema.size()));
  std::vector<int> column_of_feature(static_cast<size_t>(schema.size()), -1);
  rows_ = columns[0].size();
  for (size_t i = 0; i < columns.size(); ++i) {
    BatchColumn& column = columns[i];
    const int index = model.FeatureIndex(column.name);
    if (index < 0) {
      return absl::InvalidArgumentError(absl::StrCat("columns[", i, "].name: ", model.label(), " has no feature \"",
                                                     column.name, "\"",
                                                     DidYouMeanOrList(column.name, schema.Names(), "it has")));
    }
    const std::string where = absl::StrCat("columns[", i, "] \"", column.name, "\"");
    int& first = column_of_feature[static_cast<size_t>(index)];
    if (first >= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": expected each feature once, got it in columns[", first, "] too"));
    }
    first = static_cast<int>(i);
    const Feature& feature = schema.features[static_cast<size_t>(index)];
    if (!Fits(column.kind, feature.kind)) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": expected ", ExpectedValues(feature.kind), " (it is ",
                                                     FeatureKindName(feature.kind), "), got ",
                                                     ValuesName(column.kind)));
    }
    if (column.size() != rows_) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": expected ", rows_, " values, got ", column.size()));
    }
    if (i == 0) {
      if (rows_ == 0) return absl::InvalidArgumentError(absl::StrCat(where, ": expected at least 1 row, got 0"));
      ROICAST_RETURN_IF_ERROR(TakeRows(rows_, false));
    }
    const size_t sorted = refusals_.size();
    BindColumn(column, index, model);
    MergeRefusals(sorted);
  }
  return absl::OkStatus();
}

void BatchPrediction::BindColumn(BatchColumn& column, int index, const ServedModel& model) {
  ColumnView& view = views_[static_cast<size_t>(index)];
  columns_[static_cast<size_t>(index)] = &column;
  switch (column.kind) {
    case BatchColumn::Values::kNone:
    case BatchColumn::Values::kFloats:
    case BatchColumn::Values::kDoubles:
      break;
    case BatchColumn::Values::kCategories: {
      std::vector<float>& map = code_maps_[static_cast<size_t>(index)];
      map.clear();
      for (const std::string& word : column.dictionary) map.push_back(model.CategoryCode(index, word));
      const int32_t size = static_cast<int32_t>(map.size());
      const absl::Span<int32_t> codes = column.codes.mutable_span();
      if (!AllInDictionary(codes, size)) {
        for (size_t row = 0; row < codes.size(); ++row) {
          if (codes[row] >= -1 && codes[row] < size) continue;
          Refuse(static_cast<int64_t>(row), index, codes[row]);
          codes[row] = -1;
        }
      }
      view.codes = codes.data();
      view.code_map = map.data();
      view.code_map_size = size;
      if (size == 0) {
        // All are missing, and a view needs a map to point to.
        map.push_back(kUnseenCode);
        view.code_map = map.data();
        view.code_map_size = 1;
      }
      break;
    }
    case BatchColumn::Values::kTimes: {
      const absl::Span<int64_t> times = column.times.mutable_span();
      if (AllAllowedTimes(times)) {
        view.times = times.data();
        break;
      }
      for (size_t row = 0; row < times.size(); ++row) {
        if (IsAllowedTime(times[row]) || times[row] == kMissingTime) continue;
        Refuse(static_cast<int64_t>(row), index, times[row]);
        times[row] = kMissingTime;
      }
      view.times = times.data();
      break;
    }
  }
}

absl::Status BatchPrediction::BindMatrix(const BatchRequest& request, const ServedModel& model) {
  const int features = model.schema().size();
  ROICAST_RETURN_IF_ERROR(CheckSchemaDigest("matrix", request.schema_digest, model));
  if (request.rows < 1) {
    return absl::InvalidArgumentError(absl::StrCat("matrix.rows: expected at least 1, got ", request.rows));
  }
  ROICAST_RETURN_IF_ERROR(TakeRows(request.rows, false));
  const int64_t expected = request.rows * features;
  if (static_cast<int64_t>(request.values.size()) != expected) {
    return absl::InvalidArgumentError(absl::StrCat("matrix.values: expected ", request.rows, " rows × ", features,
                                                   " features = ", expected, " values, got ", request.values.size()));
  }
  rows_ = request.rows;
  matrix_ = &request.values;
  return absl::OkStatus();
}

absl::Status BatchPrediction::BindCampaigns(const BatchRequest& request, const ServedModel& model) {
  const auto& campaigns = request.campaigns.campaigns();
  if (campaigns.empty()) return absl::InvalidArgumentError("campaigns: expected at least one campaign, got none");
  ROICAST_RETURN_IF_ERROR(TakeRows(campaigns.size(), true));
  ROICAST_RETURN_IF_ERROR(ModelBinding::Of(model).takes_campaigns());
  float* row = AddRows(campaigns.size());
  for (int i = 0; i < campaigns.size(); ++i, row += width_) {
    const absl::Status converted = CampaignToRow(FieldsOf(campaigns[i]), model, row);
    if (converted.ok()) continue;
    Refuse(i);
    std::fill_n(row, width_, kNan);
  }
  return absl::OkStatus();
}

absl::Status BatchPrediction::BindNamedRows(const BatchRequest& request, const ServedModel& model) {
  const auto& rows = request.named_rows.rows();
  if (rows.empty()) return absl::InvalidArgumentError("rows: expected at least one row, got none");
  ROICAST_RETURN_IF_ERROR(TakeRows(rows.size(), true));
  float* row = AddRows(rows.size());
  std::vector<NamedValue> values;
  for (int i = 0; i < rows.size(); ++i, row += width_) {
    ReadNamedValues(rows[i], &values);
    const absl::Status converted = NamedValuesToRow(values, model, row);
    if (converted.ok()) continue;
    Refuse(i);
    std::fill_n(row, width_, kNan);
  }
  return absl::OkStatus();
}

float* BatchPrediction::AddRows(int64_t rows) {
  rows_ = rows;
  float* const room = converted_rows_.Resize(static_cast<size_t>(rows * width_));
  rows_in_memory_ = room;
  return room;
}

absl::Status BatchPrediction::Bind(BatchRequest& request, const ServedModel& model) {
  switch (request.input) {
    case BatchRequest::Input::kNone:
      return absl::InvalidArgumentError("input: expected columns, matrix, rows or campaigns, got none");
    case BatchRequest::Input::kColumns:
      return BindColumns(request, model);
    case BatchRequest::Input::kMatrix:
      return BindMatrix(request, model);
    case BatchRequest::Input::kCampaigns:
      return BindCampaigns(request, model);
    case BatchRequest::Input::kRows:
      return BindNamedRows(request, model);
  }
  return absl::OkStatus();
}

void BatchPrediction::Clear(const ServedModel& model, const Options& options) {
  options_ = options;
  model_ = &model;
  width_ = model.schema().size();
  rows_ = 0;
  matrix_ = nullptr;
  rows_in_memory_ = nullptr;
  columns_.clear();
  refusals_.clear();
  request_ = nullptr;
  row_memory_.Clear();
  refusal_memory_.Clear();
  absl::MutexLock lock(&prefix_mutex_);
  issue_memory_ = options.memory->EmptyClaim(MemoryUse::kBatches);
}

absl::Status BatchPrediction::ReadRows(BatchRequest& request, const ServedModel& model, int64_t max_rows,
                                       std::vector<float>* rows, Refusals* refusals) {
  Options options;
  options.max_rows = max_rows;
  Clear(model, options);
  request_ = &request;
  if (absl::Status bound = Bind(request, model); !bound.ok()) {
    rows_ = 0;
    return bound;
  }
  const auto width = static_cast<size_t>(width_);
  rows->resize(static_cast<size_t>(rows_) * width);
  RangeScratch& scratch = ThisThreadsScratch();
  for (int64_t begin = 0; begin < rows_; begin += kRowsPerRange) {
    const int64_t count = std::min(kRowsPerRange, rows_ - begin);
    Fetch(begin, count, scratch);
    float* const to = rows->data() + static_cast<size_t>(begin) * width;
    if (scratch.rows != nullptr) {
      std::copy_n(scratch.rows, static_cast<size_t>(count) * width, to);
      continue;
    }
    for (int64_t row = 0; row < count; ++row) GatherRow(scratch.views, row, to + static_cast<size_t>(row) * width);
  }
  refusals->clear();
  for (const Refusal& refusal : refusals_) refusals->emplace_back(refusal.row, ReasonOf(refusal));
  refusals_.clear();
  return absl::OkStatus();
}

absl::Status BatchPrediction::Begin(BatchRequest& request, const ServedModel& model, const Options& options) {
  Clear(model, options);
  request_ = &request;
  ROICAST_RETURN_IF_ERROR(uncertainty_.Begin(request.uncertainty, model));
  if (absl::Status bound = Bind(request, model); !bound.ok()) {
    rows_ = 0;
    return bound;
  }
  if (const uint64_t bytes = refusals_.capacity() * sizeof(Refusal); bytes >= kCountedBytes) {
    absl::StatusOr<MemoryClaim> claim = options.memory->Claim(MemoryUse::kBatches, bytes);
    if (!claim.ok()) {
      rows_ = 0;
      return MemoryShort(claim.status());
    }
    refusal_memory_ = *std::move(claim);
  }
  uncertainty_.SetRows(rows_);
  roi_.Resize(static_cast<size_t>(rows_));
  flags_.Resize(static_cast<size_t>(rows_));
  lists_usual_issues_ = request.max_issues == 0;
  max_issues_ = lists_usual_issues_ ? kDefaultMaxIssues : std::max<int64_t>(0, request.max_issues);
  issue_room_ = static_cast<size_t>(std::max<int64_t>(0, options.max_response_bytes));
  if (lists_usual_issues_) issue_room_ = std::min(issue_room_, kUsualClientBytes);
  const auto ranges = static_cast<size_t>((rows_ + kRowsPerRange - 1) / kRowsPerRange);
  results_.assign(ranges, RangeResult());
  if (range_done_.size() < ranges) range_done_ = std::vector<std::atomic<bool>>(ranges);
  for (size_t i = 0; i < ranges; ++i) range_done_[i].store(false, std::memory_order_relaxed);
  has_issues_.store(false, std::memory_order_relaxed);
  issues_full_.store(false, std::memory_order_relaxed);
  issue_bytes_.store(0, std::memory_order_relaxed);
  {
    absl::MutexLock lock(&prefix_mutex_);
    no_issue_memory_ = false;
    prefix_ = prefix_bytes_ = 0;
    prefix_issues_ = 0;
  }
  is_stopped_.store(false, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status BatchPrediction::Run(BatchRequest& request, const ServedModel& model, const Options& options,
                                  std::string* response) {
  ROICAST_RETURN_IF_ERROR(Begin(request, model, options));
  if (options.pool == nullptr) {
    for (int64_t begin = 0; begin < rows_; begin += kRowsPerRange) {
      PredictRange(begin, std::min(rows_, begin + kRowsPerRange));
    }
  } else {
    options.pool->ParallelFor(rows_, kRowsPerRange, [this](int64_t begin, int64_t end) { PredictRange(begin, end); });
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

void BatchPrediction::Fetch(int64_t begin, int64_t count, RangeScratch& scratch) const {
  scratch.first_row = begin;
  scratch.rows = nullptr;
  const auto first = static_cast<size_t>(begin);
  const auto rows = static_cast<size_t>(count);
  const auto width = static_cast<size_t>(width_);
  if (matrix_ != nullptr) {
    scratch.rows = matrix_->Part(first * width, rows * width, scratch.values.Resize(rows * width));
    return;
  }
  if (rows_in_memory_ != nullptr) {
    scratch.rows = rows_in_memory_ + first * width;
    return;
  }
  scratch.views = views_;
  scratch.floats.resize(width);
  scratch.doubles.resize(width);
  for (size_t f = 0; f < width; ++f) {
    ColumnView& view = scratch.views[f];
    const BatchColumn* const column = columns_[f];
    if (column == nullptr) continue;
    if (column->kind == BatchColumn::Values::kFloats) {
      view.floats = column->floats.Part(first, rows, scratch.floats[f].Resize(rows));
    } else if (column->kind == BatchColumn::Values::kDoubles) {
      view.doubles = column->doubles.Part(first, rows, scratch.doubles[f].Resize(rows));
    }
    if (view.codes != nullptr) view.codes += begin;
    if (view.times != nullptr) view.times += begin;
  }
}

void BatchPrediction::PredictRange(int64_t begin, int64_t end) {
  if (Stopped()) return;
  const ServedModel& model = *model_;
  RangeResult& result = results_[static_cast<size_t>(begin / kRowsPerRange)];
  RangeScratch& scratch = ThisThreadsScratch();
  const Predictor& predictor = model.predictor();
  const absl::Span<float> roi = roi_.mutable_span();
  const absl::Span<uint8_t> flags = flags_.mutable_span();
  const int64_t step = RowsPerFetch();
  for (int64_t first = begin; first < end; first += step) {
    const int64_t count = std::min(step, end - first);
    const auto offset = static_cast<size_t>(first);
    const auto size = static_cast<size_t>(count);
    Fetch(first, count, scratch);
    const absl::Span<float> roi_of = roi.subspan(offset, size);
    const absl::Span<uint8_t> flags_of = flags.subspan(offset, size);
    if (uncertainty_.asked()) {
      uncertainty_.Predict(scratch.Current(), first, roi_of, flags_of);
    } else if (scratch.rows != nullptr) {
      predictor.Predict(scratch.rows, count, roi_of, flags_of);
    } else {
      predictor.PredictColumns(scratch.views, count, roi_of, flags_of);
    }
    ReportRows(first, count, false, result, scratch);
  }
  ModelMetrics& metrics = model.metrics();
  metrics.ObservePredictions(roi.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  if (result.rows_refused > 0) metrics.CountRefusedRows(result.rows_refused);
  result.warnings.WriteTo(metrics);
  if (results_.size() > 1 && max_issues_ > 0) FinishRange(static_cast<size_t>(begin / kRowsPerRange));
}

int64_t BatchPrediction::RowsPerFetch() const {
  return std::max<int64_t>(kMinRowsPerFetch, kValuesPerFetch / width_ / kMinRowsPerFetch * kMinRowsPerFetch);
}

void BatchPrediction::ReportRows(int64_t first, int64_t count, bool again, RangeResult& result, RangeScratch& scratch) {
  uint8_t* const flags = flags_.data();
  auto refusal = std::lower_bound(refusals_.begin(), refusals_.end(), first,
                                  [](const Refusal& entry, int64_t row) { return entry.row < row; });
  for (auto i = refusal; i != refusals_.end() && i->row < first + count; ++i) flags[i->row] = 1;
  const uint8_t* const last = flags + first + count;
  for (const uint8_t* flag = flags + first; flag != last; ++flag) {
    flag = static_cast<const uint8_t*>(std::memchr(flag, 1, static_cast<size_t>(last - flag)));
    if (flag == nullptr) break;
    const int64_t row = flag - flags;
    while (refusal != refusals_.end() && refusal->row < row) ++refusal;
    const bool refused = refusal != refusals_.end() && refusal->row == row;
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
  const int64_t end = std::min(rows_, begin + kRowsPerRange);
  const int64_t step = RowsPerFetch();
  for (int64_t first = begin; first < end; first += step) {
    const int64_t count = std::min(step, end - first);
    Fetch(first, count, scratch);
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

void BatchPrediction::Report(int64_t row, const Refusal* refusal, bool list, RangeResult& result,
                             RangeScratch& scratch) {
  ++result.rows_with_issues;
  absl::Status status;
  scratch.warnings.clear();
  if (refusal != nullptr) {
    status = absl::InvalidArgumentError(list ? ReasonOf(*refusal) : "");
  } else {
    const float* values = scratch.rows;
    if (values != nullptr) {
      values += (row - scratch.first_row) * width_;
    } else {
      scratch.raw.resize(static_cast<size_t>(width_));
      GatherRow(scratch.views, row - scratch.first_row, scratch.raw.data());
      values = scratch.raw.data();
    }
    status = model_->predictor().Explain(values, scratch.warnings);
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
  converted_rows_.ShrinkTo(kKeepValues);
  results_.clear();
  roi_.ShrinkTo(kKeepValues);
  flags_.ShrinkTo(kKeepValues);
  uncertainty_.ShrinkTo(kKeepValues);
  if (refusals_.capacity() > kKeepValues / sizeof(Refusal)) std::vector<Refusal>().swap(refusals_);
  row_memory_.Clear();
  refusal_memory_.Clear();
  absl::MutexLock lock(&prefix_mutex_);
  issue_memory_.Clear();
}

}  // namespace roicast
