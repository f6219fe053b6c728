// Tells a column whose values stand only where blocks of rows begin, as merged cells are exported.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace roicast {

// Not thread-safe.
class BlockStarts {
 public:
  // False once the cells cannot be merged ones, whatever follows: those of most columns after a few rows. Add does
  // nothing from there on.
  bool open() const { return open_; }
  // The next cell, without blanks around it; empty: it is blank.
  void Add(absl::string_view cell);

  // The first row has a value, 60 % of the cells or more are blank, and values seldom stand in rows that follow each
  // other or are like the value before. At least 10 cells.
  bool LookMerged() const;
  int64_t cells() const { return cells_; }
  int64_t blank() const { return cells_ - filled_; }

 private:
  bool open_ = true;
  int64_t cells_ = 0;
  int64_t filled_ = 0;
  // Values right below another one, and values like the one before them, whatever blanks are between.
  int64_t neighbours_ = 0;
  int64_t repeated_ = 0;
  bool below_value_ = false;
  // Its hash: cells may be long, and columns many.
  size_t previous_ = 0;
};

}  // namespace roicast
