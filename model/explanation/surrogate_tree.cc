#include "model/explanation/surrogate_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/explanation/tree_split.h"
#include "model/explanation/usable_rows.h"

namespace roicast {
namespace {

using explanation::AttributeValue;
using explanation::TreeAttribute;
using explanation::TreeSplit;
using explanation::UsableRows;

constexpr double kLeafShare = 0.01;

class Growth {
 public:
  Growth(const Schema& schema, const UsableRows& rows, int64_t fitted, const SurrogateTreeOptions& options,
         const StopCheck& stop)
      : attributes_(explanation::AttributesOf(schema)),
        width_(static_cast<size_t>(schema.size())),
        rows_(rows),
        options_(options),
        stop_(stop),
        min_rows_(std::max(options.min_leaf_rows,
                           static_cast<int64_t>(std::ceil(kLeafShare * static_cast<double>(fitted))))) {}

  absl::StatusOr<std::vector<TreeNode>> Grow(std::vector<int64_t> rows) {
    double squares = 0.0;
    const double mean = MeanOf(rows);
    for (const int64_t row : rows) squares += (Target(row) - mean) * (Target(row) - mean);
    least_gain_ = options_.min_gain * squares;
    ROICAST_RETURN_IF_ERROR(AddNode(std::move(rows), options_.depth).status());
    return std::move(nodes_);
  }

 private:
  struct Found {
    TreeAttribute attribute;
    TreeSplit split;
  };

  double Target(int64_t row) const { return static_cast<double>(rows_.predictions[static_cast<size_t>(row)]); }
  const float* RowAt(int64_t row) const { return rows_.values.data() + static_cast<size_t>(row) * width_; }
  double MeanOf(const std::vector<int64_t>& rows) const {
    double sum = 0.0;
    for (const int64_t row : rows) sum += Target(row);
    return sum / static_cast<double>(rows.size());
  }

  // The index of the node. rows: not empty.
  absl::StatusOr<int> AddNode(std::vector<int64_t> rows, int depth) {
    const auto index = static_cast<int>(nodes_.size());
    nodes_.emplace_back();
    nodes_.back().rows = static_cast<int64_t>(rows.size());
    nodes_.back().prediction = MeanOf(rows);
    if (depth == 0) return index;
    ROICAST_ASSIGN_OR_RETURN(const std::optional<Found> found, FindSplit(rows));
    if (!found.has_value()) return index;
    std::vector<int64_t> left, right;
    for (const int64_t row : rows) {
      const float value = AttributeValue(found->attribute, RowAt(row));
      (found->split.GoesLeft(found->attribute, value) ? left : right).push_back(row);
    }
    rows = {};
    ROICAST_ASSIGN_OR_RETURN(const int left_node, AddNode(std::move(left), depth - 1));
    ROICAST_ASSIGN_OR_RETURN(const int right_node, AddNode(std::move(right), depth - 1));
    TreeNode& node = nodes_[static_cast<size_t>(index)];
    node.feature = found->attribute.feature;
    node.kind = found->attribute.kind;
    node.part = found->attribute.part;
    node.threshold = found->split.threshold;
    node.left_values = found->split.left_values;
    node.missing_left = found->split.missing_left;
    node.missing_seen = found->split.missing_seen;
    node.left = left_node;
    node.right = right_node;
    return index;
  }

  absl::StatusOr<std::optional<Found>> FindSplit(const std::vector<int64_t>& rows) const {
    std::vector<double> targets;
    for (const int64_t row : rows) targets.push_back(Target(row));
    std::optional<Found> best;
    for (const TreeAttribute& attribute : attributes_) {
      if (stop_) ROICAST_RETURN_IF_ERROR(stop_());
      std::vector<float> values;
      for (const int64_t row : rows) values.push_back(AttributeValue(attribute, RowAt(row)));
      std::optional<TreeSplit> split = explanation::BestSplit(attribute, values, targets, min_rows_);
      if (!split.has_value() || split->gain < least_gain_) continue;
      if (!best.has_value() || split->gain > best->split.gain) best = Found{attribute, *std::move(split)};
    }
    return best;
  }

