#include "model/training/preparation/word_variants.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace roicast {
namespace {

constexpr size_t kMostGroupsShown = 3;

std::string WithoutCaseAndBlanks(absl::string_view word) {
  // No-break blanks, and marks without a width.
  std::string plain = absl::StrReplaceAll(
      word, {{" ", ""}, {"\t", ""}, {"\u00a0", ""}, {"\u202f", ""}, {"\u200b", ""}, {"\ufeff", ""}});
  absl::AsciiStrToLower(&plain);
  return plain;
}

}  // namespace

std::optional<DataWarning> WordVariantsWarning(const Column& column, absl::Span<const int64_t> rows) {
  if (column.kind != FeatureKind::kCategorical) return std::nullopt;
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  for (const int64_t row : rows) {
    if (!column.IsMissing(row)) ++counts[static_cast<size_t>(column.codes[row])];
  }
  std::map<std::string, std::vector<size_t>> spellings;
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] > 0) spellings[WithoutCaseAndBlanks(column.dictionary[code])].push_back(code);
  }
  std::vector<std::string> groups;
  size_t found = 0;
  for (const auto& [word, codes] : spellings) {
    if (codes.size() < 2 || ++found > kMostGroupsShown) continue;
    groups.push_back(absl::StrJoin(codes, " and ", [&](std::string* out, size_t code) {
      absl::StrAppend(out, "\"", column.dictionary[code], "\" (", counts[code], counts[code] == 1 ? " row)" : " rows)");
    }));
  }
  if (groups.empty()) return std::nullopt;
  DataWarning note;
  note.column = column.name;
  note.message = absl::StrCat("\"", column.name, "\" has words that differ only in case or blanks, and are learnt as ",
                              "different words: ", absl::StrJoin(groups, "; "),
                              found > groups.size() ? absl::StrCat("; and ", found - groups.size(), " more") : "");
  return note;
}

}  // namespace roicast
