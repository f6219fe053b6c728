#include "model/artifact/calibration_conversion.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

absl::Status CheckGroupFeature(const Calibration& calibration, const Schema& schema) {
  if (calibration.group_feature.empty()) return absl::OkStatus();
  const int feature = schema.IndexOf(calibration.group_feature);
  if (feature < 0 || schema.features[feature].kind != FeatureKind::kCategorical) {
    return absl::InvalidArgumentError(absl::StrCat("calibration.group_feature: expected a categorical feature, got \"",
                                                   calibration.group_feature, "\""));
  }
  const auto words = static_cast<int64_t>(schema.features[feature].vocabulary.size());
  // Sorted: the last is the largest.
  if (calibration.groups.back().code < words) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("calibration.groups: expected codes below ", words,
                                                 ", the size of the vocabulary, got ", calibration.groups.back().code));
}

void GroupToBody(const CalibrationGroup& group, artifact::v1::CalibrationGroup& body) {
  body.set_code(group.code);
  body.set_rows(group.rows);
  body.mutable_scores()->Add(group.scores.begin(), group.scores.end());
  body.set_location(group.location);
}

CalibrationGroup GroupFromBody(const artifact::v1::CalibrationGroup& body) {
  return {body.code(), body.rows(), {body.scores().begin(), body.scores().end()}, body.location()};
}

}  // namespace

artifact::v1::Calibration CalibrationToBody(const Calibration& calibration) {
  artifact::v1::Calibration body;
  if (const auto& head = calibration.log_scale; head.has_value()) {
    artifact::v1::DenseLayer& layer = *body.mutable_log_scale();
    layer.set_inputs(static_cast<int>(head->weights.cols()));
    layer.set_outputs(1);
    layer.mutable_weights()->Add(head->weights.data(), head->weights.data() + head->weights.size());
    layer.mutable_biases()->Add(head->biases.data(), head->biases.data() + head->biases.size());
  }
  for (const CalibrationGroup& group : calibration.groups) GroupToBody(group, *body.add_groups());
  for (const CalibrationGroup& shape : calibration.shapes) GroupToBody(shape, *body.add_shapes());
  if (calibration.levels.has_value()) GroupToBody(*calibration.levels, *body.mutable_levels());
  body.set_group_feature(calibration.group_feature);
  for (const CalibrationBin& bin : calibration.bins) {
    artifact::v1::CalibrationBin& out = *body.add_bins();
    out.set_up_to(bin.up_to);
    out.set_rows(bin.rows);
    out.set_positives(bin.positives);
  }
  return body;
}

absl::StatusOr<Calibration> CalibrationFromBody(const artifact::v1::Calibration& body, const Schema& schema,
                                                const Mlp& mlp, TargetKind kind) {
  Calibration calibration;
  if (body.has_log_scale()) {
    const artifact::v1::DenseLayer& layer = body.log_scale();
    if (layer.outputs() != 1 || layer.inputs() != layer.weights_size() || layer.biases_size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("calibration.log_scale: expected 1 output, a weight per input and 1 bias, got ", layer.outputs(),
                       " outputs, ", layer.weights_size(), " weights for ", layer.inputs(), " inputs and ",
                       layer.biases_size(), " biases"));
    }
    if (layer.activation() != roicast::v1::ACTIVATION_UNSPECIFIED || layer.blocks() > 1) {
      return absl::InvalidArgumentError("calibration.log_scale: expected neither an activation nor blocks");
    }
    DenseLayer& head = calibration.log_scale.emplace();
    head.weights = Eigen::Map<const RowMajorMatrix>(layer.weights().data(), 1, layer.weights_size());
    head.biases = Eigen::Map<const Eigen::VectorXf>(layer.biases().data(), 1);
  }
  for (const artifact::v1::CalibrationGroup& group : body.groups()) {
    calibration.groups.push_back(GroupFromBody(group));
  }
  for (const artifact::v1::CalibrationGroup& shape : body.shapes()) calibration.shapes.push_back(GroupFromBody(shape));
  if (body.has_levels()) calibration.levels = GroupFromBody(body.levels());
  calibration.group_feature = body.group_feature();
  for (const artifact::v1::CalibrationBin& bin : body.bins()) {
    calibration.bins.push_back({bin.up_to(), bin.rows(), bin.positives()});
  }
  const size_t layers = mlp.layers.size();
  ROICAST_RETURN_IF_ERROR(calibration.Validate(layers > 1 ? mlp.layers[layers - 2].weights.rows() : 0, kind));
  ROICAST_RETURN_IF_ERROR(CheckGroupFeature(calibration, schema));
  return calibration;
}

artifact::v1::MovesWithSpend MovesToBody(const MovesWithSpend& moves) {
  artifact::v1::MovesWithSpend body;
  body.set_spend(moves.spend);
  for (const SpendCompanion& moving : moves.features) {
    artifact::v1::MovesWithSpend::Feature& feature = *body.add_features();
    feature.set_feature(moving.feature);
    feature.set_elasticity(moving.elasticity);
    feature.set_level(moving.level);
    feature.set_spread(moving.spread);
    feature.set_lacking(moving.lacking);
    for (const WordLevel& word : moving.words) {
      artifact::v1::MovesWithSpend::WordLevel& added = *feature.add_words();
      added.set_feature(word.feature);
      added.set_code(word.code);
      added.set_level(word.level);
      added.set_lacking(word.lacking);
    }
  }
  return body;
}

absl::StatusOr<MovesWithSpend> MovesFromBody(const artifact::v1::MovesWithSpend& body, const Schema& schema) {
  if (body.features_size() < 1 || body.features_size() > kMostMovingFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat("moves_with_spend.features: expected 1 to ", kMostMovingFeatures, ", got ", body.features_size()));
  }
  MovesWithSpend moves;
  moves.spend = body.spend();
  for (const artifact::v1::MovesWithSpend::Feature& feature : body.features()) {
    SpendCompanion& moving = moves.features.emplace_back();
    moving = {feature.feature(), feature.elasticity(), feature.level(), feature.spread()};
    moving.lacking = feature.lacking();
    for (const artifact::v1::MovesWithSpend::WordLevel& word : feature.words()) {
      moving.words.push_back({word.feature(), word.code(), word.level(), word.lacking()});
    }
  }
  ROICAST_RETURN_IF_ERROR(moves.Validate(schema));
  return moves;
}

artifact::v1::ModelError ModelErrorToBody(const ModelError& error) {
  artifact::v1::ModelError body;
  body.set_level(error.level);
  body.set_common(error.common);
  for (const ModelError::Slope& slope : error.slopes) {
    artifact::v1::ModelError::Slope& out = *body.add_slopes();
    out.set_all(slope.all);
    out.set_common(slope.common);
  }
  body.set_rows(error.rows);
  return body;
}

absl::StatusOr<ModelError> ModelErrorFromBody(const artifact::v1::ModelError& body, const Schema& schema) {
  ModelError error;
  error.level = body.level();
  error.common = body.common();
  for (const artifact::v1::ModelError::Slope& slope : body.slopes())
    error.slopes.push_back({slope.all(), slope.common()});
  error.rows = body.rows();
  ROICAST_RETURN_IF_ERROR(error.Validate(schema.size()));
  return error;
}

}  // namespace roicast
