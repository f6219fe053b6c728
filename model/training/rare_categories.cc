#include "model/training/rare_categories.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tables/vocabulary_index.h"

namespace roicast {
namespace {

constexpr size_t kMostRareWords = 5;

}  // namespace

RareWords FindRareWords(const Column& column, absl::Span<const int64_t> training_rows, int min_count) {
  RareWords rare;
  if (column.kind != FeatureKind::kCategorical) return rare;
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  for (const int64_t row : training_rows) {
    if (!column.IsMissing(row)) ++counts[column.codes[row]];
  }
  std::vector<std::string> vocabulary;
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] >= min_count) vocabulary.push_back(column.dictionary[code]);
  }
  const VocabularyIndex index(std::move(vocabulary));
  std::vector<size_t> codes;
  std::vector<bool> is_rare(counts.size(), false);
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] == 0 || counts[code] >= min_count) continue;
    is_rare[code] = index.Find(column.dictionary[code]) == VocabularyIndex::kUnseen;
    if (is_rare[code]) codes.push_back(code);
  }
  std::sort(codes.begin(), codes.end(), [&](size_t a, size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : column.dictionary[a] < column.dictionary[b];
  });
  for (const size_t code : codes) rare.words.push_back(column.dictionary[code]);
  for (const int64_t row : training_rows) {
    if (!column.IsMissing(row) && is_rare[column.codes[row]]) rare.rows.push_back(row);
  }
  return rare;
}

DataWarning RareWordsWarning(const std::string& column, const RareWords& rare, int64_t training_rows, int min_count,
                             std::vector<int64_t> lines) {
  const auto rows = static_cast<int64_t>(rare.rows.size());
  const size_t words = rare.words.size();
  const std::vector<std::string> first(rare.words.begin(),
                                       rare.words.begin() + static_cast<int64_t>(std::min(words, kMostRareWords)));
  DataWarning warning;
  warning.serious = static_cast<double>(rows) > kSeriousRareShare * static_cast<double>(training_rows);
  warning.column = column;
  warning.lines = std::move(lines);
  warning.message = absl::StrCat("\"", absl::StrJoin(first, "\", \""), "\"");
  if (words > first.size()) absl::StrAppend(&warning.message, " and ", words - first.size(), " more");
  absl::StrAppend(&warning.message, " in ", rows, " of ", training_rows, " training rows ", words == 1 ? "is" : "are",
                  " too rare to learn from: fewer than ", min_count, " training rows", words == 1 ? "" : " each", "; ",
                  words == 1 ? "it counts as the word \"other\"" : "they count as one word \"other\"");
  return warning;
}

}  // namespace roicast
