// Decides how the numbers of columns are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/types/span.h"
#include "base/tables/columns/column_facts.h"
#include "base/tables/number_form.h"

namespace roicast {

// Why a form was taken where the cells allow two readings.
enum class NumberReason {
  kCells,          // the cells allow one
  kGiven,          // a person said so
  kOtherColumns,   // the file's other columns are written so
  kLongIntegers,   // the column has whole numbers from 1000 without separators
  kShortIntegers,  // all numbers without a separator are below 1000: those with one are thousands
  kDelimiter,      // nothing but the delimiter speaks for it
  kFewCells,       // all but a few cells allow two readings
};

struct NumberDecision {
  NumberForm form;
  // Cells that the form reads.
  int64_t readable = 0;
  // Whether cells such as 1.326 may also be read otherwise, with the same cells readable or nearly so.
  bool ambiguous = false;
  // Whether nothing certain speaks for the reading, or something speaks against it.
  bool guess = false;
  NumberReason reason = NumberReason::kCells;
  // Whether nothing speaks for the reading: the delimiter is one that files of all countries have.
  bool by_default = false;
};

// `decimal_mark` is what a person said, if anything.
struct NumberColumn {
  const ColumnFacts* facts = nullptr;
  std::optional<char> decimal_mark;
  // Whether its name says that it counts. Fractions are a guess then.
  bool counts = false;
  NumberDecision decision;
};

// Fills the decisions of all columns of a file together.
void DecideNumberForms(absl::Span<NumberColumn> columns, char delimiter);

// Whether the form reads a number with these digits and a unit word or none.
bool ReadsGroup(const NumberForm& form, DigitClass digits, bool worded);

}  // namespace roicast
