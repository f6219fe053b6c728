// A compact network that has learnt from a slower model's predictions.
//
// Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), for tables: Fakoor et al., "Fast,
// Accurate, and Simple Models for Tabular Data via Augmented Distillation" (2020). The teacher's predictions have no
// noise, so that the student needs no regularisation and gains by a long schedule, and they are free, so that it learns
// from more rows than the table has.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/model_fit.h"
#include "model/training/fit/row_part.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/search_report.h"
#include "model/training/train_model.h"
#include "model/training/training_spec.h"

namespace roicast {

// Multiplications of one prediction, without the encoding.
int64_t MultiplicationsOf(const Artifact& artifact);

// How a student learns. A predictor looks ramps up, so that they cost a student little.
struct Student {
  bool ramps = false;  // every so manieth limit of the teacher's, so that at most kStudentRamps a number are left
  int64_t steps = 0;   // of a whole schedule
};
inline constexpr int kStudentRamps = 8;

// Compares students on every tenth training row, from which they do not learn, by how near they come to the teacher:
// without ramps and, if it has any, with them, which have to take away a tenth of the squared difference; then the
// better one with a schedule four times as long. Errors: those of FitJournal::Fit.
absl::StatusOr<Student> ChooseStudent(const TrainingSpec& spec, const ModelFit& fit, FitJournal& journal);

// Replaces the model of `fit` by a student of the compact preset's size that has learnt from the model's predictions of
// its training rows and of MixRows, clipped to the range of the training targets (of a two-valued target: log odds
// within ± 6); each kind of row has half of the weight. Its predictions out of fold are the teacher's, changed by what
// the student says differently of the row. The capacity and the number of ramps remain the teacher's, which a later fit
// begins with; so does the smearing, which has to be learnt anew. Nothing changes if the time is up. Errors: those of
// FitJournal::Fit.
absl::Status DistilFit(const TrainingSpec& spec, const Student& student, ModelFit& fit, FitJournal& journal);

// The preset compact on the same data, where the spec has another one.
TrainingSpec CompactSpec(const TrainingSpec& spec);

struct Distillation {
  // nullopt, with a warning in fit.network: no student serves.
  std::optional<ReductionReport> report;
  Student student;
  // The student was worse than a model of CompactSpec, which is in its place.
  bool compact = false;
};

// DistilFit of the measured model with the student that ChooseStudent chooses, and what it cost on `holdout`, whose
// encoding no longer fits. The model stays if it is no slower than a student, or if the time is up. If the student's
// squared error on the holdout, in the target's unit, is more than a standard error above that of a model of
// CompactSpec that has learnt from the rows themselves, that model replaces it. data, inputs: of FitModel.
absl::StatusOr<Distillation> DistilMeasured(const TrainingSpec& spec, const PreparedData& data,
                                            const TrainModelInputs& inputs, const RowPart& holdout, ModelFit& fit,
                                            FitJournal& journal);
// The same without a holdout to compare on.
absl::StatusOr<Distillation> DistilUnmeasured(const TrainingSpec& spec, ModelFit& fit, FitJournal& journal);

// FirstMetric on the holdout; NaN without rows.
absl::StatusOr<double> FirstMetricOn(const RowPart& holdout, const ModelFit& fit, double profit_threshold,
                                     const StopCheck& stop);

}  // namespace roicast
