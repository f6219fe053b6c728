// Lines of the numbers that move with the spend, and what words of categorical features add to them.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "model/data/moves_with_spend.h"
#include "model/data/table.h"
#include "model/training/preparation/moves/logarithms.h"

namespace roicast {

// Refers to what it is made with.
class CompanionFits {
 public:
  CompanionFits(const Table& features, int spend, absl::Span<const int64_t> rows, const CategoriesOfRows& categories)
      : features_(features), spend_(spend), rows_(rows), categories_(categories) {}

  // Fits a line to all rows that have a value, so that products of such lines are kept (MovesWithSpend). Its slope is
  // the one within the first `slope_categoricals`. False: elasticity or level are larger than MovesWithSpend allows,
  // and there is no such line.
  bool Add(int feature, size_t slope_categoricals);

  size_t size() const { return fits_.size(); }

  // The lines in the order of Add, with what words add where it matters. A word is kept if each line knows it: from
  // five values, or because its rows usually lack them.
  std::vector<SpendCompanion> Take();

 private:
  struct Fit {
    SpendCompanion line;
    // Of words: their levels, how many values these are from, and what they add to the share of rows that lack one;
    // `lacking` is empty if no row does.
    CategoriesOfRows::Effects levels, values, lacking;
    // Variance of the mean of one row by chance.
    double chance_of_level = 0.0, chance_of_lacking = 0.0;
  };

  void MeasureSpread(const Logarithms& own, Fit& fit) const;
  void MeasureLacking(const Logarithms& values, Fit& fit) const;
  bool Lacks(const Fit& fit, size_t k, size_t word) const;
  bool IsKnown(size_t k, size_t word) const;
  double VarianceOfLevels(const Fit& fit, size_t k) const;
  double VarianceOfLacking(const Fit& fit, size_t k) const;
  double LevelsMatter(size_t k) const;
  double LackingMatters(size_t k) const;
  std::vector<bool> KeptCategoricals() const;
  void AddWords(const Fit& fit, size_t k, SpendCompanion& line) const;

  const Table& features_;
  const int spend_;
  const absl::Span<const int64_t> rows_;
  const CategoriesOfRows& categories_;
  const CategoriesOfRows::Effects rows_of_words_ = categories_.ValuesOfWords(Logarithms(rows_.size(), 0.0));
  std::vector<Fit> fits_;
  Logarithms first_own_;
};

}  // namespace roicast
