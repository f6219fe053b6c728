// One file that holds everything needed to predict. Format: docs/artifact-format.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/data/cleaning.h"
#include "model/data/moves_with_spend.h"
#include "model/data/schema.h"
#include "model/data/target_description.h"
#include "model/evaluation/calibration_report.h"
#include "model/evaluation/cross_validation.h"
#include "model/evaluation/learnt_rows.h"
#include "model/evaluation/metrics.h"
#include "model/evaluation/new_rows_report.h"
#include "model/explanation/background.h"
#include "model/features/preprocessor.h"
#include "model/features/target_transform.h"
#include "model/network/attention/attention_network.h"
#include "model/network/mlp.h"
#include "model/network/trainer.h"
#include "model/training/capacity/capacity.h"
#include "model/training/search_report.h"
#include "model/training/training_spec.h"
#include "model/uncertainty/calibration.h"
#include "model/uncertainty/model_error.h"

namespace roicast {

// How many numbers, times with a trend among them, also enter as ramps (FittedFeature::ramps), and as how many.
struct NumberEncoding {
  int numbers = 0, with_ramps = 0, ramps = 0;
};
NumberEncoding CountRamps(const Schema& schema, const std::vector<FittedFeature>& features);

struct TrainingReport {
  CleaningReport cleaning;
  MetricsWithBaseline train, validation, holdout;  // model.rows == 0: no such rows
  std::vector<EpochRecord> epochs;                 // all, or 1,000 evenly spaced
  int best_epoch = 0;
  int epochs_run = 0;
  std::string stop_reason;
  CapacityReport capacity;
  int64_t parameter_count = 0;
  // Rows that the served network was fitted to after its twin had been measured; 0: it is the measured one.
  int64_t refit_rows = 0;
  std::string conclusion;  // what the numbers mean, in a sentence
  CrossValidation cross_validation;
  std::vector<TriedModel> tried;
  std::vector<ReductionReport> reductions;
  CalibrationReport calibration;
  int members = 0;  // networks in the ensemble; 0 counts as 1
  TargetDescription target;
  std::optional<NumberEncoding> number_encoding;  // of the served model; not set by older releases
  // Of a model with diminishing returns (training/diminishing_returns.h), 0 to 1.
  std::optional<double> spend_elasticity;
  NewRowsReport new_rows;  // of the measured model; rows == 0: nothing was held out, or of an older release

  // Metrics of rows that were not learnt from: the holdout's, or those of the cross-validation. Without rows: there are
  // none.
  const MetricsWithBaseline& OfNewRows() const;
  // R² on the holdout rows, in transformed ROI; NaN if nothing was held out.
  double HoldoutR2() const;

  // What means "missing" beside the usual words, as said for the model's table: see base/tables/missing_spellings.h.
  std::vector<std::string> MissingValues() const;
};

struct Provenance {
  std::string roicast_version;
  std::string dataset_digest;
  TrainingSpec spec;
};

struct GoldenRows {
  std::vector<float> rows;         // [count, features], raw
  std::vector<float> predictions;  // [count], ROI as served; count ≥ 16
};

// Plain data. Contains no timestamps, so that the same training produces the same bytes.
struct Artifact {
  Schema schema;
  std::vector<FittedFeature> features;
  Mlp mlp;  // without layers if there is attention
  std::optional<AttentionNetwork> attention;
  FittedTarget target;
  std::optional<Calibration> calibration;  // nullopt: no intervals
  std::optional<ModelError> model_error;   // nullopt: not known
  MovesWithSpend moves_with_spend;         // empty: nothing moves, or not known
  // Zero-heavy: the log odds of another value than target.rest, from the units of the last hidden layer.
  std::optional<DenseLayer> gate;
  TrainingReport report;
  Provenance provenance;
  GoldenRows golden;
  LearntRows learnt_rows;                // of the network that serves; empty: not recorded
  std::optional<Background> background;  // nullopt: explanations need one from elsewhere

  // Whether the gate fits the target and the network. Errors: InvalidArgument (a gate of another kind of target, or a
  // zero-heavy target without one; those of Mlp::ValidateHead).
  absl::Status ValidateGate() const {
    const bool wanted = target.kind == TargetKind::kZeroHeavy;
    if (wanted != gate.has_value()) {
      return absl::InvalidArgumentError(wanted ? "gate: expected one of a zero-heavy target, got none"
                                               : "gate: expected none unless the target is zero-heavy, got one");
    }
    return wanted ? mlp.ValidateHead(*gate, "gate") : absl::OkStatus();
  }

  // Of whichever network there is.
  std::string DescribeNetwork() const { return attention.has_value() ? attention->Describe() : mlp.Describe(); }
  int64_t parameter_count() const {
    return attention.has_value() ? attention->parameter_count() : mlp.parameter_count();
  }
  // The reference forward pass in float64: encoded row → z.
  double EvaluateNetwork(const float* encoded_row) const {
    return attention.has_value() ? attention->Evaluate(encoded_row) : mlp.Evaluate(encoded_row);
  }
};

inline constexpr uint32_t kArtifactFormatVersion = 1;
// The store has the same limit: every artifact that can be read can be published.
inline constexpr int64_t kMaxArtifactBytes = int64_t{256} << 20;

// Deterministic.
std::string SerializeArtifact(const Artifact& artifact);

// What the first bytes of a file say, any number of them: the size of the whole artifact, whatever it is, or nullopt
// while there are too few to tell. Errors: InvalidArgument (not an artifact, future format), DataLoss (damaged header).
absl::StatusOr<std::optional<int64_t>> ArtifactSizeFromStart(absl::string_view start);

// Trusts nothing: checks header, length and SHA-256 before parsing the body, and sizes and ranges before using them.
// Errors: DataLoss (truncated or damaged), InvalidArgument (not an artifact, future format, inconsistent body),
// ResourceExhausted (> kMaxArtifactBytes).
absl::StatusOr<Artifact> ParseArtifact(absl::string_view bytes);

}  // namespace roicast
