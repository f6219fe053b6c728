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

absl::Status BatchPrediction::CheckRows(int64_t rows) const {
  if (rows > options_.max_rows) {
    return RequestTooLarge("rows", options_.max_rows, rows);
  }
  return absl::OkStatus();
}

void BatchPrediction::Refuse(int64_t row, std::string reason) { refusals_.emplace_back(row, std::move(reason)); }

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
      ROICAST_RETURN_IF_ERROR(CheckRows(rows_));
    }
    BindColumn(column, feature, index, model);
  }
  std::sort(refusals_.begin(), refusals_.end());
  return absl::OkStatus();
}

void BatchPrediction::BindColumn(BatchColumn& column, const Feature& feature, int index, const ServedModel& model) {
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
          Refuse(static_cast<int64_t>(row),
                 absl::StrCat(feature.name, ": expected a code from -1 to ", size - 1, ", got ", codes[row]));
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
        Refuse(static_cast<int64_t>(row),
               absl::StrCat(feature.name, ": expected ", kAllowedTimeRule, ", got ", times[row], " s since 1970"));
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
  ROICAST_RETURN_IF_ERROR(CheckRows(request.rows));
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
  ROICAST_RETURN_IF_ERROR(CheckRows(campaigns.size()));
  ROICAST_RETURN_IF_ERROR(ModelBinding::Of(model).takes_campaigns());
  float* row = AddRows(campaigns.size());
  for (int i = 0; i < campaigns.size(); ++i, row += width_) {
    const absl::Status converted = CampaignToRow(FieldsOf(campaigns[i]), model, row);
    if (converted.ok()) continue;
    Refuse(i, std::string(converted.message()));
    std::fill_n(row, width_, kNan);
  }
  return absl::OkStatus();
}

absl::Status BatchPrediction::BindNamedRows(const BatchRequest& request, const ServedModel& model) {
  const auto& rows = request.named_rows.rows();
  if (rows.empty()) return absl::InvalidArgumentError("rows: expected at least one row, got none");
  ROICAST_RETURN_IF_ERROR(CheckRows(rows.size()));
  float* row = AddRows(rows.size());
  std::vector<NamedValue> values;
  for (int i = 0; i < rows.size(); ++i, row += width_) {
    ReadNamedValues(rows[i], &values);
    const absl::Status converted = NamedValuesToRow(values, model, row);
    if (converted.ok()) continue;
    Refuse(i, std::string(converted.message()));
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
}

absl::Status BatchPrediction::ReadRows(BatchRequest& request, const ServedModel& model, int64_t max_rows,
                                       std::vector<float>* rows, Refusals* refusals) {
  Clear(model, {.pool = nullptr, .max_rows = max_rows, .stop = nullptr});
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
  *refusals = std::move(refusals_);
  refusals_.clear();
  return absl::OkStatus();
}

absl::Status BatchPrediction::Begin(BatchRequest& request, const ServedModel& model, const Options& options) {
  Clear(model, options);
  ROICAST_RETURN_IF_ERROR(uncertainty_.Begin(request.uncertainty, model));
  if (absl::Status bound = Bind(request, model); !bound.ok()) {
    rows_ = 0;
    return bound;
  }
  uncertainty_.SetRows(rows_);
  roi_.Resize(static_cast<size_t>(rows_));
  flags_.Resize(static_cast<size_t>(rows_));
  lists_usual_issues_ = request.max_issues == 0;
  max_issues_ = lists_usual_issues_ ? kDefaultMaxIssues : std::max<int64_t>(0, request.max_issues);
  results_.assign(static_cast<size_t>((rows_ + kRowsPerRange - 1) / kRowsPerRange), RangeResult());
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
  auto refusal = std::lower_bound(refusals_.begin(), refusals_.end(), begin,
                                  [](const auto& entry, int64_t row) { return entry.first < row; });
  const int64_t step =
      std::max<int64_t>(kMinRowsPerFetch, kValuesPerFetch / width_ / kMinRowsPerFetch * kMinRowsPerFetch);
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
    for (auto i = refusal; i != refusals_.end() && i->first < first + count; ++i) {
      flags[static_cast<size_t>(i->first)] = 1;
    }
    const uint8_t* const last = flags.data() + offset + size;
    for (const uint8_t* flag = flags.data() + offset; flag != last; ++flag) {
      flag = static_cast<const uint8_t*>(std::memchr(flag, 1, static_cast<size_t>(last - flag)));
      if (flag == nullptr) break;
      const int64_t row = flag - flags.data();
      while (refusal != refusals_.end() && refusal->first < row) ++refusal;
      const bool refused = refusal != refusals_.end() && refusal->first == row;
      Report(row, refused ? &refusal->second : nullptr, static_cast<int64_t>(result.issue_ends.size()) < max_issues_,
             result, scratch);
    }
  }
  ModelMetrics& metrics = model.metrics();
  metrics.ObservePredictions(roi.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  if (result.rows_refused > 0) metrics.CountRefusedRows(result.rows_refused);
  result.warnings.WriteTo(metrics);
}

void BatchPrediction::Report(int64_t row, const std::string* refusal, bool list, RangeResult& result,
                             RangeScratch& scratch) {
  ++result.rows_with_issues;
  absl::Status status;
  scratch.warnings.clear();
  if (refusal != nullptr) {
    status = absl::InvalidArgumentError(*refusal);
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

void BatchPrediction::Encode(std::string* response) const {
  response->append(ModelBinding::Of(*model_).served_by_field());
  WireWriter writer(response);
  writer.PackedFloatsField(v1::BatchPredictResponse::kRoiFieldNumber, roi_.span());
  uncertainty_.Write(writer);
  int64_t rows_with_issues = 0;
  int64_t rows_refused = 0;
  size_t room = static_cast<size_t>(max_issues_);
  // Who asks for a number of issues gets them, however large the answer.
  size_t bytes = std::numeric_limits<size_t>::max();
  if (lists_usual_issues_) {
    bytes = kUsualClientBytes - std::min(kUsualClientBytes, response->size() + kOtherFieldsBytes);
  }
  for (const RangeResult& result : results_) {
    rows_with_issues += result.rows_with_issues;
    rows_refused += result.rows_refused;
    const auto fitting = std::upper_bound(result.issue_ends.begin(), result.issue_ends.end(), bytes);
    const size_t listed = std::min(room, static_cast<size_t>(fitting - result.issue_ends.begin()));
    if (listed > 0) {
      response->append(result.issues, 0, result.issue_ends[listed - 1]);
      bytes -= result.issue_ends[listed - 1];
    }
    // The list has the first ones, without gaps.
    room = listed < result.issue_ends.size() ? 0 : room - listed;
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
}

}  // namespace roicast
