#include "model/artifact/body_conversion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/artifact/attention_conversion.h"
#include "model/artifact/background_conversion.h"
#include "model/artifact/calibration_conversion.h"
#include "model/artifact/enum_map.h"
#include "model/artifact/proto_conversion.h"

namespace roicast {
namespace {

artifact::v1::FittedFeature FittedToBody(const FittedFeature& fitted) {
  artifact::v1::FittedFeature body;
  body.set_fill_value(fitted.fill_value);
  body.set_missing_indicator(fitted.missing_indicator);
  body.set_clip_min(fitted.clip_min);
  body.set_clip_max(fitted.clip_max);
  body.set_transform(NumericTransformToProto(fitted.transform));
  body.set_center(fitted.center);
  body.set_scale(fitted.scale);
  body.set_month(fitted.month);
  body.set_weekday(fitted.weekday);
  body.set_hour(fitted.hour);
  if (fitted.half_year) body.set_half_year(true);
  if (fitted.trend) body.set_trend(true);
  if (fitted.unseen_excess.has_value()) body.set_unseen_excess(*fitted.unseen_excess);
  body.mutable_ramps()->Add(fitted.ramps.begin(), fitted.ramps.end());
  if (fitted.log_scale != 0.0) body.set_log_scale(fitted.log_scale);
  return body;
}

absl::StatusOr<FittedFeature> FittedFromBody(const artifact::v1::FittedFeature& body, int index) {
  FittedFeature fitted;
  fitted.fill_value = body.fill_value();
  fitted.missing_indicator = body.missing_indicator();
  fitted.clip_min = body.clip_min();
  fitted.clip_max = body.clip_max();
  const auto transform = EnumFromProto(kNumericTransforms, body.transform());
  if (!transform) {
    return absl::InvalidArgumentError(
        absl::StrCat("features[", index, "].transform: unknown transform ", static_cast<int>(body.transform())));
  }
  fitted.transform = *transform;
  fitted.center = body.center();
  fitted.scale = body.scale();
  fitted.month = body.month();
  fitted.weekday = body.weekday();
  fitted.hour = body.hour();
  fitted.half_year = body.half_year();
  fitted.trend = body.trend();
  if (body.has_unseen_excess()) fitted.unseen_excess = body.unseen_excess();
  fitted.ramps.assign(body.ramps().begin(), body.ramps().end());
  fitted.log_scale = body.log_scale();
  return fitted;
}

artifact::v1::DenseLayer LayerToBody(const DenseLayer& layer) {
  artifact::v1::DenseLayer body;
  body.set_inputs(layer.inputs());
  body.set_outputs(layer.outputs());
  if (layer.blocks > 1) body.set_blocks(layer.blocks);
  body.mutable_weights()->Add(layer.weights.data(), layer.weights.data() + layer.weights.size());
  body.mutable_biases()->Add(layer.biases.data(), layer.biases.data() + layer.biases.size());
  body.set_activation(ActivationToProto(layer.activation));
  return body;
}

absl::Status Bad(int layer, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("layers[", layer, "]", what));
}

bool AllFinite(const google::protobuf::RepeatedField<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

absl::StatusOr<DenseLayer> LayerFromBody(const artifact::v1::DenseLayer& body, int index, int64_t inputs, bool last) {
  if (body.inputs() != inputs) return Bad(index, absl::StrCat(".inputs: expected ", inputs, ", got ", body.inputs()));
  const int outputs_limit = last ? 1 : kMaxLayerUnits;
  if (body.outputs() < 1 || body.outputs() > outputs_limit) {
    return Bad(index, absl::StrCat(".outputs: expected 1", last ? "" : absl::StrCat(" to ", outputs_limit), ", got ",
                                   body.outputs()));
  }
  const int blocks = body.blocks() == 0 ? 1 : body.blocks();
  const bool outer = last || index == 0;
  if (blocks < 1 || (outer && blocks > 1) || body.outputs() % blocks != 0 || inputs % blocks != 0) {
    return Bad(index, absl::StrCat(".blocks: expected ", outer ? "1" : "a divisor of the inputs and the outputs",
                                   ", got ", body.blocks()));
  }
  const int64_t expected = inputs / blocks * body.outputs();
  if (body.weights_size() != expected) {
    return Bad(index, absl::StrCat(".weights: expected ", expected, " numbers, got ", body.weights_size()));
  }
  if (body.biases_size() != body.outputs()) {
    return Bad(index, absl::StrCat(".biases: expected ", body.outputs(), " numbers, got ", body.biases_size()));
  }
  if (!AllFinite(body.weights())) return Bad(index, ".weights: expected finite numbers, got NaN or infinity");
  if (!AllFinite(body.biases())) return Bad(index, ".biases: expected finite numbers, got NaN or infinity");
  const auto activation = EnumFromProto(kActivations, body.activation());
  if (!activation || (last && *activation != Activation::kIdentity)) {
    return Bad(index, absl::StrCat(".activation: unexpected value ", static_cast<int>(body.activation())));
  }
  DenseLayer layer;
  layer.activation = *activation;
  layer.blocks = blocks;
  layer.weights = Eigen::Map<const RowMajorMatrix>(body.weights().data(), body.outputs(), inputs / blocks);
  layer.biases = Eigen::Map<const Eigen::VectorXf>(body.biases().data(), body.outputs());
  return layer;
}

// Another last layer, of one output.
absl::StatusOr<DenseLayer> HeadFromBody(const artifact::v1::DenseLayer& body, absl::string_view name, const Mlp& mlp) {
  if (mlp.layers.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": expected none beside a network without a hidden layer"));
  }
  absl::StatusOr<DenseLayer> layer = LayerFromBody(body, 0, mlp.layers.back().weights.cols(), true);
  if (!layer.ok()) return WithContext(layer.status(), name);
  return layer;
}

