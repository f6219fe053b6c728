// Which rows are of one campaign, ad or product. Such rows have in common what no column tells, so that a model that
// has learnt from some of them knows the others, and no campaign that is not in the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

inline constexpr int64_t kFewestEntities = 20;

struct Entities {
  std::string column;                 // whose values are the entities
  std::vector<std::string> constant;  // the other columns that have one value within each of them, in table order
  std::vector<int64_t> of_row;        // per row of the table, numbered from 0; −1: none, or not among the given rows
  int64_t count = 0;
};

// The columns that cannot be constant by what they are.
struct EntityQuestion {
  absl::Span<const int64_t> rows;
  std::string spend_column, revenue_column, target_column;  // empty: there is none
};

// The column of words or numbers with at least kFewestEntities values, a median of 3 rows or more for each, and far
// fewer values than rows, whose values are entities: within almost all of them another column that is no time has one
// value, which chance would do less than once in 10⁹ columns; or the column is named like campaigns, ads or products.
// Places, channels and times are none, nor is what has times of its own, all that vary over the rows, or without such a
// name one that tells it in turn; nor a number whose other column is its class or another unit of it. Of several, the
// first one that is named so, else the one with most values. Once `stop` says so: nullopt.
std::optional<Entities> FindEntities(const Table& table, const EntityQuestion& question,
                                     const StopCheck& stop = nullptr);

// Whether a column's name says campaigns, ads, products and the like.
bool IsNamedLikeEntity(const std::string& column);

// The values of a column as entities, whatever they are.
Entities EntitiesOf(const Column& column, absl::Span<const int64_t> rows);

}  // namespace roicast
