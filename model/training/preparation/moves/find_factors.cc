#include "model/training/preparation/moves/find_factors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/status_macros.h"

namespace roicast {
namespace {

// All factors together leave a tenth of what all but one leave, at most.
constexpr double kFactorLeaves = 0.1;
// What is left of a column beside others is rounding.
constexpr double kRounding = 1e-9;
constexpr size_t kMostColumns = kFactorsOfProduct + 1;
constexpr double kAll = 1.0, kNothing = 0.0;

// Sums of products of columns, of which the last one is the spend.
struct Gram {
  size_t columns = 0;
  size_t rows = 0;
  std::array<std::array<double, kMostColumns>, kMostColumns> sums = {};
};

// In the rows that have all values.
Gram GramOf(absl::Span<const Logarithms* const> columns) {
  Gram gram;
  gram.columns = columns.size();
  std::array<double, kMostColumns> row;
  for (size_t i = 0; i < columns.front()->size(); ++i) {
    double sum = 0.0;
    for (size_t c = 0; c < columns.size(); ++c) sum += row[c] = (*columns[c])[i];
    if (std::isnan(sum)) continue;
    ++gram.rows;
    for (size_t a = 0; a < columns.size(); ++a) {
      for (size_t b = a; b < columns.size(); ++b) gram.sums[a][b] += row[a] * row[b];
    }
  }
  return gram;
}

// The share of the spend's squares that is left by the columns but `without` (−1: by all of them), by elimination; all
// of it if one of them follows from others.
double LeftOf(const Gram& gram, int without = -1) {
  auto sums = gram.sums;
  const size_t spend = gram.columns - 1;
  if (gram.rows < kFewestRowsOfProduct || !(gram.sums[spend][spend] > 0.0)) return kAll;
  for (size_t c = 0; c < spend; ++c) {
    if (static_cast<int>(c) == without) continue;
    if (!(sums[c][c] > kRounding * gram.sums[c][c])) return kAll;
    for (size_t a = c + 1; a <= spend; ++a) {
      for (size_t b = a; b <= spend; ++b) sums[a][b] -= sums[c][a] * sums[c][b] / sums[c][c];
    }
  }
  return std::max(kNothing, sums[spend][spend]) / gram.sums[spend][spend];
}

class FactorSearch {
 public:
  FactorSearch(const CategoriesOfRows& categories, const Logarithms& spend,
               absl::Span<const Logarithms* const> candidates)
      : categories_(categories), spend_(spend), candidates_(candidates) {}

  absl::StatusOr<std::vector<size_t>> Run(const StopCheck& stop) const {
    std::vector<bool> found(candidates_.size());
    for (size_t first = 0; first < candidates_.size(); ++first) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop));
      std::vector<size_t> factors = {first};
      while (factors.size() < kFactorsOfProduct) {
        const std::optional<size_t> next = NextFactor(factors);
        if (!next.has_value()) break;
        factors.push_back(*next);
        if (!GiveSpend(factors)) continue;
        for (const size_t factor : factors) found[factor] = true;
        break;
      }
    }
    std::vector<size_t> positions;
    for (size_t c = 0; c < found.size(); ++c) {
      if (found[c]) positions.push_back(c);
    }
    return positions;
  }

 private:
  std::vector<const Logarithms*> ColumnsOf(const std::vector<size_t>& factors) const {
    std::vector<const Logarithms*> columns;
    for (const size_t factor : factors) columns.push_back(candidates_[factor]);
    columns.push_back(&spend_);
    return columns;
  }

  // The one that leaves least of the spend, beside these.
  std::optional<size_t> NextFactor(const std::vector<size_t>& factors) const {
    std::optional<size_t> next;
    double least = kAll;
    for (size_t c = 0; c < candidates_.size(); ++c) {
      if (std::find(factors.begin(), factors.end(), c) != factors.end()) continue;
      std::vector<size_t> tried = factors;
      tried.push_back(c);
      const double left = LeftOf(GramOf(ColumnsOf(tried)));
      if (left < least) least = left, next = c;
    }
    return next;
  }

  // Whether the spend is known by all of them, and much worse without any one of them.
  bool GiveSpend(const std::vector<size_t>& factors) const {
    const Gram gram = ExactGramOf(factors);
    // Less is rounding, of which one set leaves as little as another.
    const double left = std::max(kRounding, LeftOf(gram));
    if (left > 1.0 - kProductR2) return false;
    for (size_t without = 0; without < factors.size(); ++without) {
      if (left > kFactorLeaves * LeftOf(gram, static_cast<int>(without))) return false;
    }
    return true;
  }

  // Categories are taken off each column once more where it had other rows: a product of numbers is one of what is left
  // of them only if the same is taken off.
  Gram ExactGramOf(const std::vector<size_t>& factors) const {
    const std::vector<const Logarithms*> columns = ColumnsOf(factors);
    Gram gram = GramOf(columns);
    if (gram.rows == spend_.size()) return gram;
    std::vector<Logarithms> complete;
    for (const Logarithms* const column : columns) complete.push_back(*column);
    for (size_t i = 0; i < spend_.size(); ++i) {
      const bool gap = std::any_of(columns.begin(), columns.end(),
                                   [i](const Logarithms* column) { return std::isnan((*column)[i]); });
      if (!gap) continue;
      for (Logarithms& column : complete) column[i] = std::numeric_limits<double>::quiet_NaN();
    }
    std::vector<const Logarithms*> within;
    const size_t count = categories_.CountFor(complete.front());
    for (Logarithms& column : complete) {
      categories_.TakeOff(column, count);
      within.push_back(&column);
    }
    return GramOf(within);
  }

  const CategoriesOfRows& categories_;
  const Logarithms& spend_;
  const absl::Span<const Logarithms* const> candidates_;
};

}  // namespace

absl::StatusOr<std::vector<size_t>> FindFactors(const CategoriesOfRows& categories, const Logarithms& spend,
                                                absl::Span<const Logarithms* const> candidates, const StopCheck& stop) {
  return FactorSearch(categories, spend, candidates).Run(stop);
}

}  // namespace roicast