  const std::vector<TreeAttribute> attributes_;
  const size_t width_;
  const UsableRows& rows_;
  const SurrogateTreeOptions& options_;
  const StopCheck& stop_;
  const int64_t min_rows_;
  double least_gain_ = 0;
  std::vector<TreeNode> nodes_;
};

double Fidelity(const SurrogateTree& tree, const UsableRows& rows, const std::vector<int64_t>& held_back,
                size_t width) {
  double sum = 0.0;
  for (const int64_t row : held_back) sum += static_cast<double>(rows.predictions[static_cast<size_t>(row)]);
  const double mean = sum / static_cast<double>(held_back.size());
  double errors = 0.0, spread = 0.0;
  for (const int64_t row : held_back) {
    const auto truth = static_cast<double>(rows.predictions[static_cast<size_t>(row)]);
    const double error = truth - tree.Predict(rows.values.data() + static_cast<size_t>(row) * width);
    errors += error * error;
    spread += (truth - mean) * (truth - mean);
  }
  return spread > 0.0 ? 1.0 - errors / spread : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

absl::Status SurrogateTreeOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(kDepth.Check("depth", depth));
  ROICAST_RETURN_IF_ERROR(kMinLeafRows.Check("min_leaf_rows", static_cast<double>(min_leaf_rows)));
  ROICAST_RETURN_IF_ERROR(kMinGain.Check("min_gain", min_gain));
  ROICAST_RETURN_IF_ERROR(kHeldBack.Check("held_back", held_back));
  return kMaxRows.Check("max_rows", static_cast<double>(max_rows));
}

double SurrogateTree::Predict(const float* row) const {
  size_t at = 0;
  while (nodes[at].feature >= 0) {
    const TreeNode& node = nodes[at];
    const TreeAttribute attribute{node.feature, node.kind, node.part};
    TreeSplit split;
    split.threshold = node.threshold;
    split.left_values = node.left_values;
    split.missing_left = node.missing_left;
    at = static_cast<size_t>(split.GoesLeft(attribute, AttributeValue(attribute, row)) ? node.left : node.right);
  }
  return nodes[at].prediction;
}

absl::StatusOr<SurrogateTree> FitSurrogateTree(const Predictor& predictor, absl::Span<const float> rows,
                                               const SurrogateTreeOptions& options, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_ASSIGN_OR_RETURN(const UsableRows usable,
                           explanation::SelectUsableRows(predictor, rows, {}, options.max_rows, options.seed, stop));
  if (usable.size() < kFewestSurrogateRows) {
    return absl::InvalidArgumentError(absl::StrCat("surrogate tree: expected at least ", kFewestSurrogateRows,
                                                   " rows with a prediction, got ", usable.size()));
  }
  std::vector<int64_t> order(static_cast<size_t>(usable.size()));
  std::iota(order.begin(), order.end(), int64_t{0});
  Random(options.seed + 1).Shuffle(order);
  const auto held = static_cast<int64_t>(std::ceil(options.held_back * static_cast<double>(usable.size())));
  const std::vector<int64_t> held_back(order.begin(), order.begin() + held);
  order.erase(order.begin(), order.begin() + held);
  std::sort(order.begin(), order.end());
  SurrogateTree tree;
  tree.rows = static_cast<int64_t>(order.size());
  tree.rows_held_back = held;
  tree.rows_rejected = usable.rejected;
  Growth growth(predictor.schema(), usable, tree.rows, options, stop);
  ROICAST_ASSIGN_OR_RETURN(tree.nodes, growth.Grow(std::move(order)));
  tree.fidelity = Fidelity(tree, usable, held_back, static_cast<size_t>(predictor.schema().size()));
  return tree;
}

}  // namespace roicast