absl::StatusOr<Mlp> MlpFromBody(const artifact::v1::Artifact& body, int64_t inputs) {
  if (body.layers_size() < 1 || body.layers_size() > kMaxLayers) {
    return absl::InvalidArgumentError(absl::StrCat("layers: expected 1 to ", kMaxLayers, ", got ", body.layers_size()));
  }
  Mlp mlp;
  for (int i = 0; i < body.layers_size(); ++i) {
    ROICAST_ASSIGN_OR_RETURN(DenseLayer layer, LayerFromBody(body.layers(i), i, inputs, i + 1 == body.layers_size()));
    inputs = layer.weights.rows();
    mlp.layers.push_back(std::move(layer));
  }
  return mlp;
}

artifact::v1::TargetInverse TargetToBody(const FittedTarget& target) {
  artifact::v1::TargetInverse body;
  body.set_transform(EnumToProto(kTargetTransforms, target.transform));
  body.set_offset(target.offset);
  body.set_factor(target.factor);
  body.set_smear_cosh(target.smear_cosh);
  body.set_smear_sinh(target.smear_sinh);
  body.set_smear_exp(target.smear_exp);
  body.set_statistic(EnumToProto(kStatistics, target.statistic));
  if (std::isfinite(target.roi_floor)) body.set_roi_floor(target.roi_floor);
  // The usual kind stays unset, so that artifacts from before there were others keep their bytes.
  if (target.kind != TargetKind::kNumber) body.set_kind(EnumToProto(kTargetKinds, target.kind));
  body.set_rest(target.rest);
  // Unset is 1, for the same reason.
  if (target.mean_slope != 1.0) body.set_mean_slope(target.mean_slope);
  return body;
}

