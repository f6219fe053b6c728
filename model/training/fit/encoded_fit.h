// Rows of a prepared dataset as a network sees them: everything of a fit but the network.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/features/preprocessor.h"
#include "model/features/target_transform.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/model_fit.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/train_model.h"
#include "model/training/training_spec.h"

namespace roicast {

// What FitModel is asked for, with a loss that suits the target. What the references are to must outlive it.
struct FitTask {
  const PreparedData& data;
  const FitRows& rows;
  const TrainingSpec& spec;
  const TrainModelInputs& inputs;
  const ModelFit* earlier;  // may be nullptr
  FitJournal& journal;

  StopCheck stop() const { return journal.stop(); }
};

// Learns the encoding and the target's scale from the training rows, and encodes both parts; the network of the result
// is empty. Memory that is larger than what is claimed so far is claimed first. Errors: as FitModel.
absl::StatusOr<ModelFit> EncodeFit(const FitTask& task, const PreprocessingOptions& encoding,
                                   TargetTransform transform);

// How many ramps a number is encoded by, where the spec leaves it open: 0 where they would make more inputs than a
// linear path can have. Errors: as LearnPreprocessor.
absl::StatusOr<int> MostRamps(const FitTask& task, PreprocessingOptions encoding);

// The preprocessing alone. warm_start, earlier: may be nullptr. Errors: InvalidArgument (the spec asks for what the
// rows do not allow), those of `stop`.
absl::StatusOr<Preprocessor> LearnPreprocessor(const PreparedData& data, absl::Span<const int64_t> train,
                                               const TrainingSpec& spec, const Artifact* warm_start,
                                               const ModelFit* earlier = nullptr, const StopCheck& stop = nullptr);

}  // namespace roicast
