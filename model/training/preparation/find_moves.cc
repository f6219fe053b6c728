#include "model/training/preparation/find_moves.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "model/training/preparation/moves/companion_fits.h"
#include "model/training/preparation/moves/logarithms.h"
#include "model/training/preparation/moves/spend_lines.h"

namespace roicast {
namespace {

// Of the rows that are looked at, so many have a value of what moves.
constexpr double kLeastShare = 0.05;
constexpr uint64_t kSeed = 104;

// Those with a spend, in their order, of a random choice: each second row may be that of one channel.
std::vector<int64_t> RowsToCompare(const PackedNumbers& spends, absl::Span<const int64_t> rows) {
  const size_t most = std::min(rows.size(), kMostRowsCompared);
  Random random(kSeed);
  std::vector<int64_t> compared;
  compared.reserve(most);
  // Knuth, The Art of Computer Programming, volume 2, section 3.4.2, algorithm S.
  size_t wanted = most;
  for (size_t i = 0; i < rows.size() && wanted > 0; ++i) {
    if (random.Below(rows.size() - i) >= wanted) continue;
    --wanted;
    if (spends[static_cast<size_t>(rows[i])] > 0.0) compared.push_back(rows[i]);
  }
  return compared;
}

double VarianceOf(const Logarithms& centred) {
  double squares = 0.0;
  for (const double value : centred) squares += value * value;
  return squares / static_cast<double>(centred.size());
}

// A number that may move.
struct MovingCandidate {
  int feature = 0;
  double r2 = 0.0;  // what ln of the spend explains of it
  bool moves = false;
  std::vector<SpendLine> lines;
};

// The logarithms of those that may be factors of the spend.
class LikelyFactors {
 public:
  void Offer(size_t candidate, double r2, const Logarithms& within) {
    // What gives the spend alone moves anyway, and would stand in for the factors.
    if (r2 >= kProductR2) return;
    // Of equal ones, the first stays.
    const auto at = std::upper_bound(kept_.begin(), kept_.end(), r2, [](double a, const Kept& b) { return a > b.r2; });
    if (at == kept_.end() && kept_.size() == kMostFactors) return;
    kept_.insert(at, {candidate, r2, within});
    if (kept_.size() > kMostFactors) kept_.pop_back();
  }

  // Sets `moves` of those that give the spend together.
  absl::Status Find(const CategoriesOfRows& categories, const Logarithms& spend, const StopCheck& stop,
                    std::vector<MovingCandidate>& candidates) const {
    std::vector<const Logarithms*> columns;
    for (const Kept& kept : kept_) columns.push_back(&kept.within);
    ROICAST_ASSIGN_OR_RETURN(const std::vector<size_t> factors, FindFactors(categories, spend, columns, stop));
    for (const size_t factor : factors) candidates[kept_[factor].candidate].moves = true;
    return absl::OkStatus();
  }

  // Replaces the logarithms: of(candidate).
  template <typename Of>
  void Replace(const Of& of) {
    for (Kept& kept : kept_) kept.within = of(kept.candidate);
  }

 private:
  struct Kept {
    size_t candidate = 0;
    double r2 = 0.0;
    Logarithms within;
  };
  std::vector<Kept> kept_;  // by r2, from high to low
};

// The numbers that move with the spend of rows.
class MovesSearch {
 public:
  MovesSearch(const Table& features, int spend, std::vector<int64_t> compared)
      : features_(features),
        spend_(spend),
        compared_(std::move(compared)),
        categories_(features, compared_),
        spends_(LogarithmsOf(features.column(spend).numbers, compared_)),
        categoricals_(categories_.CountFor(spends_)) {}

