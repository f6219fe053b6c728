#include "model/training/model_fit.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/training/attention/attention_fit.h"
#include "model/training/measured_model.h"

namespace roicast {
namespace {

// all_rows: of all parts; trained_on: of those that the network learns from or is validated on.
absl::Status CheckEncodedBytes(const TrainingSpec& spec, size_t all_rows, size_t trained_on,
                               const Preprocessor& preprocessor, int64_t limit) {
  // The trainer has a copy of its own; a comparison has two copies of two thirds.
  const double copies = static_cast<double>(trained_on) * (spec.ChoosesCapacity() ? 4.0 / 3.0 : 1.0);
  const double bytes = (static_cast<double>(all_rows) + copies) * preprocessor.encoded_size() * sizeof(float);
  if (bytes <= static_cast<double>(limit)) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "the rows as the network sees them: expected at most ", limit, " bytes, got ", bytes, " (", all_rows,
      " rows with ", preprocessor.encoded_size(), " inputs); lower preprocessing.max_vocabulary or exclude columns"));
}

std::vector<NumericTransform> TransformsOf(const TrainingSpec& spec, const Schema& schema) {
  std::vector<NumericTransform> transforms(schema.features.size(), NumericTransform::kAuto);
  for (const ColumnOverride& column : spec.columns) {
    const int feature = schema.IndexOf(column.name);
    if (feature >= 0) transforms[feature] = column.transform;
  }
  return transforms;
}

absl::StatusOr<FittedTarget> LearnTarget(const PreparedData& data, absl::Span<const int64_t> train,
                                         const TrainingSpec& spec, const Artifact* warm_start,
                                         const ModelFit* earlier) {
  if (warm_start != nullptr) {
    FittedTarget target = warm_start->target;
    target.statistic = spec.statistic;
    return target;
  }
  return FitTarget(data.RoiOf(train), earlier == nullptr ? spec.target_transform : earlier->artifact.target.transform,
                   spec.statistic);
}

// The floor of the ROI in all rows that cleaning left, whichever part they are in: what is possible does not depend on
// the split.
double LearnFloor(const PreparedData& data) {
  std::vector<double> roi;
  for (const std::vector<int64_t>* rows : {&data.split.train, &data.split.validation, &data.split.holdout}) {
    const std::vector<double> part = data.RoiOf(*rows);
    roi.insert(roi.end(), part.begin(), part.end());
  }
  return RoiFloor(roi);
}

// Uses the residuals of rows that the network was not trained on, if there are any.
absl::Status LearnSmearing(const ModelFit& fit, Artifact& artifact) {
  if (fit.network.selection.has_value()) {
    std::vector<double> residuals(fit.train.standardised.begin(), fit.train.standardised.end());
    for (size_t i = 0; i < residuals.size(); ++i) {
      residuals[i] = artifact.target.factor * (residuals[i] - fit.network.selection->out_of_fold[i]);
    }
    FitSmearing(residuals, artifact.target);
    return absl::OkStatus();
  }
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact));
  const RowPart& part = fit.validation.roi.empty() ? fit.train : fit.validation;
  std::vector<double> residuals = model.PredictTransformed(part.raw);
  for (size_t i = 0; i < residuals.size(); ++i) {
    residuals[i] = artifact.target.Transform(part.roi[i]) - residuals[i];
  }
  FitSmearing(residuals, artifact.target);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Preprocessor> LearnPreprocessor(const PreparedData& data, absl::Span<const int64_t> train,
                                               const TrainingSpec& spec, const Artifact* warm_start,
                                               const ModelFit* earlier) {
  if (warm_start != nullptr) return Preprocessor::Create(warm_start->schema, warm_start->features);
  std::vector<NumericTransform> transforms = TransformsOf(spec, data.schema);
  for (size_t i = 0; earlier != nullptr && i < transforms.size(); ++i) {
    transforms[i] = earlier->preprocessor.features()[i].transform;
  }
  return FitPreprocessor(data.features.Select(train), data.schema, data.limits, transforms, spec.preprocessing);
}

absl::StatusOr<ModelFit> FitModel(const PreparedData& data, const FitRows& rows, const TrainingSpec& spec,
                                  const TrainModelInputs& inputs, const ModelFit* earlier, FitJournal& journal) {
  ROICAST_ASSIGN_OR_RETURN(Preprocessor preprocessor,
                           LearnPreprocessor(data, rows.train, spec, inputs.warm_start, earlier));
  const size_t trained_on = rows.train.size() + rows.validation.size();
  const Split& split = data.split;
  const size_t all_rows = std::max(trained_on, split.train.size() + split.validation.size() + split.holdout.size());
  ROICAST_RETURN_IF_ERROR(CheckEncodedBytes(spec, all_rows, trained_on, preprocessor, inputs.max_encoded_bytes));
  ModelFit fit{{}, std::move(preprocessor), {}, {}, {}};
  Artifact& artifact = fit.artifact;
  artifact.schema = fit.preprocessor.schema();
  artifact.features = fit.preprocessor.features();
  ROICAST_ASSIGN_OR_RETURN(artifact.target, LearnTarget(data, rows.train, spec, inputs.warm_start, earlier));
  artifact.target.roi_floor = LearnFloor(data);
  fit.train = MakeRowPart(data, rows.train, fit.preprocessor, artifact.target);
  fit.validation = MakeRowPart(data, rows.validation, fit.preprocessor, artifact.target);
  const CapacitySelection* const known = earlier == nullptr ? nullptr : &*earlier->network.selection;
  if (spec.preset == Preset::kAttention) {
    ROICAST_ASSIGN_OR_RETURN(fit.network, FitAttention(fit.train, fit.preprocessor, spec, known, journal));
  } else if (spec.ChoosesCapacity() && inputs.warm_start == nullptr) {
    ROICAST_ASSIGN_OR_RETURN(fit.network, FitChosenNetwork(fit.train, fit.preprocessor, spec, known, journal));
  } else {
    const Mlp* start = inputs.warm_start == nullptr ? nullptr : &inputs.warm_start->mlp;
    ROICAST_ASSIGN_OR_RETURN(fit.network,
                             FitFixedNetwork(fit.train, fit.validation, fit.preprocessor, spec, start, journal));
  }
  artifact.mlp = std::move(fit.network.mlp);
  artifact.attention = std::move(fit.network.attention);
  if (earlier == nullptr) ROICAST_RETURN_IF_ERROR(LearnSmearing(fit, artifact));
  return fit;
}

}  // namespace roicast
