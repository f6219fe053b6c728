#include "model/artifact/shapes_conversion.h"

#include <cmath>

namespace roicast {
namespace {

DependenceShape DependenceFromProto(const v1::FeatureDependence& proto) {
  DependenceShape shape;
  shape.feature = proto.feature();
  shape.labels.assign(proto.labels().begin(), proto.labels().end());
  shape.values.assign(proto.values().begin(), proto.values().end());
  shape.rows.assign(proto.rows().begin(), proto.rows().end());
  shape.mean.assign(proto.mean().begin(), proto.mean().end());
  shape.low.assign(proto.low().begin(), proto.low().end());
  shape.high.assign(proto.high().begin(), proto.high().end());
  shape.moved_along.assign(proto.moved_along().begin(), proto.moved_along().end());
  for (const v1::IndividualCurve& curve : proto.individual()) {
    shape.individual.push_back({curve.row(), {curve.values().begin(), curve.values().end()}});
  }
  return shape;
}

TreeRules TreeFromProto(const v1::SurrogateTree& proto) {
  TreeRules tree;
  tree.fidelity = proto.fidelity();
  for (const v1::TreeRule& rule : proto.rules()) {
    tree.rules.push_back({rule.conditions(), rule.share(), rule.prediction()});
  }
  return tree;
}

}  // namespace

v1::FeatureDependence DependenceToProto(const DependenceShape& shape) {
  v1::FeatureDependence proto;
  proto.set_feature(shape.feature);
  proto.mutable_labels()->Assign(shape.labels.begin(), shape.labels.end());
  proto.mutable_values()->Assign(shape.values.begin(), shape.values.end());
  proto.mutable_rows()->Assign(shape.rows.begin(), shape.rows.end());
  proto.mutable_mean()->Assign(shape.mean.begin(), shape.mean.end());
  proto.mutable_low()->Assign(shape.low.begin(), shape.low.end());
  proto.mutable_high()->Assign(shape.high.begin(), shape.high.end());
  proto.mutable_moved_along()->Assign(shape.moved_along.begin(), shape.moved_along.end());
  for (const DependenceShape::Curve& curve : shape.individual) {
    v1::IndividualCurve& individual = *proto.add_individual();
    individual.set_row(curve.row);
    individual.mutable_values()->Assign(curve.values.begin(), curve.values.end());
  }
  return proto;
}

v1::FeatureInteraction InteractionToProto(const InteractionStrength& pair) {
  v1::FeatureInteraction proto;
  proto.set_first(pair.first);
  proto.set_second(pair.second);
  proto.set_strength(pair.strength);
  proto.set_h(pair.h);
  return proto;
}

v1::SurrogateTree TreeToProto(const TreeRules& tree) {
  v1::SurrogateTree proto;
  proto.set_fidelity(tree.fidelity);
  for (const TreeRules::Rule& rule : tree.rules) {
    v1::TreeRule& added = *proto.add_rules();
    added.set_conditions(rule.conditions);
    added.set_share(rule.share);
    added.set_prediction(rule.prediction);
  }
  return proto;
}

v1::NewRowsReport NewRowsToProto(const NewRowsReport& report) {
  v1::NewRowsReport proto;
  proto.set_rows(report.rows);
  proto.mutable_predicted()->Assign(report.predicted.begin(), report.predicted.end());
  proto.mutable_actual()->Assign(report.actual.begin(), report.actual.end());
  for (const NewRowsImportance& importance : report.importance) {
    v1::NewRowsImportance& to = *proto.add_importance();
    to.set_feature(importance.feature);
    to.set_importance(importance.importance);
    to.set_low(importance.low);
    to.set_high(importance.high);
    if (!std::isnan(importance.ratio)) to.set_ratio(importance.ratio);
  }
  for (const DependenceShape& shape : report.dependence) *proto.add_dependence() = DependenceToProto(shape);
  for (const InteractionStrength& pair : report.interactions) *proto.add_interactions() = InteractionToProto(pair);
  if (!report.tree.rules.empty()) *proto.mutable_tree() = TreeToProto(report.tree);
  return proto;
}

NewRowsReport NewRowsFromProto(const v1::NewRowsReport& proto) {
  NewRowsReport report;
  report.rows = proto.rows();
  report.predicted.assign(proto.predicted().begin(), proto.predicted().end());
  report.actual.assign(proto.actual().begin(), proto.actual().end());
  for (const v1::NewRowsImportance& importance : proto.importance()) {
    report.importance.push_back({importance.feature(), importance.importance(), importance.low(), importance.high(),
                                 importance.has_ratio() ? importance.ratio() : std::nan("")});
  }
  for (const v1::FeatureDependence& dependence : proto.dependence()) {
    report.dependence.push_back(DependenceFromProto(dependence));
  }
  for (const v1::FeatureInteraction& pair : proto.interactions()) {
    report.interactions.push_back({pair.first(), pair.second(), pair.strength(), pair.h()});
  }
  report.tree = TreeFromProto(proto.tree());
  return report;
}

}  // namespace roicast
