#include "client/row_encoder.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "client/cell_error.h"

namespace roicast::client {

absl::StatusOr<RowEncoder> RowEncoder::Create(const v1::Schema& schema, absl::Span<const std::string> header,
                                              MissingSpellings missing) {
  absl::flat_hash_map<std::string, size_t> column_of;
  for (size_t i = 0; i < header.size(); ++i) column_of.emplace(std::string(TrimCell(header[i])), i);
  std::vector<Source> sources;
  std::vector<std::string> absent;
  for (int i = 0; i < schema.features_size(); ++i) {
    const v1::Feature& feature = schema.features(i);
    const auto column = column_of.find(feature.name());
    if (column == column_of.end()) {
      absent.push_back(feature.name());
      continue;
    }
    Source source{column->second, static_cast<size_t>(i), feature.name(), feature.kind(), {}, 0};
    for (const std::string& word : feature.vocabulary()) {
      source.codes.emplace(word, static_cast<float>(source.codes.size()));
    }
    source.unseen = static_cast<float>(feature.vocabulary_size());
    sources.push_back(std::move(source));
  }
  if (sources.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("header: expected at least one feature of the model (",
                                                   absl::StrJoin(absent, ", "), "), got ",
                                                   Excerpt(absl::StrJoin(header, ","))));
  }
  return RowEncoder(static_cast<size_t>(schema.features_size()), header.size(), std::move(sources), std::move(absent),
                    std::move(missing));
}

RowEncoder::RowEncoder(size_t features, size_t columns, std::vector<Source> sources, std::vector<std::string> absent,
                       MissingSpellings missing)
    : features_(features),
      columns_(columns),
      sources_(std::move(sources)),
      absent_(std::move(absent)),
      missing_(std::move(missing)) {}

absl::Status RowEncoder::Encode(absl::Span<const absl::string_view> cells, float* out) const {
  if (cells.size() != columns_) {
    return absl::InvalidArgumentError(absl::StrCat("expected ", columns_, " cells, got ", cells.size()));
  }
  std::fill(out, out + features_, std::numeric_limits<float>::quiet_NaN());
  for (const Source& source : sources_) {
    ROICAST_RETURN_IF_ERROR(EncodeCell(source, cells[source.column], out[source.feature]));
  }
  return absl::OkStatus();
}

absl::Status RowEncoder::EncodeCell(const Source& source, absl::string_view cell, float& out) const {
  if (missing_.Matches(cell)) return absl::OkStatus();
  const absl::string_view value = TrimCell(cell);
  const auto refuse = [&] {
    return CellError(absl::StrCat("column ", source.column + 1, " \"", source.name, "\""), source.kind, cell);
  };
  if (source.kind == v1::FEATURE_KIND_CATEGORICAL) {
    const auto code = source.codes.find(value);
    out = code == source.codes.end() ? source.unseen : code->second;
    return absl::OkStatus();
  }
  if (source.kind == v1::FEATURE_KIND_TIME) {
    const std::optional<int64_t> time = ParseTime(value);
    if (!time.has_value()) return refuse();
    out = static_cast<float>(std::floor(static_cast<double>(*time) / 3600.0));
    return absl::OkStatus();
  }
  const std::optional<double> number = ParseNumber(value);
  if (!number.has_value() || std::abs(*number) > std::numeric_limits<float>::max()) return refuse();
  out = static_cast<float>(*number);
  return absl::OkStatus();
}

}  // namespace roicast::client
