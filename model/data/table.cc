#include "model/data/table.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {

absl::string_view FeatureKindName(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::kNumeric:
      return "numeric";
    case FeatureKind::kCategorical:
      return "categorical";
    case FeatureKind::kTime:
      return "time";
  }
  return "unknown";
}

int64_t Column::size() const {
  return static_cast<int64_t>(kind == FeatureKind::kCategorical ? codes.size() : numbers.size());
}

bool Column::IsMissing(int64_t row) const {
  return kind == FeatureKind::kCategorical ? codes[row] < 0 : std::isnan(numbers[row]);
}

int64_t Column::memory_bytes() const {
  return static_cast<int64_t>(codes.memory_bytes() + numbers.memory_bytes() + dictionary.memory_bytes());
}

int64_t Table::memory_bytes() const {
  int64_t bytes = 0;
  for (const Column& column : columns_) bytes += column.memory_bytes();
  return bytes;
}

absl::Status Table::AddColumn(Column column) {
  if (index_.contains(column.name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("columns[", columns_.size(), "]: expected a new name, got \"", column.name, "\" again"));
  }
  if (!columns_.empty() && column.size() != rows_) {
    return absl::InvalidArgumentError(absl::StrCat("columns[", columns_.size(), "] \"", column.name, "\": expected ",
                                                   rows_, " values, got ", column.size()));
  }
  rows_ = column.size();
  index_[column.name] = static_cast<int>(columns_.size());
  columns_.push_back(std::move(column));
  return absl::OkStatus();
}

const Column* Table::Find(absl::string_view name) const {
  const int index = IndexOf(name);
  return index < 0 ? nullptr : &columns_[index];
}

int Table::IndexOf(absl::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? -1 : found->second;
}

Table Table::Select(absl::Span<const int64_t> rows) const { return *Select(rows, nullptr); }

absl::StatusOr<Table> Table::Select(absl::Span<const int64_t> rows, const StopCheck& stop) const {
  Table selected;
  selected.rows_ = static_cast<int64_t>(rows.size());
  selected.index_ = index_;
  selected.columns_.reserve(columns_.size());
  for (const Column& column : columns_) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    Column& copy = selected.columns_.emplace_back();
    copy.name = column.name;
    copy.kind = column.kind;
    copy.dictionary = column.dictionary;
    copy.codes = column.codes.Select(column.codes.empty() ? absl::Span<const int64_t>() : rows);
    copy.numbers = column.numbers.Select(column.numbers.empty() ? absl::Span<const int64_t>() : rows);
  }
  return selected;
}

}  // namespace roicast
