#include "model/data/moves_with_spend.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/tables/vocabulary_index.h"

namespace roicast {
namespace {

absl::Status UnexpectedMove(absl::string_view field, absl::string_view expected, double got) {
  return absl::InvalidArgumentError(absl::StrCat("moves_with_spend.", field, ": expected ", expected, ", got ", got));
}

bool IsNumericFeature(const Schema& schema, int feature) {
  return feature >= 0 && feature < schema.size() &&
         schema.features[static_cast<size_t>(feature)].kind == FeatureKind::kNumeric;
}

bool IsCategorical(const Schema& schema, int feature) {
  return feature >= 0 && feature < schema.size() &&
         schema.features[static_cast<size_t>(feature)].kind == FeatureKind::kCategorical;
}

bool IsWithin(double value, double most) { return std::isfinite(value) && std::abs(value) <= most; }

bool IsUsable(float value) { return value > 0.0f && std::isfinite(value); }

// Whether the value is the row's own, so that another spend moves it. What is not above 0 has no logarithm, and so no
// distance from the line that it could keep: clicks of 0 would be 0 at any spend.
bool IsOwn(const SpendCompanion& moving, int spend, const float* row) {
  return IsUsable(row[spend]) && IsUsable(row[moving.feature]);
}

bool IsBefore(const WordLevel& a, const WordLevel& b) {
  return a.feature != b.feature ? a.feature < b.feature : a.code < b.code;
}

// The words of one categorical feature.
struct LevelsOfFeature {
  size_t begin = 0, end = 0;
  int feature = -1;
};

// Calls visit(LevelsOfFeature) for each categorical feature.
template <typename Visit>
void ForEachFeature(const std::vector<WordLevel>& words, const Visit& visit) {
  for (size_t begin = 0; begin < words.size();) {
    const int feature = words[begin].feature;
    const auto behind = std::partition_point(words.begin() + static_cast<std::ptrdiff_t>(begin), words.end(),
                                             [feature](const WordLevel& word) { return word.feature == feature; });
    const auto end = static_cast<size_t>(behind - words.begin());
    visit(LevelsOfFeature{begin, end, feature});
    begin = end;
  }
}

// Of the row's word; nullptr: it has none.
const WordLevel* LevelIn(const std::vector<WordLevel>& words, const LevelsOfFeature& of, const float* row) {
  const float value = row[of.feature];
  if (std::isinf(value) || value < 0.0f || value > kUnseenCode) return nullptr;
  const int code = std::isnan(value) ? kMissingCode : static_cast<int>(value);
  const auto first = words.begin() + static_cast<std::ptrdiff_t>(of.begin);
  const auto last = words.begin() + static_cast<std::ptrdiff_t>(of.end);
  const auto at = std::lower_bound(first, last, WordLevel{of.feature, code}, IsBefore);
  return at != last && at->code == code ? &*at : nullptr;
}

double UsualLevel(const SpendCompanion& moving, const float* row) {
  double level = moving.level;
  ForEachFeature(moving.words, [&](const LevelsOfFeature& of) {
    if (const WordLevel* word = LevelIn(moving.words, of, row)) level += word->level;
  });
  return level;
}

// Whether rows with the row's words usually have no value.
bool UsuallyLacks(const SpendCompanion& moving, const float* row) {
  if (moving.lacking == 0.0) return false;
  double lacking = moving.lacking;
  ForEachFeature(moving.words, [&](const LevelsOfFeature& of) {
    if (const WordLevel* word = LevelIn(moving.words, of, row)) lacking += word->lacking;
  });
  return lacking > SpendCompanion::kMostLacking;
}

// Whether SetSpend makes up the value at another spend than the row's.
bool IsFilledIn(const SpendCompanion& moving, int spend, const float* row) {
  return !IsOwn(moving, spend, row) && !UsuallyLacks(moving, row);
}

// What is not known of a level, together with `spread`: levels of words.
class Unknown {
 public:
  Unknown(const SpendCompanion& moving, const SpendCompanion& first) : moving_(moving), first_(first) {}

  void Add(const LevelsOfFeature& of) {
    const auto first = moving_.words.begin() + static_cast<std::ptrdiff_t>(of.begin);
    const auto last = moving_.words.begin() + static_cast<std::ptrdiff_t>(of.end);
    const bool any = std::any_of(first, last, [this](const WordLevel& word) { return HasLevel(word); });
    double squares = 0.0, count = 0.0;
    for (size_t i = of.begin; i < of.end; ++i) {
      const WordLevel& word = moving_.words[i];
      if (any && !HasLevel(word)) continue;
      squares += word.level * word.level;
      along_ += word.level * first_.words[i].level;
      count += 1.0;
    }
    variance_ += squares / count;
  }
  // Standard deviation.
  double OfWords() const { return std::sqrt(variance_); }
  // The same of both, below 0 where it goes against that of the first feature.
  double Deviation() const {
    const double own = std::abs(moving_.spread);
    return std::copysign(std::hypot(own, OfWords()), own > OfWords() ? moving_.spread : along_);
  }

