// Words whose returns go apart in time, as where one channel wears out while another grows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/structure/entities.h"
#include "model/data/table.h"

namespace roicast {

struct WordTrend {
  std::string word;
  double level = 1.0;  // what the last sixth of the rows brings back, as a share of what such rows brought in all
  double t = 0.0;      // of the trend
};

struct WordTrends {
  std::string column;            // of words
  std::string time;              // the column along which they go apart
  double since = 0.0;            // of the last sixth of the rows; seconds since 1970
  std::vector<WordTrend> words;  // by size of the change
};

struct WordTrendQuestion {
  const Table& table;     // with the times
  const Table& features;  // what a model sees
  absl::Span<const int64_t> rows;
  absl::Span<const double> roi;  // per row of the table, finite in the given rows
  const Column* spend;           // numeric; null: there is none
  const Entities* entities;      // which rows are of one campaign; null: each is one of its own
};

// ln of revenue / spend, beside words, spend and what all rows have in common in each twelfth of the time, is looked at
// for each word with at least 30 rows. Found are words with a straight line in time of t ≥ 5 over the rows and t ≥ 5
// over the means of the twelfths, which hold what the rows of a time share; t ≥ 5 over at least 8 entities, whose rows
// share a level, so that a few good campaigns in one season are no line; a last sixth of at least 8 rows that is a
// fifth away from the mean of all, by four standard errors; thirds that go the same way; and money that does: of what
// words and spend let expect, a fifth more or less comes in the last sixth than before it, beside that of the others. A
// season that differs by word comes back, so that in two years it is no line. Of several columns and times, the one
// with the largest t. Once `stop` says so: nullopt.
std::optional<WordTrends> FindWordTrends(const WordTrendQuestion& question, const StopCheck& stop = nullptr);

}  // namespace roicast
