#include "model/data/column_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "base/tables/cell_text.h"
#include "base/tables/vocabulary_index.h"

namespace roicast {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

// A column of numbers with more distinct spellings than this is stored as numbers.
constexpr size_t kMostSpellings = 65'536;

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

ColumnBuilder::ColumnBuilder(std::string name, ColumnBuilderOptions options, const MissingSpellings* missing)
    : name_(std::move(name)),
      options_(std::move(options)),
      missing_(missing),
      numbers_can_be_missing_(missing->AnyWithDigits()),
      kind_(KindOf(options_.form.kind)) {
  if (options_.words_if_few) kind_ = FeatureKind::kCategorical;
}

void ColumnBuilder::Add(absl::string_view cell) {
  if (kind_ == FeatureKind::kCategorical) {
    AddWord(CellText(cell));
    if (options_.words_if_few && dictionary_.size() > kMostSpellings) BecomeNumbers();
  } else {
    AddValue(cell);
  }
  ++rows_;
}

void ColumnBuilder::AddWord(absl::string_view cell) {
  const auto found = index_.find(cell);
  if (found != index_.end()) {
    codes_.push_back(found->second);
    return;
  }
  const bool is_word = std::find(options_.words.begin(), options_.words.end(), cell) != options_.words.end();
  if (cell.empty() || (!is_word && missing_->Matches(cell))) {
    codes_.push_back(kMissingCode);
    return;
  }
  const int32_t code = static_cast<int32_t>(dictionary_.size());
  dictionary_.emplace_back(cell);
  index_.emplace(dictionary_.back(), code);
  codes_.push_back(code);
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
    numbers_.push_back(*number);
    return;
  }
  numbers_.push_back(kNoValue);
  if (!missing_->MatchesNumber(cell)) misfits_.push_back({rows_, std::string(CellText(cell))});
}

void ColumnBuilder::BecomeNumbers() {
  kind_ = FeatureKind::kNumeric;
  const int64_t rows = rows_;
  numbers_.reserve(codes_.size() * 2);
  for (size_t row = 0; row < codes_.size(); ++row) {
    rows_ = static_cast<int64_t>(row);
    AddValue(codes_[row] == kMissingCode ? absl::string_view() : dictionary_[static_cast<size_t>(codes_[row])]);
  }
  rows_ = rows;
  codes_ = {};
  dictionary_ = {};
  index_ = {};
}

void ColumnBuilder::MergeEqualNumbers() {
  if (dictionary_.empty() || !VocabularyIndex(dictionary_).numeric()) return;
  absl::flat_hash_map<double, int32_t> first;
  std::vector<int32_t> codes;
  std::vector<std::string> words;
  for (std::string& word : dictionary_) {
    const double value = ParseNumber(word, NumberForm()).value_or(kNoValue);
    const auto [entry, added] = first.try_emplace(value, static_cast<int32_t>(words.size()));
    codes.push_back(entry->second);
    if (added) words.push_back(std::move(word));
  }
  if (words.size() < codes.size()) {
    for (int32_t& code : codes_) {
      if (code >= 0) code = codes[static_cast<size_t>(code)];
    }
  }
  dictionary_ = std::move(words);
}

void ColumnBuilder::BecomeTwoWords() {
  if (!options_.words_if_two || kind_ != FeatureKind::kNumeric || misfits_.empty()) return;
  if (!std::all_of(numbers_.begin(), numbers_.end(), [](double number) { return std::isnan(number); })) return;
  absl::flat_hash_set<std::string> distinct;
  for (const Misfit& misfit : misfits_) {
    distinct.insert(absl::AsciiStrToLower(misfit.cell));
    if (distinct.size() > 2) return;
  }
  kind_ = FeatureKind::kCategorical;
  codes_.assign(numbers_.size(), kMissingCode);
  numbers_ = {};
  for (const Misfit& misfit : misfits_) {
    const auto [entry, added] = index_.try_emplace(misfit.cell, static_cast<int32_t>(dictionary_.size()));
    if (added) dictionary_.push_back(misfit.cell);
    codes_[static_cast<size_t>(misfit.row)] = entry->second;
  }
  misfits_ = {};
}

Column ColumnBuilder::Finish(const OnMisfit& on_misfit) {
  BecomeTwoWords();
  for (const Misfit& misfit : misfits_) on_misfit(misfit.row, misfit.cell);
  if (kind_ == FeatureKind::kCategorical) MergeEqualNumbers();
  Column column;
  column.name = std::move(name_);
  column.kind = kind_;
  column.numbers = std::move(numbers_);
  column.codes = std::move(codes_);
  column.dictionary = std::move(dictionary_);
  return column;
}

}  // namespace roicast
