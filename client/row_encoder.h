// Encodes CSV cells as rows of a dense matrix for one schema.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/csv/csv_values.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// Immutable, thread-safe.
class RowEncoder {
 public:
  // header: the columns of the file. Columns that are not features are ignored.
  // Errors: INVALID_ARGUMENT if no column is a feature.
  static absl::StatusOr<RowEncoder> Create(const v1::Schema& schema, absl::Span<const std::string> header,
                                           MissingSpellings missing);

  // Writes one value per feature of the schema. Missing cells and features without a column become NaN; words outside
  // the vocabulary become the code after its last one; times become whole hours since 1970.
  // Errors: INVALID_ARGUMENT naming column, expected and actual. The number of cells must be that of the header.
  absl::Status Encode(absl::Span<const absl::string_view> cells, float* out) const;

  size_t features() const { return features_; }
  // Features of the schema that are missing from the file.
  const std::vector<std::string>& absent_features() const { return absent_; }

 private:
  struct Source {
    size_t column;
    size_t feature;
    std::string name;
    v1::FeatureKind kind;
    absl::flat_hash_map<std::string, float> codes;
    float unseen;
  };

  RowEncoder(size_t features, size_t columns, std::vector<Source> sources, std::vector<std::string> absent,
             MissingSpellings missing);
  absl::Status EncodeCell(const Source& source, absl::string_view cell, float& out) const;

  size_t features_;
  size_t columns_;
  std::vector<Source> sources_;
  std::vector<std::string> absent_;
  MissingSpellings missing_;
};

}  // namespace roicast::client
