// Decides how the times of a column are written.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/tables/columns/column_facts.h"
#include "base/tables/time_form.h"

namespace roicast {

struct TimeDecision {
  // Unset: the column's cells are no times, or it cannot be told in which order day and month stand.
  std::optional<TimeFormat> format;
  // Cells that the format reads; without a format, cells that are times in some order of day and month.
  int64_t readable = 0;
  // Nothing tells day from month.
  bool ambiguous = false;
  // Some cells are times only with the day first, others only with the month first.
  bool contradictory = false;
  // Lines of cells that show the day first, and of such that show the month first; up to 3 each.
  std::vector<int64_t> day_first_lines;
  std::vector<int64_t> month_first_lines;
  // The dates have years of two digits.
  bool short_years = false;
  // Nothing tells whether these stand first or last; they are taken to stand last.
  bool open_years = false;
};

// Whether a column's name has a word for times, in one of several languages: "Start date", "Monat", "日期".
bool SpeaksOfTime(absl::string_view name);

// `preferred` decides where day and month, or day and year, cannot be told apart, and `forced` whatever the cells look
// like.
TimeDecision DecideTimeFormat(const ColumnFacts& facts, std::optional<TimeFormat> preferred,
                              std::optional<TimeFormat> forced);

}  // namespace roicast
