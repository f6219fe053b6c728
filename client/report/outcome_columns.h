// Where the outcome of a row stands in a table.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/tables/column_form.h"
#include "base/tables/table_detection.h"
#include "roicast/v1/training_spec.pb.h"

namespace roicast::client {

// Reads the outcome of a row: an ROI or another number, or 1 and 0 for the two values of a target.
class OutcomeColumns {
 public:
  // target: of the model's training, with what a person says beside it. Errors: NOT_FOUND if the table has not the
  // columns that it names, with those that come near.
  static absl::StatusOr<OutcomeColumns> Bind(const v1::TargetSpec& target, const TableReading& table);

  // NaN: not known, such as a blank cell or a spend that is not above 0.
  double Of(absl::Span<const absl::string_view> cells) const;
  // "column "Revenue" and "Spend"", for people.
  const std::string& words() const { return words_; }

 private:
  struct Source {
    size_t column = 0;
    NumberForm form;
  };
  enum class Kind { kColumn, kRevenueAndSpend, kRoas, kPositiveValue };

  OutcomeColumns() = default;

  Kind kind_ = Kind::kColumn;
  Source first_, spend_;
  bool blank_is_zero_ = false;
  std::string positive_value_;
  std::optional<double> positive_number_;
  std::string words_;
};

}  // namespace roicast::client