  absl::StatusOr<FoundMoves> Run(const Schema& schema, const StopCheck& stop) {
    Logarithms plain = spends_;
    categories_.TakeOff(plain, 0);
    if (VarianceOf(plain) < kLeastVariance) return FoundMoves();
    Logarithms within = spends_;
    categories_.TakeOff(within, categoricals_);
    for (int f = 0; f < schema.size(); ++f) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop));
      if (f != spend_ && schema.features[static_cast<size_t>(f)].kind == FeatureKind::kNumeric) Compare(f);
    }
    if (VarianceOf(within) >= kLeastVariance) {
      ROICAST_RETURN_IF_ERROR(likely_.Find(categories_, within, stop, candidates_));
    }
    // Rounded costs hide a product in the little that steady budgets leave.
    if (VarianceOf(within) < kSteadySpend * VarianceOf(plain)) {
      likely_.Replace([this](size_t candidate) {
        Logarithms values = Of(candidates_[candidate].feature);
        categories_.TakeOff(values, 0);
        return values;
      });
      ROICAST_RETURN_IF_ERROR(likely_.Find(CategoriesOfRows(), plain, stop, candidates_));
    }
    std::erase_if(candidates_, [](const MovingCandidate& candidate) { return !candidate.moves; });
    return Fit(
        absl::MakeConstSpan(candidates_).first(std::min(candidates_.size(), static_cast<size_t>(kMostMovingFeatures))),
        stop);
  }

 private:
  Logarithms Of(int feature) const { return LogarithmsOf(features_.column(feature).numbers, compared_); }

  // Adds a number with enough values to the candidates.
  void Compare(int feature) {
    Logarithms y = Of(feature);
    const size_t count = CountOf(y);
    const double fewest =
        std::max(static_cast<double>(kFewestRowsCompared), kLeastShare * static_cast<double>(compared_.size()));
    if (static_cast<double>(count) < fewest) return;
    Logarithms x = spends_;
    for (size_t i = 0; i < y.size(); ++i) {
      if (std::isnan(y[i])) x[i] = y[i];
    }
    std::vector<SpendLine> lines = SpendLinesOf(categories_, x, y);
    if (!std::isfinite(lines.front().slope_error)) return;
    if (lines.size() != categoricals_ + 1) {
      y = Of(feature);
      categories_.TakeOff(y, categoricals_);
    }
    const double within = lines.back().r2;
    const std::optional<double> moving = MovingR2Of(lines, kMovingR2);
    candidates_.push_back({feature, moving.value_or(within), moving.has_value(), std::move(lines)});
    likely_.Offer(candidates_.size() - 1, within, y);
  }

  // Of each of these: within how many categorical features its slope is, as for all with values in the same rows.
  std::vector<size_t> SlopeCategoricals(absl::Span<const MovingCandidate> moving) const {
    std::map<std::vector<bool>, std::vector<size_t>> by_rows;
    for (size_t c = 0; c < moving.size(); ++c) {
      std::vector<bool> has;
      for (const double value : Of(moving[c].feature)) has.push_back(!std::isnan(value));
      by_rows[std::move(has)].push_back(c);
    }
    std::vector<size_t> counts(moving.size());
    for (const auto& [rows, same] : by_rows) {
      std::vector<const std::vector<SpendLine>*> lines;
      for (const size_t c : same) lines.push_back(&moving[c].lines);
      for (const size_t c : same) counts[c] = CategoricalsForSlopes(lines, kMovingR2);
    }
    return counts;
  }

  absl::StatusOr<FoundMoves> Fit(absl::Span<const MovingCandidate> moving, const StopCheck& stop) const {
    FoundMoves found;
    CompanionFits fits(features_, spend_, compared_, categories_);
    const std::vector<size_t> slope_categoricals = SlopeCategoricals(moving);
    for (size_t c = 0; c < moving.size(); ++c) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop));
      if (fits.Add(moving[c].feature, slope_categoricals[c])) found.r2.push_back(moving[c].r2);
    }
    if (fits.size() > 0) found.moves = {spend_, fits.Take()};
    return found;
  }

  const Table& features_;
  const int spend_;
  const std::vector<int64_t> compared_;
  const CategoriesOfRows categories_;
  const Logarithms spends_;
  const size_t categoricals_;  // as many as are taken off of what has values in all rows
  std::vector<MovingCandidate> candidates_;
  LikelyFactors likely_;
};

