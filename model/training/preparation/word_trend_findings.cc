#include "model/training/preparation/word_trend_findings.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/tables/time_form.h"
#include "model/data/structure/word_trends.h"
#include "model/data/target_description.h"

namespace roicast {

std::vector<DataWarning> WordTrendWarnings(const DataWarningInputs& inputs) {
  constexpr size_t kMostWordsShown = 5;
  std::vector<DataWarning> warnings;
  const PreparedData& prepared = inputs.prepared;
  if (!DescribeTarget(prepared.target).is_roi || prepared.structure.unfinished.has_value()) return warnings;
  const Table& table = inputs.data.table;
  const Column* spend = table.Find(prepared.target.spend_column);
  if (spend != nullptr && spend->kind != FeatureKind::kNumeric) spend = nullptr;
  const std::optional<Entities>& entities = prepared.structure.entities;
  const std::optional<WordTrends> found = FindWordTrends(
      {table, prepared.features, inputs.rows, prepared.roi, spend, entities.has_value() ? &*entities : nullptr},
      inputs.stop);
  if (!found.has_value()) return warnings;
  std::vector<std::string> parts;
  for (size_t i = 0; i < std::min(found->words.size(), kMostWordsShown); ++i) {
    parts.push_back(absl::StrFormat("\"%s\" brings %.2f", found->words[i].word, found->words[i].level));
  }
  DataWarning& warning = warnings.emplace_back();
  warning.serious = true;
  warning.column = found->column;
  warning.message = absl::StrCat(
      "returns of \"", found->column, "\" go apart along \"", found->time, "\": since ",
      FormatTime(static_cast<int64_t>(found->since)).substr(0, 10),
      ", for the same spend and beside what changes for all, ", absl::StrJoin(parts, ", "),
      found->words.size() > parts.size() ? absl::StrCat(" (and ", found->words.size() - parts.size(), " more)") : "",
      " of its average in all rows, and later rows may be farther off. The model has no trend for each word: it "
      "predicts too much of what falls, and too little of what rises. Train on the latest rows alone, or make a new "
      "model often");
  return warnings;
}

}  // namespace roicast
