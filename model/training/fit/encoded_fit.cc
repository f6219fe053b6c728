#include "model/training/fit/encoded_fit.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/features/word_ranges.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/fit/diminishing_returns.h"
#include "model/training/fit/learn_target.h"
#include "model/training/fit/network_fit.h"
#include "model/training/training_need.h"

namespace roicast {
namespace {

// Of PRESET_ACCURATE: docs/adr/0079-accurate.md has the comparison.
constexpr int kRamps = 8;

absl::Status ClaimAtLeast(double bytes, MemoryClaim* claim) {
  const auto wanted = static_cast<uint64_t>(bytes);
  return claim == nullptr || claim->bytes() >= wanted ? absl::OkStatus() : claim->SetTo(wanted);
}

// all_rows: of all parts; trained_on: of those that the network learns from or is validated on.
absl::Status CheckEncodedBytes(const TrainingSpec& spec, size_t all_rows, size_t trained_on,
                               const Preprocessor& preprocessor, const TrainModelInputs& inputs) {
  const int64_t limit = inputs.max_encoded_bytes;
  // The trainer has a copy of its own; a comparison has two copies of two thirds, a search one of four fifths, and one
  // for each thread.
  double each = spec.ChoosesCapacity() ? 4.0 / 3.0 : 1.0;
  if (spec.ChoosesCapacity() && spec.preset == Preset::kAuto) each = (1.0 + inputs.threads) * 4.0 / 5.0;
  const double copies = static_cast<double>(trained_on) * each;
  const double bytes = (static_cast<double>(all_rows) + copies) * preprocessor.encoded_size() * sizeof(float);
  // Of all parts as raw rows, and once more to be measured.
  const double raw = 2.0 * static_cast<double>(all_rows) * preprocessor.schema().size() * sizeof(float);
  if (bytes <= static_cast<double>(limit)) {
    return WithContext(ClaimAtLeast(bytes + raw, inputs.rows_memory), "the rows as the network sees them");
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "the rows as the network sees them: expected at most ", limit, " bytes, got ", bytes, " (", all_rows,
      " rows with ", preprocessor.encoded_size(), " inputs); lower preprocessing.max_vocabulary or exclude columns"));
}

// Of the network and of the rows that it sees.
absl::Status ClaimMemory(const FitTask& task, const Preprocessor& preprocessor) {
  const Split& split = task.data.split;
  const size_t trained_on = task.rows.train.size() + task.rows.validation.size();
  const size_t all_rows = std::max(trained_on, split.train.size() + split.validation.size() + split.holdout.size());
  ROICAST_RETURN_IF_ERROR(CheckEncodedBytes(task.spec, all_rows, trained_on, preprocessor, task.inputs));
  TrainingSpec spec = task.spec;
  if (const Artifact* start = task.inputs.warm_start) spec.network = ShapeOf(start->mlp, spec.network);
  const TrainingNeed need = NeedOf(spec, preprocessor.encoded_size(), task.inputs.threads);
  ROICAST_RETURN_IF_ERROR(CheckNeed(need, spec, task.inputs.limits));
  return WithContext(ClaimAtLeast(static_cast<double>(need.memory_bytes), task.inputs.network_memory), "the network");
}

std::vector<NumericTransform> TransformsOf(const TrainingSpec& spec, const Schema& schema) {
  std::vector<NumericTransform> transforms(schema.features.size(), NumericTransform::kAuto);
  for (const ColumnOverride& column : spec.columns) {
    const int feature = schema.IndexOf(column.name);
    if (feature >= 0) transforms[feature] = column.transform;
  }
  return transforms;
}

absl::StatusOr<Preprocessor> LearnEncoding(const FitTask& task, const PreprocessingOptions& encoding) {
  TrainingSpec spec = task.spec;
  spec.preprocessing = encoding;
  return LearnPreprocessor(task.data, task.rows.train, spec, task.inputs.warm_start, task.earlier, task.stop());
}

absl::StatusOr<FittedTarget> LearnScale(const FitTask& task, TargetTransform transform) {
  TrainingSpec spec = task.spec;
  spec.target_transform = transform;
  const FittedTarget* earlier = task.earlier == nullptr ? nullptr : &task.earlier->artifact.target;
  ROICAST_ASSIGN_OR_RETURN(FittedTarget target,
                           LearnTarget(task.data, task.rows.train, spec, task.inputs.warm_start, earlier));
  if (task.data.target.kind != TargetKind::kTwoValued) target.roi_floor = LearnFloor(task.data);
  return target;
}

}  // namespace

absl::StatusOr<ModelFit> EncodeFit(const FitTask& task, const PreprocessingOptions& encoding,
                                   TargetTransform transform) {
  ROICAST_ASSIGN_OR_RETURN(Preprocessor preprocessor, LearnEncoding(task, encoding));
  int spend = -1;
  if (task.spec.extra.diminishing_returns) {
    ROICAST_ASSIGN_OR_RETURN(spend, SpendFeatureOf(task.data));
    ROICAST_ASSIGN_OR_RETURN(preprocessor, WithPlainSpend(preprocessor, spend));
  }
  ROICAST_RETURN_IF_ERROR(ClaimMemory(task, preprocessor));
  ModelFit fit{{}, std::move(preprocessor), encoding, {}, {}, {}, {}, {}};
  Artifact& artifact = fit.artifact;
  artifact.schema = fit.preprocessor.schema();
  artifact.features = fit.preprocessor.features();
  ROICAST_ASSIGN_OR_RETURN(artifact.target, LearnScale(task, transform));
  task.journal.observer().OnTargetScale(TargetScaleOf(artifact.target));
  ROICAST_ASSIGN_OR_RETURN(fit.train,
                           MakeRowPart(task.data, task.rows.train, fit.preprocessor, artifact.target, task.stop()));
  ROICAST_ASSIGN_OR_RETURN(
      fit.validation, MakeRowPart(task.data, task.rows.validation, fit.preprocessor, artifact.target, task.stop()));
  if (spend >= 0) fit.train.linear_input = BoundSpend(fit.preprocessor, artifact.target, spend);
  return fit;
}

absl::StatusOr<int> MostRamps(const FitTask& task, PreprocessingOptions encoding) {
  encoding.ramps = kRamps;
  ROICAST_ASSIGN_OR_RETURN(const Preprocessor preprocessor, LearnEncoding(task, encoding));
  return preprocessor.encoded_size() <= kMaxLinearInputs ? kRamps : 0;
}

absl::StatusOr<Preprocessor> LearnPreprocessor(const PreparedData& data, absl::Span<const int64_t> train,
                                               const TrainingSpec& spec, const Artifact* warm_start,
                                               const ModelFit* earlier, const StopCheck& stop) {
  if (warm_start != nullptr) return Preprocessor::Create(warm_start->schema, warm_start->features);
  std::vector<NumericTransform> transforms = TransformsOf(spec, data.schema);
  for (size_t i = 0; earlier != nullptr && i < transforms.size(); ++i) {
    transforms[i] = earlier->preprocessor.features()[i].transform;
  }
  ROICAST_ASSIGN_OR_RETURN(const Table rows, data.features.Select(train, stop));
  ROICAST_ASSIGN_OR_RETURN(Preprocessor preprocessor,
                           FitPreprocessor(rows, data.schema, data.limits, transforms, spec.preprocessing, stop));
  const absl::StatusOr<int> money = SpendFeatureOf(data);
  if (!money.ok()) return preprocessor;
  return WithWordRanges(preprocessor, rows, *money, stop);
}

}  // namespace roicast
