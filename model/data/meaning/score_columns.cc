#include "model/data/meaning/score_columns.h"

#include "absl/strings/str_cat.h"

namespace roicast {

ScoreColumns FindScoreColumns(absl::Span<const std::string> names) {
  ScoreColumns found;
  const auto ends_with = [&](absl::string_view name) { return !names.empty() && names.back() == name; };
  const auto take_last = [&] {
    found.others.insert(found.others.begin(), names.back());
    names.remove_suffix(1);
  };
  if (names.size() >= 2) {
    // The prediction stands before its warnings, or before the amounts between them.
    const size_t amounts = names.size() >= 4 && names[names.size() - 2] == "predicted_profit" ? 2 : 0;
    if (ends_with(absl::StrCat(names[names.size() - 2 - amounts], "_warnings"))) take_last();
  }
  if (names.size() >= 3 && ends_with("predicted_profit") && names[names.size() - 2] == "predicted_revenue") {
    take_last();
    take_last();
  }
  if (!names.empty() && (!found.others.empty() || names.back() == "roi")) found.prediction = names.back();
  return found;
}

}  // namespace roicast
