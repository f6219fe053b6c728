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
  const auto refuse = [&](absl::string_view expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", column.name, "\": expected ", expected, ", got \"", cell, "\""));
  };
  if (auto* numbers = std::get_if<Table::Numbers>(&column.values)) {
    const std::optional<double> number = absent ? kNan : ParseNumber(cell);
    if (!number.has_value()) return refuse("a number");
    numbers->push_back(*number);
  } else if (auto* words = std::get_if<Table::Words>(&column.values)) {
    words->push_back(absent ? std::string() : std::string(TrimCell(cell)));
  } else {
    const std::optional<int64_t> time = absent ? Table::kMissingTime : ParseTime(cell);
    if (!time.has_value()) return refuse("a time such as 2025-03-01T12:00:00Z");
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

// Row r goes to values[r · stride].
void FillFeature(const Table::Column& column, const v1::Feature& feature, int stride, float* values) {
  const auto fill = [&](const auto& cells, auto encode) {
    for (size_t r = 0; r < cells.size(); ++r) values[r * static_cast<size_t>(stride)] = encode(cells[r]);
  };
  if (const auto* numbers = std::get_if<Table::Numbers>(&column.values)) {
    fill(*numbers, [](double x) { return static_cast<float>(x); });
  } else if (const auto* words = std::get_if<Table::Words>(&column.values)) {
    absl::flat_hash_map<std::string, float> codes;
    for (const std::string& word : feature.vocabulary()) codes.emplace(word, static_cast<float>(codes.size()));
    const float unseen = static_cast<float>(feature.vocabulary_size());
    fill(*words, [&](const std::string& word) {
      if (word.empty()) return std::numeric_limits<float>::quiet_NaN();
      const auto code = codes.find(word);
      return code == codes.end() ? unseen : code->second;
    });
  } else {
    fill(std::get<Table::Times>(column.values), [](int64_t time) {
      if (time == Table::kMissingTime) return std::numeric_limits<float>::quiet_NaN();
      return static_cast<float>(std::floor(static_cast<double>(time) / 3600.0));
    });
  }
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

absl::Status Table::AddColumn(Column column, size_t size) {
  for (const Column& other : columns_) {
    if (other.name == column.name)
      return absl::InvalidArgumentError(absl::StrCat("\"", column.name, "\": added twice"));
  }
  if (!columns_.empty() && static_cast<int64_t>(size) != rows_) {
    return absl::InvalidArgumentError(absl::StrCat("\"", column.name, "\": expected ", rows_, " values, got ", size));
  }
  rows_ = static_cast<int64_t>(size);
  columns_.push_back(std::move(column));
  return absl::OkStatus();
}

absl::Status Table::Add(std::string name, Numbers values) {
  const size_t size = values.size();
  return AddColumn({std::move(name), std::move(values)}, size);
}

absl::Status Table::Add(std::string name, Words values) {
  const size_t size = values.size();
  return AddColumn({std::move(name), std::move(values)}, size);
}

absl::Status Table::Add(std::string name, Times values) {
  const size_t size = values.size();
  return AddColumn({std::move(name), std::move(values)}, size);
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

absl::StatusOr<v1::DenseMatrix> Table::ToMatrix(const v1::Schema& schema) const {
  v1::DenseMatrix matrix;
  matrix.set_rows(rows_);
  matrix.set_schema_digest(schema.digest());
  const int features = schema.features_size();
  matrix.mutable_values()->Resize(static_cast<int>(rows_) * features, std::numeric_limits<float>::quiet_NaN());
  for (const Column& column : columns_) {
    int i = 0;
    while (i < features && schema.features(i).name() != column.name) ++i;
    if (i == features)
      return absl::InvalidArgumentError(absl::StrCat("\"", column.name, "\": no feature of the schema"));
    if (schema.features(i).kind() != KindOf(column)) {
      return absl::InvalidArgumentError(absl::StrCat("\"", column.name, "\": expected ",
                                                     v1::FeatureKind_Name(schema.features(i).kind()), ", got ",
                                                     v1::FeatureKind_Name(KindOf(column))));
    }
    FillFeature(column, schema.features(i), features, matrix.mutable_values()->mutable_data() + i);
  }
  return matrix;
}

std::string Table::ToCsv() const {
  std::string text;
  CsvWriter writer(&text);
  for (const Column& column : columns_) writer.Text(column.name);
  writer.EndRow();
  for (size_t r = 0; r < static_cast<size_t>(rows_); ++r) {
    for (const Column& column : columns_) {
      if (const auto* numbers = std::get_if<Numbers>(&column.values)) {
        writer.Number((*numbers)[r]);
      } else if (const auto* words = std::get_if<Words>(&column.values)) {
        writer.Text((*words)[r]);
      } else {
        const int64_t time = std::get<Times>(column.values)[r];
        writer.Text(time == kMissingTime ? std::string() : FormatTime(time));
      }
    }
    writer.EndRow();
  }
  return text;
}

}  // namespace roicast::client
