// A columnar table in memory, read from CSV; the input of cleaning, splitting and fitting.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/packed_ints.h"
#include "model/data/packed_numbers.h"
#include "model/data/word_list.h"

namespace roicast {

enum class FeatureKind { kNumeric, kCategorical, kTime };

// "numeric", "categorical", "time".
absl::string_view FeatureKindName(FeatureKind kind);

// The code of a missing category.
inline constexpr int32_t kMissingCode = -1;

// One column. Numeric and time columns use `numbers` (time: seconds since 1970-01-01T00:00:00Z; NaN = missing);
// categorical ones use `codes`, indices into `dictionary` or kMissingCode.
struct Column {
  std::string name;
  FeatureKind kind = FeatureKind::kNumeric;
  PackedNumbers numbers;
  PackedInts codes;
  WordList dictionary;

  int64_t size() const;
  bool IsMissing(int64_t row) const;
  // Of the cells and the dictionary.
  int64_t memory_bytes() const;
};

// Columns of equal length with unique names. Const methods are safe to call concurrently.
class Table {
 public:
  // Errors: InvalidArgument if the name is taken or the length differs from that of the earlier columns.
  absl::Status AddColumn(Column column);

  int64_t rows() const { return rows_; }
  const std::vector<Column>& columns() const { return columns_; }
  Column& column(int index) { return columns_[index]; }
  const Column& column(int index) const { return columns_[index]; }

  // nullptr if there is none.
  const Column* Find(absl::string_view name) const;
  // −1 if there is none.
  int IndexOf(absl::string_view name) const;

  // Of all columns.
  int64_t memory_bytes() const;

  // The given rows, in the given order.
  Table Select(absl::Span<const int64_t> rows) const;
  // The same. Asks for each column. Errors: those of `stop`.
  absl::StatusOr<Table> Select(absl::Span<const int64_t> rows, const StopCheck& stop) const;

 private:
  int64_t rows_ = 0;
  std::vector<Column> columns_;
  absl::flat_hash_map<std::string, int> index_;
};

}  // namespace roicast
