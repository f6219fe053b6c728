// A compact network that has learnt from a slower model's predictions.
//
// Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), for tables: Fakoor et al., "Fast,
// Accurate, and Simple Models for Tabular Data via Augmented Distillation" (2020). The teacher's predictions have no
// noise, so that the student needs no regularisation, and they are free, so that it learns from more rows than the
// table has.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/data/matrix.h"
#include "model/data/schema.h"
#include "model/training/fit_journal.h"
#include "model/training/model_fit.h"
#include "model/training/row_part.h"
#include "model/training/search_report.h"
#include "model/training/training_spec.h"

namespace roicast {

// Multiplications of one prediction, without the encoding.
int64_t MultiplicationsOf(const Artifact& artifact);

// New rows between those of `raw` [n, features], n ≥ 1: each feature comes from one of two random rows, a number with
// an even chance from somewhere between the two. Four times n, at least 20,000, at most 200,000. Deterministic.
RowMajorMatrix MixRows(const RowMajorMatrix& raw, const Schema& schema, uint64_t seed);

// Replaces the model of `fit` by a student of the compact preset's size, without ramps, that has learnt from the
// model's predictions of its training rows and of MixRows, clipped to the range of the training targets (of a
// two-valued target: log odds within ± 6); each kind of row has half of the weight. Its predictions out of fold are the
// teacher's, changed by what the student says differently of the row. The capacity and the number of ramps remain the
// teacher's, which a later fit begins with. Nothing changes if the time is up. Errors: those of FitJournal::Fit.
absl::Status DistilFit(const TrainingSpec& spec, ModelFit& fit, FitJournal& journal);

// DistilFit of the measured model, and what it cost on `holdout`, whose encoding no longer fits. nullopt, with a
// warning in fit.network: the model stays, because it is no slower than a student, or because the time was up.
absl::StatusOr<std::optional<ReductionReport>> DistilMeasured(const TrainingSpec& spec, const RowPart& holdout,
                                                              ModelFit& fit, FitJournal& journal);

// FirstMetric on the holdout; NaN without rows.
absl::StatusOr<double> FirstMetricOn(const RowPart& holdout, const ModelFit& fit, double profit_threshold);

}  // namespace roicast
