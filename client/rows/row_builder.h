// Encodes a row for Predict once, against a schema that the client keeps: the fastest form of a request.
//
//   RowBuilder row(schema);                        // SchemaCache::Get, or RowPredictor
//   row.SetNumber("spend", 2500);                  // by name, or by the position that RowSchema::Find gave
//   *request.mutable_dense_row() = row.ToDenseRow();
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/rows/row_schema.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::client {

// Not thread-safe; meant to be used for one row after another, with its memory.
class RowBuilder {
 public:
  explicit RowBuilder(std::shared_ptr<const RowSchema> schema);

  const RowSchema& schema() const { return *schema_; }

  // All values are missing, as in a new builder: the server imputes them and warns.
  void Clear();

  // Set a feature by position, < schema().size(), or by name. A second value replaces the first.
  // Errors: INVALID_ARGUMENT naming the feature: an unknown name, another kind, an infinite number or one beyond
  // float32's range, a time outside the years 1900 to 2199. A number that is NaN and a word that means "missing" leave
  // the feature without a value. The allowed range of a number is left to the server.
  absl::Status SetNumber(size_t feature, double number);
  absl::Status SetNumber(absl::string_view feature, double number);
  absl::Status SetWord(size_t feature, absl::string_view word);
  absl::Status SetWord(absl::string_view feature, absl::string_view word);
  absl::Status SetTime(size_t feature, absl::Time time);
  absl::Status SetTime(absl::string_view feature, absl::Time time);

  // One per feature, NaN = missing.
  absl::Span<const float> values() const { return values_; }
  v1::DenseRow ToDenseRow() const;
  // The same into a message whose memory is reused.
  void WriteTo(v1::DenseRow* row) const;

 private:
  absl::Status CheckKind(size_t feature, v1::FeatureKind given) const;

  std::shared_ptr<const RowSchema> schema_;
  std::vector<float> values_;
};

}  // namespace roicast::client
