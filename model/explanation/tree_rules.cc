// What the paths of a tree say, in words.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/explanation/surrogate_tree.h"

namespace roicast {
namespace {

// What a path says of one attribute.
struct Condition {
  FeatureKind kind = FeatureKind::kNumeric;
  double above = -std::numeric_limits<double>::infinity(), up_to = std::numeric_limits<double>::infinity();
  // Of a set: the values that are let through, or those that are not.
  bool listed = false;
  std::set<int> in, out;
  // Whether rows without a value come this way, where the tree has seen such rows.
  bool missing_seen = false, missing = true;
};

using ConditionKey = std::pair<int, TimePart>;
using Conditions = std::map<ConditionKey, Condition>;

void Narrow(const TreeNode& node, bool left, Condition& condition) {
  condition.kind = node.kind;
  condition.missing_seen |= node.missing_seen;
  condition.missing &= node.missing_left == left;
  const bool ordered =
      node.kind == FeatureKind::kNumeric || (node.kind == FeatureKind::kTime && node.part == TimePart::kMoment);
  if (ordered) {
    const auto threshold = static_cast<double>(node.threshold);
    if (left) {
      condition.up_to = std::min(condition.up_to, threshold);
    } else {
      condition.above = std::max(condition.above, threshold);
    }
    return;
  }
  const std::set<int> values(node.left_values.begin(), node.left_values.end());
  if (!left) {
    condition.out.insert(values.begin(), values.end());
  } else if (!condition.listed) {
    condition.listed = true;
    condition.in = values;
  } else {
    std::erase_if(condition.in, [&](int value) { return values.count(value) == 0; });
  }
}

std::string DayOf(double hours) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::hours>(std::chrono::hours(static_cast<int64_t>(hours)))));
  return absl::StrFormat("%04d-%02d-%02d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                         static_cast<unsigned>(date.day()));
}

std::string NumbersInWords(const std::string& name, const Condition& condition) {
  if (condition.kind == FeatureKind::kTime) {
    // Thresholds are the last hour of a day wherever two rows are a day apart.
    std::string words = name;
    if (std::isfinite(condition.above)) absl::StrAppend(&words, " from ", DayOf(condition.above + 1));
    if (std::isfinite(condition.up_to)) absl::StrAppend(&words, " until ", DayOf(condition.up_to));
    return words;
  }
  const bool low = std::isfinite(condition.above), high = std::isfinite(condition.up_to);
  if (low && high) return absl::StrFormat("%s > %.6g and ≤ %.6g", name, condition.above, condition.up_to);
  return low ? absl::StrFormat("%s > %.6g", name, condition.above)
             : absl::StrFormat("%s ≤ %.6g", name, condition.up_to);
}

std::string ListOf(const Schema& schema, const ConditionKey& key, FeatureKind kind, const std::set<int>& values) {
  FeatureGrid grid;
  grid.feature = key.first;
  grid.kind = kind;
  grid.part = key.second;
  const std::vector<std::string>& vocabulary = schema.features[static_cast<size_t>(key.first)].vocabulary;
  std::vector<std::string> words;
  for (const int value : values) {
    if (kind == FeatureKind::kCategorical && value >= static_cast<int>(vocabulary.size())) {
      words.push_back("another word");
      continue;
    }
    grid.values.assign(1, static_cast<float>(value));
    words.push_back(GridLabel(schema, grid, 0));
  }
  if (words.size() < 2) return absl::StrJoin(words, "");
  const std::string last = words.back();
  words.pop_back();
  return absl::StrCat(absl::StrJoin(words, ", "), " or ", last);
}

std::string SetInWords(const Schema& schema, const ConditionKey& key, const std::string& name,
                       const Condition& condition) {
  const bool time = condition.kind == FeatureKind::kTime;
  if (!condition.listed) {
    return absl::StrCat(name, time ? " not in " : " is not ", ListOf(schema, key, condition.kind, condition.out));
  }
  std::set<int> values = condition.in;
  for (const int value : condition.out) values.erase(value);
  if (values.empty()) return absl::StrCat(name, " is missing");
  return absl::StrCat(name, time ? " in " : " is ", ListOf(schema, key, condition.kind, values));
}

std::string InWords(const Schema& schema, const Conditions& conditions) {
  std::vector<std::string> parts;
  for (const auto& [key, condition] : conditions) {
    const std::string& name = schema.features[static_cast<size_t>(key.first)].name;
    const bool range = std::isfinite(condition.above) || std::isfinite(condition.up_to);
    std::string words = range ? NumbersInWords(name, condition) : SetInWords(schema, key, name, condition);
    const bool only_missing = condition.listed && condition.in.empty();
    if (condition.missing_seen && condition.missing && !only_missing) absl::StrAppend(&words, " or missing");
    parts.push_back(std::move(words));
  }
  return parts.empty() ? "all rows" : absl::StrJoin(parts, " and ");
}

void Collect(const Schema& schema, const SurrogateTree& tree, int index, const Conditions& path,
             std::vector<TreeRule>& rules) {
  const TreeNode& node = tree.nodes[static_cast<size_t>(index)];
  if (node.feature < 0) {
    rules.push_back({index, InWords(schema, path),
                     static_cast<double>(node.rows) / static_cast<double>(tree.nodes.front().rows), node.prediction});
    return;
  }
  for (const bool left : {true, false}) {
    Conditions narrowed = path;
    Narrow(node, left, narrowed[{node.feature, node.part}]);
    Collect(schema, tree, left ? node.left : node.right, narrowed, rules);
  }
}

}  // namespace

std::vector<TreeRule> RulesOfTree(const Schema& schema, const SurrogateTree& tree) {
  std::vector<TreeRule> rules;
  Collect(schema, tree, 0, {}, rules);
  std::stable_sort(rules.begin(), rules.end(),
                   [](const TreeRule& a, const TreeRule& b) { return a.prediction > b.prediction; });
  return rules;
}

}  // namespace roicast
