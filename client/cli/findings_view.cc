#include "client/cli/findings_view.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/one_line.h"
#include "base/tables/note.h"
#include "client/cli/format.h"

namespace roicast::client {
namespace {

constexpr size_t kMostWords = 10;
constexpr size_t kMostFeatures = 10;

std::string RowsAndLine(int64_t rows, int64_t line) {
  return absl::StrCat(FormatCount(rows), rows == 1 ? " row, line " : " rows, the first on line ", line);
}

std::string UnseenText(const UnseenWord& unseen) {
  std::string text = absl::StrCat("\"", OneLine(unseen.word, 60), "\" (", RowsAndLine(unseen.rows, unseen.line));
  if (!unseen.nearest.empty()) absl::StrAppend(&text, "; did you mean \"", OneLine(unseen.nearest, 60), "\"?");
  return absl::StrCat(text, ")");
}

std::string UnitText(const OutsideRange& outside) {
  if (outside.factor == 0) return "";
  return absl::StrCat("; another unit? Nearly all would be inside if they were multiplied by ", outside.factor, ": ",
                      ColumnFlag("--scale", outside.feature, absl::StrCat(outside.factor)));
}

}  // namespace

std::string ChangedConstantText(const ChangedConstant& changed, const std::string& where) {
  return absl::StrCat("not learnt in training: ", OneLine(changed.column, 100), " was \"", OneLine(changed.learnt, 60),
                      "\" in all rows, and is \"", OneLine(changed.value, 60), "\" here", where,
                      ": predictions are as if it were still \"", OneLine(changed.learnt, 60), "\"");
}

std::string FindingsText(const TableFindings& findings, const Terminal& terminal) {
  std::string text;
  const auto warn = [&](const std::string& line) {
    absl::StrAppend(&text, terminal.Paint(line, Tone::kWarning), "\n");
  };
  const std::vector<UnseenWord>& words = findings.unseen_words;
  for (size_t i = 0; i < std::min(words.size(), kMostWords); ++i) {
    warn(absl::StrCat("not learnt in training: ", OneLine(words[i].feature, 100), " ", UnseenText(words[i])));
  }
  if (words.size() > kMostWords) {
    absl::StrAppend(&text, "... and ", findings.more_unseen_words ? "at least " : "", words.size() - kMostWords,
                    " more words that training has not learnt\n");
  }
  for (size_t i = 0; i < std::min(findings.outside.size(), kMostFeatures); ++i) {
    const OutsideRange& outside = findings.outside[i];
    warn(absl::StrCat("outside training: ", OneLine(outside.feature, 100), " (",
                      RowsAndLine(outside.rows, outside.line), "); training saw ", FormatNumber(outside.seen_min),
                      " to ", FormatNumber(outside.seen_max), UnitText(outside)));
  }
  if (findings.outside.size() > kMostFeatures) {
    absl::StrAppend(&text, "... and ", findings.outside.size() - kMostFeatures,
                    " more features with numbers outside training\n");
  }
  for (const ChangedConstant& changed : findings.changed_constants) {
    warn(ChangedConstantText(changed, absl::StrCat(" (", RowsAndLine(changed.rows, changed.line), ")")));
  }
  return text;
}

void AddFindings(const TableFindings& findings, nlohmann::ordered_json& json) {
  json["unseen_words"] = nlohmann::ordered_json::array();
  for (const UnseenWord& unseen : findings.unseen_words) {
    json["unseen_words"].push_back({{"feature", unseen.feature},
                                    {"word", unseen.word},
                                    {"rows", unseen.rows},
                                    {"line", unseen.line},
                                    {"nearest", unseen.nearest}});
  }
  json["more_unseen_words"] = findings.more_unseen_words;
  json["outside_training"] = nlohmann::ordered_json::array();
  for (const OutsideRange& outside : findings.outside) {
    json["outside_training"].push_back({{"feature", outside.feature},
                                        {"rows", outside.rows},
                                        {"line", outside.line},
                                        {"seen_min", outside.seen_min},
                                        {"seen_max", outside.seen_max}});
    if (outside.factor != 0) json["outside_training"].back()["another_unit"] = outside.factor;
  }
  json["changed_constants"] = nlohmann::ordered_json::array();
  for (const ChangedConstant& changed : findings.changed_constants) {
    json["changed_constants"].push_back({{"column", changed.column},
                                         {"learnt", changed.learnt},
                                         {"value", changed.value},
                                         {"rows", changed.rows},
                                         {"line", changed.line}});
  }
}

}  // namespace roicast::client