absl::StatusOr<FittedTarget> TargetFromBody(const artifact::v1::TargetInverse& body) {
  const auto transform = EnumFromProto(kTargetTransforms, body.transform());
  const auto statistic = EnumFromProto(kStatistics, body.statistic());
  if (!transform) {
    return absl::InvalidArgumentError(
        absl::StrCat("target.transform: unknown transform ", static_cast<int>(body.transform())));
  }
  if (!statistic) {
    return absl::InvalidArgumentError(
        absl::StrCat("target.statistic: unknown statistic ", static_cast<int>(body.statistic())));
  }
  const auto kind = EnumFromProto(kTargetKinds, body.kind());
  if (!kind) {
    return absl::InvalidArgumentError(absl::StrCat("target.kind: unknown kind ", static_cast<int>(body.kind())));
  }
  FittedTarget target;
  target.kind = *kind == TargetKind::kAuto ? TargetKind::kNumber : *kind;
  target.rest = body.rest();
  target.transform = *transform;
  target.offset = body.offset();
  target.factor = body.factor();
  target.smear_cosh = body.smear_cosh();
  target.smear_sinh = body.smear_sinh();
  target.smear_exp = body.smear_exp();
  if (body.mean_slope() != 0.0) target.mean_slope = body.mean_slope();
  target.statistic = *statistic;
  if (body.has_roi_floor()) {
    // −∞ stands for "none" and is not stored.
    if (!std::isfinite(body.roi_floor())) {
      return absl::InvalidArgumentError(
          absl::StrCat("target.roi_floor: expected a finite number or nothing, got ", body.roi_floor()));
    }
    target.roi_floor = body.roi_floor();
  }
  ROICAST_RETURN_IF_ERROR(target.Validate());
  return target;
}

artifact::v1::LearntRows LearntRowsToBody(const LearntRows& learnt) {
  artifact::v1::LearntRows body;
  body.set_limit(learnt.limit);
  body.mutable_hashes()->Assign(learnt.hashes.begin(), learnt.hashes.end());
  return body;
}

absl::StatusOr<LearntRows> LearntRowsFromBody(const artifact::v1::LearntRows& body) {
  if (static_cast<size_t>(body.hashes_size()) > kMostLearntHashes) {
    return absl::InvalidArgumentError(
        absl::StrCat("learnt_rows.hashes: expected at most ", kMostLearntHashes, " numbers, got ", body.hashes_size()));
  }
  for (int i = 0; i < body.hashes_size(); ++i) {
    if ((i == 0 || body.hashes(i - 1) < body.hashes(i)) && body.hashes(i) <= body.limit()) continue;
    return absl::InvalidArgumentError(absl::StrCat("learnt_rows.hashes[", i,
                                                   "]: expected more than the one before and "
                                                   "at most the limit, ",
                                                   body.limit(), ", got ", body.hashes(i)));
  }
  LearntRows learnt;
  learnt.limit = body.limit();
  learnt.hashes.assign(body.hashes().begin(), body.hashes().end());
  return learnt;
}

absl::StatusOr<GoldenRows> GoldenFromBody(const artifact::v1::GoldenRows& body, int64_t features) {
  const int64_t count = body.predictions_size();
  if (count < kMinGoldenRows || count > kMaxGoldenRows) {
    return absl::InvalidArgumentError(
        absl::StrCat("golden.predictions: expected ", kMinGoldenRows, " to ", kMaxGoldenRows, ", got ", count));
  }
  if (body.rows_size() != count * features) {
    return absl::InvalidArgumentError(
        absl::StrCat("golden.rows: expected ", count * features, " numbers, got ", body.rows_size()));
  }
  if (!AllFinite(body.predictions())) {
    return absl::InvalidArgumentError("golden.predictions: expected finite numbers, got NaN or infinity");
  }
  GoldenRows golden;
  golden.rows.assign(body.rows().begin(), body.rows().end());
  golden.predictions.assign(body.predictions().begin(), body.predictions().end());
  return golden;
}

}  // namespace

