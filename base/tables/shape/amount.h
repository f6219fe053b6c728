// Amounts that could be added up, before it is known how their column writes numbers. Functions are thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

// Whether a cell has an amount that could be added up: no date, and fewer than 12 digits.
bool IsPlausibleAmount(absl::string_view cell);

// The same digits read both ways: "1.234,50" is 1234.5 with a decimal comma. NaN where a reading is impossible.
struct AmountReadings {
  double point;
  double comma;
};
AmountReadings ReadAmount(absl::string_view cell);
// Whether one of the readings is that of the sum, but for a part of the sum; never for a sum of 0.
bool IsClose(const AmountReadings& amount, const AmountReadings& sum, double tolerance);

// Adds up the cells of a column, read both ways; cells without an amount count as nothing. Not thread-safe.
class AmountSum {
 public:
  // Adds to each sum the cell of its column; columns beyond the row's end count as nothing. raw: the row as it stands
  // in the file; cells that do not stand there are added as well.
  static void AddRow(absl::Span<const absl::string_view> cells, absl::string_view raw, absl::Span<const size_t> columns,
                     absl::Span<AmountSum> sums);
  void Add(const AmountSum& other);
  AmountReadings value() const;

 private:
  static constexpr size_t kShortCell = 8;

  // Up to 8 digits, perhaps with a point among them; false for any other cell. Without a branch that depends on the
  // cell: its length and its point would often be predicted wrongly.
  bool AddShort(absl::string_view cell, absl::string_view raw);
  void AddAny(absl::string_view cell);
  // Of what is in places_, the mantissas with a point at a place.
  int64_t MantissasAt(size_t point) const;
  void EmptyPlaces();

  // Of short cells, the digits added up place by place. The first index is that of the point from the end, 1 being the
  // last byte; 0 means no point.
  std::array<std::array<uint16_t, kShortCell>, kShortCell + 1> places_{};
  int in_places_ = 0;
  // What was in places_ before.
  std::array<int64_t, kShortCell + 1> mantissas_{};
  // All other cells.
  double point_ = 0.0;
  double comma_ = 0.0;
};

}  // namespace roicast
