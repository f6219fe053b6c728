// How the cells of a column are written, and what a person says about it.
#pragma once

#include <optional>
#include <string>

#include "base/tables/number_form.h"
#include "base/tables/time_form.h"

namespace roicast {

enum class ColumnKind { kNumber, kWords, kTime };

struct ColumnForm {
  ColumnKind kind = ColumnKind::kWords;
  // Of a column of numbers.
  NumberForm number;
  // Of a column of times.
  TimeFormat time = TimeFormat::kIso;
  // What the numbers count: a currency ("EUR", "$"), "%" (the values are hundredths: 3.1% is 0.031), a word ("days"),
  // or nothing.
  std::string unit;

  friend bool operator==(const ColumnForm&, const ColumnForm&) = default;
};

// What is unset is detected.
struct ColumnOptions {
  // Empty: all columns. Where both speak of something, the column's own options count.
  std::string name;
  std::optional<ColumnKind> kind;
  // '.' or ','. What groups the thousands is found out nevertheless.
  std::optional<char> decimal_mark;
  // A named column is then a time. Without a name it decides only between the formats that a column allows.
  std::optional<TimeFormat> time;
  // Not 0, finite. The values of a named column are multiplied by it.
  std::optional<double> scale;
};

}  // namespace roicast