artifact::v1::Artifact BodyFromArtifact(const Artifact& artifact) {
  artifact::v1::Artifact body;
  *body.mutable_schema() = SchemaToProto(artifact.schema);
  for (const FittedFeature& fitted : artifact.features) *body.add_features() = FittedToBody(fitted);
  for (const DenseLayer& layer : artifact.mlp.layers) *body.add_layers() = LayerToBody(layer);
  if (artifact.attention.has_value()) *body.mutable_attention() = AttentionToBody(*artifact.attention);
  *body.mutable_target() = TargetToBody(artifact.target);
  if (artifact.calibration.has_value()) *body.mutable_calibration() = CalibrationToBody(*artifact.calibration);
  if (artifact.gate.has_value()) *body.mutable_gate() = LayerToBody(*artifact.gate);
  *body.mutable_report() = TrainingReportToProto(artifact.report);
  *body.mutable_provenance() = ProvenanceToProto(artifact.provenance);
  artifact::v1::GoldenRows* golden = body.mutable_golden();
  golden->mutable_rows()->Add(artifact.golden.rows.begin(), artifact.golden.rows.end());
  golden->mutable_predictions()->Add(artifact.golden.predictions.begin(), artifact.golden.predictions.end());
  if (!artifact.learnt_rows.empty()) *body.mutable_learnt_rows() = LearntRowsToBody(artifact.learnt_rows);
  if (artifact.model_error.has_value()) *body.mutable_model_error() = ModelErrorToBody(*artifact.model_error);
  if (!artifact.moves_with_spend.empty()) *body.mutable_moves_with_spend() = MovesToBody(artifact.moves_with_spend);
  if (artifact.background.has_value()) *body.mutable_background() = BackgroundToBody(*artifact.background);
  return body;
}

absl::StatusOr<Artifact> ArtifactFromBody(const artifact::v1::Artifact& body) {
  Artifact artifact;
  ROICAST_ASSIGN_OR_RETURN(artifact.schema, SchemaFromProto(body.schema(), "schema"));
  if (const std::string digest = artifact.schema.Digest(); body.schema().digest() != digest) {
    return absl::InvalidArgumentError(
        absl::StrCat("schema.digest: expected ", digest, ", got \"", body.schema().digest(), "\""));
  }
  for (int i = 0; i < body.features_size(); ++i) {
    ROICAST_ASSIGN_OR_RETURN(FittedFeature fitted, FittedFromBody(body.features(i), i));
    artifact.features.push_back(fitted);
  }
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor, Preprocessor::Create(artifact.schema, artifact.features));
  if (body.has_attention()) {
    if (body.layers_size() > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("layers: expected none beside attention, got ", body.layers_size()));
    }
    ROICAST_ASSIGN_OR_RETURN(artifact.attention, AttentionFromBody(body.attention(), preprocessor.InputsPerFeature()));
  } else {
    ROICAST_ASSIGN_OR_RETURN(artifact.mlp, MlpFromBody(body, preprocessor.encoded_size()));
  }
  ROICAST_ASSIGN_OR_RETURN(artifact.target, TargetFromBody(body.target()));
  if (body.has_calibration()) {
    ROICAST_ASSIGN_OR_RETURN(artifact.calibration, CalibrationFromBody(body.calibration(), artifact.schema,
                                                                       artifact.mlp, artifact.target.kind));
  }
  if (body.has_gate()) {
    ROICAST_ASSIGN_OR_RETURN(artifact.gate, HeadFromBody(body.gate(), "gate", artifact.mlp));
  }
  ROICAST_RETURN_IF_ERROR(artifact.ValidateGate());
  ROICAST_ASSIGN_OR_RETURN(artifact.report, TrainingReportFromProto(body.report()));
  ROICAST_ASSIGN_OR_RETURN(artifact.provenance, ProvenanceFromProto(body.provenance(), "provenance"));
  ROICAST_ASSIGN_OR_RETURN(artifact.golden, GoldenFromBody(body.golden(), artifact.schema.size()));
  ROICAST_ASSIGN_OR_RETURN(artifact.learnt_rows, LearntRowsFromBody(body.learnt_rows()));
  if (body.has_model_error()) {
    ROICAST_ASSIGN_OR_RETURN(artifact.model_error, ModelErrorFromBody(body.model_error(), artifact.schema));
  }
  if (body.has_moves_with_spend()) {
    ROICAST_ASSIGN_OR_RETURN(artifact.moves_with_spend, MovesFromBody(body.moves_with_spend(), artifact.schema));
  }
  if (body.has_background()) {
    ROICAST_ASSIGN_OR_RETURN(artifact.background, BackgroundFromBody(body.background(), artifact.schema));
  }
  return artifact;
}

}  // namespace roicast
