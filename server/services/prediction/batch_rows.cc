#include "server/services/prediction/batch_rows.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/services/allowed_time.h"
#include "server/services/prediction/campaign_conversion.h"
#include "server/services/prediction/model_binding.h"
#include "server/services/prediction/named_values.h"
#include "server/services/prediction/schema_digest.h"

namespace roicast {
namespace {

// Values that are fetched from the request at once: few enough for the nearest caches to keep until they are
// predicted.
constexpr int64_t kValuesPerFetch = 12288;
constexpr int64_t kMinRowsPerFetch = 64;
// Less does not count: as much is kept from one batch to the next.
constexpr uint64_t kCountedBytes = uint64_t{64} << 10;
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

void BatchRows::Clear() {
  rows_ = 0;
  request_ = nullptr;
  matrix_ = nullptr;
  rows_in_memory_ = nullptr;
  columns_.clear();
  refusals_.clear();
  row_memory_.Clear();
  refusal_memory_.Clear();
}

absl::Status BatchRows::Bind(BatchRequest& request, const ServedModel& model, const Limits& limits) {
  Clear();
  request_ = &request;
  model_ = &model;
  limits_ = limits;
  width_ = model.schema().size();
  absl::Status bound = BindInput(request, model);
  if (bound.ok()) bound = Claim(refusals_.capacity() * sizeof(Refusal), refusal_memory_);
  if (!bound.ok()) rows_ = 0;
  return bound;
}

absl::Status BatchRows::TakeRows(int64_t rows, bool in_memory) {
  if (rows > limits_.max_rows) {
    return RequestTooLarge("rows", limits_.max_rows, rows);
  }
  const uint64_t row_bytes = limits_.bytes_per_row + (in_memory ? static_cast<uint64_t>(width_) * sizeof(float) : 0);
  return Claim(static_cast<uint64_t>(rows) * row_bytes, row_memory_);
}

absl::Status BatchRows::Claim(uint64_t bytes, MemoryClaim& claim) {
  if (bytes < kCountedBytes) return absl::OkStatus();
  absl::StatusOr<MemoryClaim> claimed = limits_.memory->Claim(limits_.memory_use, bytes);
  if (!claimed.ok()) return MemoryShort(claimed.status());
  claim = *std::move(claimed);
  return absl::OkStatus();
}

void BatchRows::MergeRefusals(size_t sorted) {
  const auto middle = refusals_.begin() + static_cast<std::ptrdiff_t>(sorted);
  if (middle == refusals_.end()) return;
  const auto by_row = [](const Refusal& a, const Refusal& b) { return a.row < b.row; };
  std::inplace_merge(refusals_.begin(), middle, refusals_.end(), by_row);
  const auto same_row = [](const Refusal& a, const Refusal& b) { return a.row == b.row; };
  refusals_.erase(std::unique(refusals_.begin(), refusals_.end(), same_row), refusals_.end());
}

std::string BatchRows::ReasonOf(const Refusal& refusal) const {
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
  const NameHint hint = &refusal - refusals_.data() < kHinted ? NameHint::kNearest : NameHint::kNone;
  return std::string(NamedValuesToRow(values, *model_, row.data(), hint).message());
}

absl::Status BatchRows::BindColumns(BatchRequest& request, const ServedModel& model) {
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
                                                     DidYouMeanOrList(column.name, schema.features, "it has")));
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

void BatchRows::BindColumn(BatchColumn& column, int index, const ServedModel& model) {
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

absl::Status BatchRows::BindMatrix(const BatchRequest& request, const ServedModel& model) {
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

absl::Status BatchRows::BindCampaigns(const BatchRequest& request, const ServedModel& model) {
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

absl::Status BatchRows::BindNamedRows(const BatchRequest& request, const ServedModel& model) {
  const auto& rows = request.named_rows.rows();
  if (rows.empty()) return absl::InvalidArgumentError("rows: expected at least one row, got none");
  ROICAST_RETURN_IF_ERROR(TakeRows(rows.size(), true));
  float* row = AddRows(rows.size());
  std::vector<NamedValue> values;
  for (int i = 0; i < rows.size(); ++i, row += width_) {
    ReadNamedValues(rows[i], &values);
    // Worded by ReasonOf if it is listed.
    const absl::Status converted = NamedValuesToRow(values, model, row, NameHint::kNone);
    if (converted.ok()) continue;
    Refuse(i);
    std::fill_n(row, width_, kNan);
  }
  return absl::OkStatus();
}

float* BatchRows::AddRows(int64_t rows) {
  rows_ = rows;
  float* const room = converted_rows_.Resize(static_cast<size_t>(rows * width_));
  rows_in_memory_ = room;
  return room;
}

absl::Status BatchRows::BindInput(BatchRequest& request, const ServedModel& model) {
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

const float* BatchRows::Part::Values(int64_t row) {
  const int64_t i = row - first_row;
  if (rows != nullptr) return rows + i * width;
  gathered.resize(static_cast<size_t>(width));
  GatherRow(views, i, gathered.data());
  return gathered.data();
}

void BatchRows::Fetch(int64_t begin, int64_t count, Part& part) const {
  part.first_row = begin;
  part.rows = nullptr;
  part.width = width_;
  const auto first = static_cast<size_t>(begin);
  const auto rows = static_cast<size_t>(count);
  const auto width = static_cast<size_t>(width_);
  if (matrix_ != nullptr) {
    part.rows = matrix_->Part(first * width, rows * width, part.values.Resize(rows * width));
    return;
  }
  if (rows_in_memory_ != nullptr) {
    part.rows = rows_in_memory_ + first * width;
    return;
  }
  part.views = views_;
  part.floats.resize(width);
  part.doubles.resize(width);
  for (size_t f = 0; f < width; ++f) {
    ColumnView& view = part.views[f];
    const BatchColumn* const column = columns_[f];
    if (column == nullptr) continue;
    if (column->kind == BatchColumn::Values::kFloats) {
      view.floats = column->floats.Part(first, rows, part.floats[f].Resize(rows));
    } else if (column->kind == BatchColumn::Values::kDoubles) {
      view.doubles = column->doubles.Part(first, rows, part.doubles[f].Resize(rows));
    }
    if (view.codes != nullptr) view.codes += begin;
    if (view.times != nullptr) view.times += begin;
  }
}

int64_t BatchRows::RowsPerFetch() const {
  return std::max<int64_t>(kMinRowsPerFetch, kValuesPerFetch / width_ / kMinRowsPerFetch * kMinRowsPerFetch);
}

std::vector<float> BatchRows::Copy() const {
  std::vector<float> copy(static_cast<size_t>(rows_ * width_));
  float* to = copy.data();
  Part part;
  const int64_t step = RowsPerFetch();
  for (int64_t begin = 0; begin < rows_; begin += step) {
    const int64_t count = std::min(step, rows_ - begin);
    Fetch(begin, count, part);
    for (int64_t row = begin; row < begin + count; ++row, to += width_) std::copy_n(part.Values(row), width_, to);
  }
  return copy;
}

void BatchRows::ShrinkTo(size_t values) {
  converted_rows_.ShrinkTo(values);
  if (refusals_.capacity() > values / sizeof(Refusal)) std::vector<Refusal>().swap(refusals_);
  row_memory_.Clear();
  refusal_memory_.Clear();
}

}  // namespace roicast
