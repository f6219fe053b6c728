#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "model/data/cleaning.h"

namespace roicast {
namespace {

// Hashes and compares the rows of a table; two are equal if all cells are.
struct RowHash {
  const Table* table;
  size_t operator()(int64_t row) const {
    size_t hash = 0;
    for (const Column& column : table->columns()) {
      if (column.kind == FeatureKind::kCategorical) {
        hash = absl::HashOf(hash, column.codes[row]);
      } else {
        // absl hashes 0.0 and −0.0 alike; all NaN count as equal.
        const double value = column.numbers[row];
        hash = std::isnan(value) ? absl::HashOf(hash, -1) : absl::HashOf(hash, value);
      }
    }
    return hash;
  }
};

struct RowEqual {
  const Table* table;
  bool operator()(int64_t a, int64_t b) const {
    for (const Column& column : table->columns()) {
      if (column.kind == FeatureKind::kCategorical) {
        if (column.codes[a] != column.codes[b]) return false;
      } else if (column.numbers[a] != column.numbers[b] &&
                 !(std::isnan(column.numbers[a]) && std::isnan(column.numbers[b]))) {
        return false;
      }
    }
    return true;
  }
};

}  // namespace

std::vector<int64_t> WithoutDuplicates(const Table& table, absl::Span<const int64_t> rows) {
  absl::flat_hash_set<int64_t, RowHash, RowEqual> seen(rows.size(), RowHash{&table}, RowEqual{&table});
  std::vector<int64_t> distinct;
  distinct.reserve(rows.size());
  for (const int64_t row : rows) {
    if (seen.insert(row).second) distinct.push_back(row);
  }
  return distinct;
}

}  // namespace roicast
