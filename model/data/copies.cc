#include "model/data/copies.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace roicast {
namespace {

constexpr size_t kFewestRowsToTellApart = 20;
constexpr uint64_t kMissingBits = 0x7ff8000000000000ULL;

// A number as bits that are equal exactly if the numbers are.
uint64_t BitsOf(double value) {
  if (std::isnan(value)) return kMissingBits;
  return std::bit_cast<uint64_t>(value == 0.0 ? 0.0 : value);
}

// What of a cell of the column counts.
uint64_t CellBits(const Column& column, int64_t row, RowPrecision precision) {
  if (column.kind == FeatureKind::kCategorical) return static_cast<uint64_t>(column.codes[row]);
  const double value = column.numbers[row];
  if (precision == RowPrecision::kExact) return BitsOf(value);
  return BitsOf(static_cast<float>(column.kind == FeatureKind::kTime ? value / 3600.0 : value));
}

// One step of wyhash-like mixing: a 64×64-bit product, folded.
uint64_t Mix(uint64_t hash, uint64_t bits) {
  __extension__ using Uint128 = unsigned __int128;
  const Uint128 product =
      static_cast<Uint128>(hash ^ 0xa0761d6478bd642fULL) * static_cast<Uint128>(bits ^ 0xe7037ed1a0b428dbULL);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64) ^ std::rotl(hash, 23);
}

bool AreEqual(const Table& table, int64_t a, int64_t b, RowPrecision precision) {
  return std::all_of(table.columns().begin(), table.columns().end(), [&](const Column& column) {
    return CellBits(column, a, precision) == CellBits(column, b, precision);
  });
}

}  // namespace

std::vector<int64_t> FirstEqualRows(const Table& table, absl::Span<const int64_t> rows, RowPrecision precision) {
  std::vector<uint64_t> hashes(rows.size(), 0);
  for (const Column& column : table.columns()) {
    for (size_t i = 0; i < rows.size(); ++i) hashes[i] = Mix(hashes[i], CellBits(column, rows[i], precision));
  }
  std::vector<int64_t> first(table.rows(), -1);
  absl::flat_hash_map<uint64_t, int64_t> row_of;
  row_of.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t row = rows[i];
    // Different rows of one hash move on to the next hash of the chain.
    for (uint64_t hash = hashes[i];; hash = Mix(hash, 1)) {
      const auto [entry, added] = row_of.try_emplace(hash, row);
      if (!added && !AreEqual(table, entry->second, row, precision)) continue;
      first[row] = entry->second;
      break;
    }
  }
  return first;
}

std::vector<int64_t> WithoutDuplicates(const Table& table, absl::Span<const int64_t> rows) {
  const std::vector<int64_t> first = FirstEqualRows(table, rows, RowPrecision::kExact);
  std::vector<int64_t> distinct;
  distinct.reserve(rows.size());
  for (const int64_t row : rows) {
    if (first[row] == row) distinct.push_back(row);
  }
  return distinct;
}

bool TellsRowsApart(const Column& column, absl::Span<const int64_t> distinct_rows) {
  if (column.kind == FeatureKind::kTime) {
    return std::any_of(distinct_rows.begin(), distinct_rows.end(), [&](int64_t row) { return !column.IsMissing(row); });
  }
  if (distinct_rows.size() < kFewestRowsToTellApart) return false;
  const bool words = column.kind == FeatureKind::kCategorical;
  absl::flat_hash_set<uint64_t> seen;
  double least = 0.0, most = 0.0, last = 0.0;
  bool rises = true, falls = true;
  for (const int64_t row : distinct_rows) {
    if (column.IsMissing(row)) return false;
    if (!seen.insert(CellBits(column, row, RowPrecision::kExact)).second) return false;
    if (words) continue;
    const double value = column.numbers[row];
    if (value != std::floor(value)) return false;
    if (seen.size() == 1) {
      least = most = value;
    } else {
      rises &= value > last;
      falls &= value < last;
    }
    least = std::min(least, value);
    most = std::max(most, value);
    last = value;
  }
  return words || rises || falls || most - least + 1.0 <= 1.5 * static_cast<double>(distinct_rows.size());
}

}  // namespace roicast
