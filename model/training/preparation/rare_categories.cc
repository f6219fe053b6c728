#include "model/training/preparation/rare_categories.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tables/vocabulary_index.h"

namespace roicast {
namespace {

constexpr size_t kMostNamedWords = 5;
// What helps against words beyond the vocabulary, as far as it helps.
constexpr size_t kLargestProposal = 65'536;

// The codes of `column` that training rows have, most frequent first, then by name: the order of FitPreprocessor.
std::vector<size_t> ByFrequency(const Column& column, const std::vector<int64_t>& counts) {
  std::vector<size_t> codes;
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] > 0) codes.push_back(code);
  }
  std::sort(codes.begin(), codes.end(), [&](size_t a, size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : column.dictionary[a] < column.dictionary[b];
  });
  return codes;
}

// "\"a\", \"b\" and 3 more in 20 of 100 training rows".
std::string NamedWords(const LeftOutWords& left_out, int64_t training_rows) {
  const std::vector<std::string>& words = left_out.words;
  const auto named = words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), kMostNamedWords));
  std::string text = absl::StrCat("\"", absl::StrJoin(words.begin(), named, "\", \""), "\"");
  if (named != words.end()) absl::StrAppend(&text, " and ", words.end() - named, " more");
  return absl::StrCat(text, " in ", left_out.rows.size(), " of ", training_rows, " training rows");
}

DataWarning WarningOf(const std::string& column, const LeftOutWords& left_out, int64_t training_rows,
                      std::vector<int64_t> lines) {
  DataWarning warning;
  warning.serious =
      static_cast<double>(left_out.rows.size()) > kSeriousLeftOutShare * static_cast<double>(training_rows);
  warning.column = column;
  warning.lines = std::move(lines);
  return warning;
}

}  // namespace

WordsOutsideVocabulary FindWordsOutsideVocabulary(const Column& column, absl::Span<const int64_t> training_rows,
                                                  const PreprocessingOptions& options) {
  WordsOutsideVocabulary found;
  if (column.kind != FeatureKind::kCategorical) return found;
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  for (const int64_t row : training_rows) {
    if (!column.IsMissing(row)) ++counts[column.codes[row]];
  }
  const std::vector<size_t> codes = ByFrequency(column, counts);
  std::vector<std::string> vocabulary;
  for (const size_t code : codes) {
    if (counts[code] < options.min_category_count) break;
    if (vocabulary.size() == static_cast<size_t>(options.max_vocabulary)) break;
    vocabulary.emplace_back(column.dictionary[code]);
  }
  const size_t kept = vocabulary.size();
  const VocabularyIndex index(std::move(vocabulary));
  std::vector<LeftOutWords*> list_of(counts.size(), nullptr);
  for (size_t i = kept; i < codes.size(); ++i) {
    const absl::string_view word = column.dictionary[codes[i]];
    if (index.Find(word) != VocabularyIndex::kUnseen) continue;
    LeftOutWords& list = counts[codes[i]] < options.min_category_count ? found.rare : found.beyond;
    list.words.emplace_back(word);
    list_of[codes[i]] = &list;
  }
  for (const int64_t row : training_rows) {
    if (column.IsMissing(row)) continue;
    if (LeftOutWords* const list = list_of[column.codes[row]]; list != nullptr) list->rows.push_back(row);
  }
  return found;
}

DataWarning RareWordsWarning(const std::string& column, const LeftOutWords& rare, int64_t training_rows, int min_count,
                             std::vector<int64_t> lines) {
  const bool one = rare.words.size() == 1;
  DataWarning warning = WarningOf(column, rare, training_rows, std::move(lines));
  warning.message =
      absl::StrCat(NamedWords(rare, training_rows), one ? " is" : " are", " too rare to learn from: fewer than ",
                   min_count, " training rows", one ? "; it counts" : " each; they count", " as ", one ? "the" : "one",
                   " word \"other\", as if training had not seen ", one ? "it" : "them");
  warning.flags.push_back("--min-word-rows 1");
  return warning;
}

DataWarning VocabularyWarning(const std::string& column, const LeftOutWords& beyond, int64_t training_rows,
                              int max_vocabulary, std::vector<int64_t> lines) {
  const bool one = beyond.words.size() == 1;
  DataWarning warning = WarningOf(column, beyond, training_rows, std::move(lines));
  warning.message =
      absl::StrCat(NamedWords(beyond, training_rows), one ? " is" : " are", " beyond the ", max_vocabulary,
                   " most frequent words, which are learnt; ", one ? "it counts" : "they count", " as ",
                   one ? "the" : "one", " word \"other\", as if training had not seen ", one ? "it" : "them");
  const size_t wanted = static_cast<size_t>(max_vocabulary) + beyond.words.size();
  warning.flags.push_back(absl::StrCat("--max-words ", std::min(wanted, kLargestProposal)));
  return warning;
}

}  // namespace roicast
