// A small columnar table for one batch. CsvScorer is for files of any size.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "roicast/v1/prediction.pb.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// NaN, an empty word and kMissingTime mean missing. Const methods are thread-safe.
class Table {
 public:
  static constexpr int64_t kMissingTime = INT64_MIN;
  using Numbers = std::vector<double>;
  using Words = std::vector<std::string>;
  using Times = std::vector<int64_t>;  // seconds since 1970
  struct Column {
    std::string name;
    std::variant<Numbers, Words, Times> values;
  };

  // Reads the columns that are features of the schema.
  // Errors: INVALID_ARGUMENT with line and column.
  static absl::StatusOr<Table> FromCsv(absl::string_view text, const v1::Schema& schema);

  int64_t rows() const { return rows_; }
  const std::vector<Column>& columns() const { return columns_; }

  // Named columns, words dictionary-coded.
  v1::Columns ToColumns() const;

 private:
  std::vector<Column> columns_;
  int64_t rows_ = 0;
};

}  // namespace roicast::client
