#include "model/explanation/shapes.h"

#include <utility>

namespace roicast {
namespace {

const std::string& NameOf(const Schema& schema, int feature) {
  return schema.features[static_cast<size_t>(feature)].name;
}

}  // namespace

DependenceShape ShapeOf(const Schema& schema, const Dependence& dependence, const MovesWithSpend& moves) {
  const FeatureGrid& grid = dependence.grid;
  DependenceShape shape;
  shape.feature = NameOf(schema, grid.feature);
  for (int64_t point = 0; point < grid.size(); ++point) shape.labels.push_back(GridLabel(schema, grid, point));
  if (grid.kind == FeatureKind::kNumeric) shape.values.assign(grid.values.begin(), grid.values.end());
  shape.rows = grid.rows;
  shape.mean = dependence.mean;
  shape.low = dependence.low;
  shape.high = dependence.high;
  if (grid.feature == moves.spend) {
    for (const SpendCompanion& moving : moves.features) shape.moved_along.push_back(NameOf(schema, moving.feature));
  }
  for (const IndividualCurve& curve : dependence.curves) shape.individual.push_back({curve.row, curve.values});
  return shape;
}

InteractionStrength StrengthOf(const Schema& schema, const PairInteraction& pair) {
  return {NameOf(schema, pair.first), NameOf(schema, pair.second), pair.strength, pair.h};
}

TreeRules RulesOf(const Schema& schema, const SurrogateTree& tree) {
  TreeRules rules;
  rules.fidelity = tree.fidelity;
  for (TreeRule& rule : RulesOfTree(schema, tree)) {
    rules.rules.push_back({std::move(rule.conditions), rule.share, rule.prediction});
  }
  return rules;
}

}  // namespace roicast