 private:
  // The level of a word whose rows lack a value is nobody's.
  bool HasLevel(const WordLevel& word) const { return moving_.lacking + word.lacking <= SpendCompanion::kMostLacking; }

  const SpendCompanion& moving_;
  const SpendCompanion& first_;
  double variance_ = 0.0, along_ = 0.0;
};

Unknown UnknownOf(const SpendCompanion& moving, const SpendCompanion& first, const float* row) {
  Unknown unknown(moving, first);
  ForEachFeature(moving.words, [&](const LevelsOfFeature& of) {
    if (LevelIn(moving.words, of, row) == nullptr) unknown.Add(of);
  });
  return unknown;
}

// Words of a table to those of a schema.
class WordsBetween {
 public:
  WordsBetween(const Table& own, const Schema& other, const std::vector<WordLevel>& words) : own_(own), other_(other) {
    ForEachFeature(words, [&](const LevelsOfFeature& of) {
      const int feature = other.IndexOf(own.column(of.feature).name);
      if (!IsCategorical(other, feature)) return;
      indices_.emplace(of.feature, VocabularyIndex(other.features[static_cast<size_t>(feature)].vocabulary));
    });
  }

  // feature −1: there is no such word.
  WordLevel Translate(WordLevel word) const {
    const auto index = indices_.find(word.feature);
    if (index == indices_.end()) return {};
    const Column& column = own_.column(word.feature);
    if (word.code != kMissingCode) word.code = index->second.Find(column.dictionary[static_cast<size_t>(word.code)]);
    if (word.code == VocabularyIndex::kUnseen) return {};
    word.feature = other_.IndexOf(column.name);
    return word;
  }

