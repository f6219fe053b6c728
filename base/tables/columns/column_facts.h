// What the cells of a column look like, counted in bounded memory.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/tables/columns/block_starts.h"
#include "base/tables/spelling/date_spelling.h"
#include "base/tables/spelling/digit_class.h"
#include "base/tables/spelling/zone_spelling.h"

namespace roicast {

// The line on which a row begins, and the cell, cut to 60 bytes between characters.
using CellExample = std::pair<int64_t, std::string>;

// Counts the first few different texts.
class TextCounter {
 public:
  struct Entry {
    std::string text;
    int64_t count = 0;
    std::vector<int64_t> lines;  // the first five
  };

  // `same` tells whether two texts count as one.
  template <typename Same>
  void Add(absl::string_view text, int64_t line, Same same) {
    for (Entry& entry : entries_) {
      if (same(entry.text, text)) return Count(entry, line);
    }
    if (entries_.size() == kMost) {
      ++left_out_;
      return;
    }
    entries_.push_back({std::string(text), 0, {}});
    Count(entries_.back(), line);
  }
  void Add(absl::string_view text, int64_t line) {
    Add(text, line, [](absl::string_view a, absl::string_view b) { return a == b; });
  }

  // In the order of their first cells.
  const std::vector<Entry>& entries() const { return entries_; }
  // Cells whose texts are not among the entries.
  int64_t left_out() const { return left_out_; }
  // The one with the most cells; null if there is none.
  const Entry* Most() const {
    const auto most = std::max_element(entries_.begin(), entries_.end(),
                                       [](const Entry& a, const Entry& b) { return a.count < b.count; });
    return most == entries_.end() ? nullptr : &*most;
  }

 private:
  static constexpr size_t kMost = 8;

  static void Count(Entry& entry, int64_t line) {
    ++entry.count;
    if (entry.lines.size() < 5) entry.lines.push_back(line);
  }

  std::vector<Entry> entries_;
  int64_t left_out_ = 0;
};

// Cells of one look: how many, and the first of them.
struct CellGroup {
  static constexpr size_t kExamples = 5;

  int64_t count = 0;
  std::vector<CellExample> examples;
};

// Cells that are times in the same formats.
struct TimeGroup {
  TimeFormatSet formats = 0;
  CellGroup cells;
};

// Cells that are times with the same zone.
struct ZoneGroup {
  Zone zone;
  CellGroup cells;
};

// Dates of three numbers none of which has four digits: 24/08/16.
struct ShortDates {
  // With the year last, and with the year first; most are both.
  int64_t year_last = 0;
  int64_t year_first = 0;
  // Of those with the year last, how many are none with the year first.
  int64_t only_year_last = 0;
  // Which numbers stand first and last.
  std::bitset<100> firsts;
  std::bitset<100> lasts;
};

struct ColumnFacts {
  int64_t cells = 0;
  BlockStarts block_starts;
  // Blank, or a missing spelling.
  int64_t missing = 0;
  // Of `missing`: the spellings, blanks not among them.
  TextCounter missing_words;
  // Bounds such as "< 10%": missing among numbers.
  CellGroup bounds;
  // Numbers by their separators, those without and those with a unit word behind them.
  std::array<CellGroup, kDigitClasses> digits;
  std::array<CellGroup, kDigitClasses> worded;
  // Of both: a dot or a comma stands before three digits or more, and cannot separate thousands: 1234.567,
  // 0.125, 1.2345.
  int64_t long_decimals = 0;
  TextCounter unit_words;
  // Of `worded`: the word stands before the number.
  int64_t words_before = 0;
  // Whole numbers without any separator: 1 to 999, and from 1000.
  int64_t short_integers = 0;
  int64_t long_integers = 0;
  // Whole numbers that begin with 0 though they have more digits, and those of 16 digits and more.
  CellGroup leading_zeros;
  CellGroup long_digits;
  // Of 11 digits and more, of which an exponent keeps a few: 2.3851E+10.
  CellGroup rounded;
  int max_digits = 0;
  // YYYYMMDD with a time of day or without; YYYYMM; 05.2024 and 2024.05. These are numbers as well.
  int64_t compact_dates = 0;
  int64_t compact_months = 0;
  int64_t dotted_months = 0;
  // Of whole numbers.
  int64_t smallest = std::numeric_limits<int64_t>::max();
  int64_t largest = std::numeric_limits<int64_t>::min();
  // Bit (hash of the number modulo 64): few bits are few different numbers.
  uint64_t number_bits = 0;
  CellGroup percent;
  CellGroup multiplied;
  int64_t small_m = 0;
  CellGroup bracketed;
  CellGroup minus_behind;
  CellGroup formulas;
  // "$ -", an amount of 0.
  CellGroup dashes_for_zero;
  // A triangle stands before what is negative.
  CellGroup triangles;
  TextCounter currencies;
  // Cells that are times and no numbers.
  std::vector<TimeGroup> times;
  // Of `times`, those with a zone; the first few different ones.
  std::vector<ZoneGroup> zones;
  // Of `times`, and of `others` such as 24/8/1 that are times only with the year first.
  ShortDates short_dates;
  // Of the others: times of day and durations; ranges of dates whose start has no year.
  CellGroup clock_times;
  CellGroup open_ranges;
  // All other cells, with the spellings of them.
  CellGroup others;
  TextCounter other_words;
  // The first three different cells that are not missing.
  std::vector<std::string> examples;

  int64_t present() const { return cells - missing; }
};

// Numbers with a word before them, such as "RM 1,326.50". They are words like "Top 10" until the whole column shows
// that they are amounts.
struct WordsBefore {
  // As if the words stood behind the numbers; only what is counted of numbers is set.
  ColumnFacts numbers;
  int64_t cells = 0;
  // Those with separate thousands or two decimals.
  int64_t amounts = 0;
};

}  // namespace roicast
