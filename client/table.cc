#include "client/table.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/csv/csv_reader.h"
#include "base/csv/csv_values.h"
#include "base/csv/csv_writer.h"
#include "base/status_macros.h"
#include "client/cell_error.h"

namespace roicast::client {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

v1::FeatureKind KindOf(const Table::Column& column) {
  if (std::holds_alternative<Table::Numbers>(column.values)) return v1::FEATURE_KIND_NUMERIC;
  if (std::holds_alternative<Table::Words>(column.values)) return v1::FEATURE_KIND_CATEGORICAL;
  return v1::FEATURE_KIND_TIME;
}

absl::Status AppendCell(const MissingSpellings& missing, absl::string_view cell, Table::Column& column) {
  const bool absent = missing.Matches(cell);
  const auto refuse = [&] { return CellError(absl::StrCat("\"", column.name, "\""), KindOf(column), cell); };
  if (auto* numbers = std::get_if<Table::Numbers>(&column.values)) {
    const std::optional<double> number = absent ? kNan : ParseNumber(cell);
    if (!number.has_value()) return refuse();
    numbers->push_back(*number);
  } else if (auto* words = std::get_if<Table::Words>(&column.values)) {
    words->push_back(absent ? std::string() : std::string(TrimCell(cell)));
  } else {
    const std::optional<int64_t> time = absent ? Table::kMissingTime : ParseTime(cell);
    if (!time.has_value()) return refuse();
    std::get<Table::Times>(column.values).push_back(*time);
  }
  return absl::OkStatus();
}

v1::CategoricalValues Code(const Table::Words& words) {
  v1::CategoricalValues values;
  absl::flat_hash_map<std::string, int32_t> codes;
  for (const std::string& word : words) {
    if (word.empty()) {
      values.add_codes(-1);
      continue;
    }
    const auto [code, added] = codes.emplace(word, static_cast<int32_t>(codes.size()));
    if (added) values.add_dictionary(word);
    values.add_codes(code->second);
  }
  return values;
}

}  // namespace

absl::StatusOr<Table> Table::FromCsv(absl::string_view text, const v1::Schema& schema) {
  Table table;
  const MissingSpellings missing;
  std::vector<size_t> sources;
  std::optional<CsvReader> reader;
  const auto set_up = [&] {
    for (size_t i = 0; i < reader->header().size(); ++i) {
      for (const v1::Feature& feature : schema.features()) {
        if (feature.name() != reader->header()[i]) continue;
        Column column{feature.name(), Numbers()};
        if (feature.kind() == v1::FEATURE_KIND_CATEGORICAL) column.values = Words();
        if (feature.kind() == v1::FEATURE_KIND_TIME) column.values = Times();
        table.columns_.push_back(std::move(column));
        sources.push_back(i);
      }
    }
  };
  reader.emplace(CsvReaderOptions(), [&](const CsvRow& row) {
    if (table.rows_ == 0) set_up();
    if (row.cells.size() != reader->header().size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", row.line, ": expected ", reader->header().size(), " cells, got ", row.cells.size()));
    }
    for (size_t i = 0; i < sources.size(); ++i) {
      ROICAST_RETURN_IF_ERROR(WithContext(AppendCell(missing, row.cells[sources[i]], table.columns_[i]),
                                          absl::StrCat("line ", row.line, ", column ", sources[i] + 1)));
    }
    ++table.rows_;
    return absl::OkStatus();
  });
  ROICAST_RETURN_IF_ERROR(reader->Feed(text));
  ROICAST_RETURN_IF_ERROR(reader->Finish());
  return table;
}

v1::Columns Table::ToColumns() const {
  v1::Columns columns;
  for (const Column& column : columns_) {
    v1::Column& out = *columns.add_columns();
    out.set_name(column.name);
    if (const auto* numbers = std::get_if<Numbers>(&column.values)) {
      out.mutable_doubles()->mutable_values()->Add(numbers->begin(), numbers->end());
    } else if (const auto* words = std::get_if<Words>(&column.values)) {
      *out.mutable_categories() = Code(*words);
    } else {
      const Times& times = std::get<Times>(column.values);
      out.mutable_times()->mutable_unix_seconds()->Add(times.begin(), times.end());
    }
  }
  return columns;
}

}  // namespace roicast::client
