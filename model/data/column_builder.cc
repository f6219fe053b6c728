#include "model/data/column_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "base/tables/cell_text.h"
#include "base/tables/vocabulary_index.h"

namespace roicast {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

// A column of numbers with more distinct spellings than this is stored as numbers.
constexpr size_t kMostSpellings = 65'536;
// Of two words, in all their letter cases.
constexpr size_t kMostSpellingsOfTwo = 64;

}  // namespace

FeatureKind KindOf(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kNumber:
      return FeatureKind::kNumeric;
    case ColumnKind::kTime:
      return FeatureKind::kTime;
    case ColumnKind::kWords:
      break;
  }
  return FeatureKind::kCategorical;
}

ColumnKind ColumnKindOf(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::kNumeric:
      return ColumnKind::kNumber;
    case FeatureKind::kTime:
      return ColumnKind::kTime;
    case FeatureKind::kCategorical:
      break;
  }
  return ColumnKind::kWords;
}

ColumnBuilder::ColumnBuilder(std::string name, ColumnBuilderOptions options, const MissingSpellings* missing,
                             int64_t rows)
    : name_(std::move(name)),
      options_(std::move(options)),
      missing_(missing),
      numbers_can_be_missing_(missing->AnyWithDigits()),
      kind_(KindOf(options_.form.kind)) {
  if (options_.words_if_few) kind_ = FeatureKind::kCategorical;
  if (kind_ == FeatureKind::kCategorical) {
    codes_.reserve(static_cast<size_t>(rows));
  } else {
    numbers_.reserve(static_cast<size_t>(rows));
  }
}

void ColumnBuilder::Add(absl::string_view cell) {
  if (kind_ == FeatureKind::kCategorical) {
    AddWord(CellText(cell));
    if (options_.words_if_few && words_.size() > kMostSpellings) BecomeNumbers();
  } else {
    AddValue(cell);
  }
  ++rows_;
}

size_t ColumnBuilder::cells_bytes() const {
  return codes_.memory_bytes() + numbers_.memory_bytes() + misfits_.size() * sizeof(int64_t) +
         misfit_codes_.memory_bytes();
}

void ColumnBuilder::AddWord(absl::string_view cell) {
  if (const int32_t code = words_.Find(cell); code != WordIndex::kNone) {
    codes_.push_back(code);
    return;
  }
  const bool is_word = std::find(options_.words.begin(), options_.words.end(), cell) != options_.words.end();
  if (cell.empty() || (!is_word && missing_->Matches(cell))) {
    codes_.push_back(kMissingCode);
    return;
  }
  codes_.push_back(words_.FindOrAdd(cell));
}

void ColumnBuilder::AddValue(absl::string_view cell) {
  if (numbers_can_be_missing_ && missing_->Matches(cell)) {
    numbers_.push_back(kNoValue);
    return;
  }
  if (kind_ == FeatureKind::kTime) {
    const std::optional<int64_t> time = ParseTime(cell, options_.form.time);
    if (time.has_value()) {
      numbers_.push_back(static_cast<double>(*time));
      return;
    }
  } else if (const std::optional<double> number = ParseNumber(cell, options_.form.number); number.has_value()) {
    any_number_ |= !std::isnan(*number);
    numbers_.push_back(*number);
    return;
  }
  numbers_.push_back(kNoValue);
  if (!missing_->MatchesNumber(cell)) AddMisfit(CellText(cell));
}

void ColumnBuilder::AddMisfit(absl::string_view cell) {
  misfits_.push_back(rows_);
  if (misfit_texts_.size() < kMisfitTexts) misfit_texts_.emplace_back(cell);
  if (!options_.words_if_two || any_number_ || misfit_words_.size() > kMostSpellingsOfTwo) {
    misfit_codes_.clear();
    return;
  }
  misfit_codes_.push_back(misfit_words_.FindOrAdd(cell));
}

void ColumnBuilder::BecomeNumbers() {
  kind_ = FeatureKind::kNumeric;
  const int64_t rows = rows_;
  const PackedInts codes = std::move(codes_);
  const WordList words = words_.TakeWords();
  codes_.clear();
  numbers_.reserve(codes.reserved());
  for (size_t row = 0; row < codes.size(); ++row) {
    rows_ = static_cast<int64_t>(row);
    const int32_t code = codes[row];
    AddValue(code == kMissingCode ? absl::string_view() : words[static_cast<size_t>(code)]);
  }
  rows_ = rows;
}

void ColumnBuilder::MergeEqualNumbers(WordList& dictionary) {
  if (!std::all_of(dictionary.begin(), dictionary.end(), VocabularyIndex::IsNumber)) return;
  absl::flat_hash_map<double, int32_t> first;
  std::vector<int32_t> codes;
  WordList words;
  for (const absl::string_view word : dictionary) {
    const double value = ParseNumber(word, NumberForm()).value_or(kNoValue);
    const auto [entry, added] = first.try_emplace(value, static_cast<int32_t>(words.size()));
    codes.push_back(entry->second);
    if (added) words.push_back(word);
  }
  if (words.size() < codes.size()) {
    for (size_t row = 0; row < codes_.size(); ++row) {
      const int32_t code = codes_[row];
      if (code >= 0) codes_.set(row, codes[static_cast<size_t>(code)]);
    }
  }
  dictionary = std::move(words);
}

void ColumnBuilder::BecomeTwoWords() {
  if (!options_.words_if_two || kind_ != FeatureKind::kNumeric || misfits_.empty() || any_number_) return;
  if (misfit_codes_.size() != misfits_.size()) return;
  absl::flat_hash_set<std::string> distinct;
  for (const absl::string_view word : misfit_words_.words()) {
    distinct.insert(absl::AsciiStrToLower(word));
    if (distinct.size() > 2) return;
  }
  kind_ = FeatureKind::kCategorical;
  codes_.assign(numbers_.size(), kMissingCode);
  numbers_.clear();
  for (size_t i = 0; i < misfits_.size(); ++i) codes_.set(static_cast<size_t>(misfits_[i]), misfit_codes_[i]);
  words_ = std::move(misfit_words_);
  misfits_ = {};
}

Column ColumnBuilder::Finish(const OnMisfit& on_misfit) {
  BecomeTwoWords();
  for (size_t i = 0; i < misfits_.size(); ++i) {
    on_misfit(misfits_[i], i < misfit_texts_.size() ? absl::string_view(misfit_texts_[i]) : absl::string_view());
  }
  misfits_ = {};
  Column column;
  column.name = std::move(name_);
  column.kind = kind_;
  if (kind_ == FeatureKind::kCategorical) {
    column.dictionary = words_.TakeWords();
    MergeEqualNumbers(column.dictionary);
  }
  column.numbers = std::move(numbers_);
  column.codes = std::move(codes_);
  return column;
}

}  // namespace roicast
