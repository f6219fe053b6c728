// A small columnar table: what goes into a batch, and what comes out of it. For tables that fit into memory; score
// larger files with CsvScorer.
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

// NaN, an empty word and kMissingTime mean missing. Not thread-safe while columns are added.
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

  // The columns of the text that are features, read as the schema says.
  // Errors: INVALID_ARGUMENT with line and column.
  static absl::StatusOr<Table> FromCsv(absl::string_view text, const v1::Schema& schema);

  // Errors: INVALID_ARGUMENT (name taken, length differs from that of the columns before).
  absl::Status Add(std::string name, Numbers values);
  absl::Status Add(std::string name, Words values);
  absl::Status Add(std::string name, Times values);

  int64_t rows() const { return rows_; }
  const std::vector<Column>& columns() const { return columns_; }

  // Named columns, words dictionary-coded.
  v1::Columns ToColumns() const;
  // Errors: INVALID_ARGUMENT (a column is no feature, or not of the feature's kind).
  absl::StatusOr<v1::DenseMatrix> ToMatrix(const v1::Schema& schema) const;
  // With a header; times in ISO 8601.
  std::string ToCsv() const;

 private:
  absl::Status AddColumn(Column column, size_t size);

  std::vector<Column> columns_;
  int64_t rows_ = 0;
};

}  // namespace roicast::client