std::string QuotedNames(const Schema& schema, const std::vector<SpendCompanion>& features) {
  constexpr size_t kMostNames = 8;
  std::vector<std::string> names;
  for (const SpendCompanion& moving : features) {
    if (names.size() == kMostNames) break;
    names.push_back(absl::StrCat("\"", schema.features[static_cast<size_t>(moving.feature)].name, "\""));
  }
  if (features.size() > kMostNames) names.push_back(absl::StrCat(features.size() - kMostNames, " more"));
  if (names.size() == 1) return names.front();
  const std::string last = names.back();
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " and ", last);
}

}  // namespace

absl::StatusOr<FoundMoves> FindMovesWithSpend(const Schema& schema, const Table& features,
                                              absl::Span<const int64_t> rows, int spend, const StopCheck& stop) {
  std::vector<int64_t> compared = RowsToCompare(features.column(spend).numbers, rows);
  if (compared.size() < kFewestRowsCompared) return FoundMoves();
  return MovesSearch(features, spend, std::move(compared)).Run(schema, stop);
}

uint64_t FindMovesBytes(const Table& features) {
  // Logarithms of the spend and of a number, and a few copies of those of a product.
  constexpr uint64_t kColumns = 12;
  const auto numbers =
      static_cast<uint64_t>(std::count_if(features.columns().begin(), features.columns().end(),
                                          [](const Column& column) { return column.kind == FeatureKind::kNumeric; }));
  const uint64_t columns = std::min<uint64_t>(numbers, kMostFactors) + kColumns;
  const uint64_t rows = std::min<uint64_t>(static_cast<uint64_t>(features.rows()), kMostRowsCompared);
  // Levels, values and shares of words, of each line.
  constexpr uint64_t kOfWords = 3;
  const auto words = static_cast<uint64_t>(features.columns().size()) - numbers;
  const uint64_t levels = kOfWords * std::min<uint64_t>(numbers, static_cast<uint64_t>(kMostMovingFeatures)) *
                          std::min<uint64_t>(words, CategoriesOfRows::kMostCategoricals) /
                          CategoriesOfRows::kFewestRowsPerWord;
  return rows * ((columns + levels) * sizeof(double) + CategoriesOfRows::kMostCategoricals * sizeof(int32_t) +
                 sizeof(int64_t));
}

std::optional<DataWarning> MovesWarning(const Schema& schema, const FoundMoves& found) {
  const MovesWithSpend& moves = found.moves;
  if (moves.empty()) return std::nullopt;
  const bool one = moves.features.size() == 1;
  const std::string& spend = schema.features[static_cast<size_t>(moves.spend)].name;
  DataWarning warning;
  warning.serious = true;
  if (one) warning.column = schema.features[static_cast<size_t>(moves.features.front().feature)].name;
  const double lowest = *std::min_element(found.r2.begin(), found.r2.end());
  const std::string how = lowest >= kMovingR2
                              ? absl::StrFormat("R2 of the logarithms %s%.2f", one ? "" : "at least ", lowest)
                              : std::string("together they give it");
  warning.message =
      absl::StrCat(QuotedNames(schema, moves.features), one ? " moves" : " move", " with \"", spend, "\" (", how,
                   "): the model cannot tell what more spend brings from what ", one ? "it brings" : "they bring",
                   ". Curves, budgets and plans move ", one ? "it" : "them",
                   " along with the spend as in these rows, and are wrong where a campaign does not follow that. To "
                   "learn what spend "
                   "brings by itself, leave ",
                   one ? "it" : "them", " out");
  std::vector<std::string> flags;
  for (const SpendCompanion& moving : moves.features) {
    flags.push_back(ColumnFlag("--exclude", "", schema.features[static_cast<size_t>(moving.feature)].name));
  }
  warning.flags = {absl::StrJoin(flags, " ")};
  return warning;
}

}  // namespace roicast
