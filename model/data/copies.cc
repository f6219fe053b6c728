#include "model/data/copies.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr size_t kFewestRowsToTellApart = 20;
constexpr size_t kRowsBetweenStops = 65536;
constexpr size_t kFree = std::numeric_limits<size_t>::max();
constexpr uint64_t kMissingBits = 0x7ff8000000000000ULL;

// A number as bits that are equal exactly if the numbers are.
uint64_t BitsOf(double value) {
  if (std::isnan(value)) return kMissingBits;
  return std::bit_cast<uint64_t>(value == 0.0 ? 0.0 : value);
}

// Returns use(bits), where bits(row) is a word of the cell in that row. Cells are equal exactly if their words are.
template <typename Use>
decltype(auto) WithCellBits(const Column& column, RowPrecision precision, const Use& use) {
  if (column.kind == FeatureKind::kCategorical) {
    return use([&codes = column.codes](int64_t row) { return static_cast<uint64_t>(codes[row]); });
  }
  const PackedNumbers& numbers = column.numbers;
  if (precision == RowPrecision::kExact) {
    return use([&numbers](int64_t row) { return BitsOf(numbers[row]); });
  }
  const double unit = column.kind == FeatureKind::kTime ? 3600.0 : 1.0;
  return use([&numbers, unit](int64_t row) { return BitsOf(static_cast<float>(numbers[row] / unit)); });
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
    return WithCellBits(column, precision, [&](const auto& bits) { return bits(a) == bits(b); });
  });
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> FirstEqualRows(const Table& table, absl::Span<const int64_t> rows,
                                                    RowPrecision precision, const StopCheck& stop) {
  std::vector<uint64_t> hashes(rows.size(), 0);
  for (const Column& column : table.columns()) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    WithCellBits(column, precision, [&](const auto& bits) {
      for (size_t i = 0; i < rows.size(); ++i) hashes[i] = Mix(hashes[i], bits(rows[i]));
    });
  }
  RareStopCheck rare(&stop, kRowsBetweenStops);
  // Open addressing at most half full: positions in `rows`. Several times as fast as a hash map at a million rows.
  std::vector<size_t> slots(std::bit_ceil(2 * rows.size() + 1), kFree);
  std::vector<int64_t> first(table.rows(), -1);
  for (size_t i = 0; i < rows.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    size_t slot = hashes[i] & (slots.size() - 1);
    while (slots[slot] != kFree &&
           !(hashes[slots[slot]] == hashes[i] && AreEqual(table, rows[slots[slot]], rows[i], precision))) {
      slot = (slot + 1) & (slots.size() - 1);
    }
    if (slots[slot] == kFree) slots[slot] = i;
    first[rows[i]] = rows[slots[slot]];
  }
  return first;
}

std::vector<int64_t> FirstEqualRows(const Table& table, absl::Span<const int64_t> rows, RowPrecision precision) {
  return *FirstEqualRows(table, rows, precision, nullptr);
}

absl::StatusOr<std::vector<int64_t>> WithoutDuplicates(const Table& table, absl::Span<const int64_t> rows,
                                                       const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> first, FirstEqualRows(table, rows, RowPrecision::kExact, stop));
  std::vector<int64_t> distinct;
  distinct.reserve(rows.size());
  for (const int64_t row : rows) {
    if (first[row] == row) distinct.push_back(row);
  }
  return distinct;
}

std::vector<int64_t> WithoutDuplicates(const Table& table, absl::Span<const int64_t> rows) {
  return *WithoutDuplicates(table, rows, nullptr);
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
    const double value = words ? column.codes[row] : column.numbers[row];
    if (!seen.insert(BitsOf(value)).second) return false;
    if (words) continue;
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