 private:
  const Table& own_;
  const Schema& other_;
  absl::flat_hash_map<int, VocabularyIndex> indices_;
};

absl::Status CheckWords(const MovesWithSpend& moves, const Schema& schema) {
  const std::vector<WordLevel>& words = moves.features.front().words;
  if (words.size() * moves.features.size() > static_cast<size_t>(kMostWordLevels)) {
    return UnexpectedMove("features", absl::StrCat("at most ", kMostWordLevels, " levels of words"),
                          static_cast<double>(words.size() * moves.features.size()));
  }
  for (size_t i = 0; i < moves.features.size(); ++i) {
    const std::vector<WordLevel>& own = moves.features[i].words;
    if (own.size() != words.size()) {
      return UnexpectedMove(absl::StrCat("features[", i, "].words"), absl::StrCat(words.size(), ", as of the first"),
                            static_cast<double>(own.size()));
    }
    for (size_t w = 0; w < own.size(); ++w) {
      const auto field = [&](absl::string_view name) {
        return absl::StrCat("features[", i, "].words[", w, "].", name);
      };
      const WordLevel& word = own[w];
      if (!IsCategorical(schema, word.feature)) {
        return UnexpectedMove(field("feature"), "a categorical feature", word.feature);
      }
      const auto vocabulary = schema.features[static_cast<size_t>(word.feature)].vocabulary.size();
      if (word.code < kMissingCode || word.code >= static_cast<int>(vocabulary)) {
        return UnexpectedMove(field("code"), absl::StrCat("a word's, below ", vocabulary, ", or -1"), word.code);
      }
      if (word.feature != words[w].feature || word.code != words[w].code || (w > 0 && !IsBefore(own[w - 1], word))) {
        return UnexpectedMove(field("code"), "ascending words, the same of all features", word.code);
      }
      if (!IsWithin(word.level, SpendCompanion::kMostLevel)) {
        return UnexpectedMove(field("level"), "a number from -500 to 500", word.level);
      }
      if (!IsWithin(word.lacking, 1.0)) {
        return UnexpectedMove(field("lacking"), "a number from -1 to 1", word.lacking);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool MovesWithSpend::Moves(int feature) const {
  return std::any_of(features.begin(), features.end(),
                     [&](const SpendCompanion& moving) { return moving.feature == feature; });
}

void MovesWithSpend::SetSpend(const Schema& schema, float to, float* row, double deviations) const {
  constexpr double kMost = std::numeric_limits<float>::max();
  const float from = row[spend];
  if (!IsUsable(to)) {
    row[spend] = to;
    return;
  }
  for (const SpendCompanion& moving : features) {
    float& value = row[moving.feature];
    if (from == to && std::isfinite(value)) continue;
    double moved = 0.0;
    if (IsOwn(moving, spend, row)) {
      moved = value * std::pow(static_cast<double>(to) / from, moving.elasticity);
    } else {
      if (UsuallyLacks(moving, row)) continue;
      double level = UsualLevel(moving, row);
      if (deviations != 0.0) level += deviations * UnknownOf(moving, features.front(), row).Deviation();
      moved = std::exp(level + moving.elasticity * std::log(static_cast<double>(to)));
    }
    const Feature& feature = schema.features[static_cast<size_t>(moving.feature)];
    const double allowed = std::clamp(std::clamp(moved, -kMost, kMost), feature.allowed_min, feature.allowed_max);
    if (feature.Allows(static_cast<float>(allowed))) value = static_cast<float>(allowed);
  }
  row[spend] = to;
}

bool MovesWithSpend::FillsIn(const float* row) const {
  return std::any_of(features.begin(), features.end(),
                     [&](const SpendCompanion& moving) { return IsFilledIn(moving, spend, row); });
}

double MovesWithSpend::UnknownLevel(const float* row) const {
  double most = 0.0;
  for (const SpendCompanion& moving : features) {
    if (IsFilledIn(moving, spend, row)) most = std::max(most, UnknownOf(moving, features.front(), row).OfWords());
  }
  return most;
}

std::vector<int> MovesWithSpend::LevelFeatures() const {
  std::vector<int> categoricals;
  if (empty()) return categoricals;
  ForEachFeature(features.front().words, [&](const LevelsOfFeature& of) { categoricals.push_back(of.feature); });
  return categoricals;
}

MovesWithSpend MovesWithSpend::For(const Table& own, const Schema& other) const {
  const auto index_of = [&](int feature) { return other.IndexOf(own.column(feature).name); };
  MovesWithSpend moves;
  if (empty() || index_of(spend) < 0) return moves;
  moves.spend = index_of(spend);
  const WordsBetween between(own, other, features.front().words);
  for (const SpendCompanion& of_own : features) {
    if (index_of(of_own.feature) < 0) continue;
    SpendCompanion& moving = moves.features.emplace_back(of_own);
    moving.feature = index_of(of_own.feature);
    moving.words.clear();
    Unknown lost(of_own, features.front());
    ForEachFeature(of_own.words, [&](const LevelsOfFeature& of) {
      const size_t before = moving.words.size();
      for (size_t i = of.begin; i < of.end; ++i) {
        const WordLevel word = between.Translate(of_own.words[i]);
        if (word.feature >= 0) moving.words.push_back(word);
      }
      if (moving.words.size() == before) lost.Add(of);
    });
    moving.spread = std::clamp(lost.Deviation(), -SpendCompanion::kMostLevel, SpendCompanion::kMostLevel);
    std::stable_sort(moving.words.begin(), moving.words.end(), IsBefore);
    // Spellings that the other schema takes for one word.
    const auto is_same = [](const WordLevel& a, const WordLevel& b) { return !IsBefore(a, b); };
    moving.words.erase(std::unique(moving.words.begin(), moving.words.end(), is_same), moving.words.end());
  }
  std::sort(moves.features.begin(), moves.features.end(),
            [](const SpendCompanion& a, const SpendCompanion& b) { return a.feature < b.feature; });
  return moves;
}

absl::Status MovesWithSpend::Validate(const Schema& schema) const {
  if (empty()) return absl::OkStatus();
  if (!IsNumericFeature(schema, spend)) return UnexpectedMove("spend", "a numeric feature", spend);
  if (features.size() > static_cast<size_t>(kMostMovingFeatures)) {
    return UnexpectedMove("features", absl::StrCat("at most ", kMostMovingFeatures),
                          static_cast<double>(features.size()));
  }
  for (size_t i = 0; i < features.size(); ++i) {
    const auto field = [i](absl::string_view name) { return absl::StrCat("features[", i, "].", name); };
    const SpendCompanion& moving = features[i];
    if (!IsNumericFeature(schema, moving.feature) || moving.feature == spend) {
      return UnexpectedMove(field("feature"), "a numeric feature other than the spend", moving.feature);
    }
    if (i > 0 && moving.feature <= features[i - 1].feature) {
      return UnexpectedMove(field("feature"), "ascending features", moving.feature);
    }
    if (!IsWithin(moving.elasticity, SpendCompanion::kMostElasticity)) {
      return UnexpectedMove(field("elasticity"), "a number from -10 to 10", moving.elasticity);
    }
    if (!IsWithin(moving.level, SpendCompanion::kMostLevel)) {
      return UnexpectedMove(field("level"), "a number from -500 to 500", moving.level);
    }
    if (!IsWithin(moving.spread, SpendCompanion::kMostLevel)) {
      return UnexpectedMove(field("spread"), "a number from -500 to 500", moving.spread);
    }
    if (!(moving.lacking >= 0.0 && moving.lacking <= 1.0)) {
      return UnexpectedMove(field("lacking"), "a share from 0 to 1", moving.lacking);
    }
  }
  return CheckWords(*this, schema);
}

}  // namespace roicast
