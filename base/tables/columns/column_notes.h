// Says how a column was read.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/tables/column_evidence.h"
#include "base/tables/columns/column_facts.h"
#include "base/tables/columns/number_decision.h"
#include "base/tables/columns/time_decision.h"
#include "base/tables/note.h"

namespace roicast {

// What is known about a column when its kind has been decided.
struct ColumnDecision {
  absl::string_view name;
  const ColumnFacts* facts = nullptr;
  const ColumnReading* reading = nullptr;
  const NumberDecision* number = nullptr;
  const TimeDecision* time = nullptr;
  // Whether a person said which kind it is.
  bool given_kind = false;
  // Numbers, but too many cells are none.
  bool nearly_numbers = false;
  // Numbers that are kept as words because of their leading zeros or their length.
  bool identifiers = false;
};

// Warnings and information, those that matter most first.
std::vector<TableNote> NotesOf(const ColumnDecision& column);

}  // namespace roicast
