// A version that is loaded, verified and ready to serve: the predictor, and everything about it that requests need and
// that can be computed once. Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/tables/vocabulary_index.h"
#include "model/decision/decision_model.h"
#include "model/evaluation/metrics.h"
#include "model/explanation/background.h"
#include "model/features/target_transform.h"
#include "model/predictor/predictor.h"
#include "model/uncertainty/uncertainty.h"
#include "server/telemetry/metrics.h"

namespace roicast {

class ServedModel;

// What a service needs for each answer and can compute once per version. Lives as long as the served model. Immutable.
class ModelAttachment {
 public:
  virtual ~ModelAttachment() = default;
};
// Called when a model is loaded, before anyone else sees it. Must be callable from several threads.
using AttachmentFactory = std::function<std::unique_ptr<const ModelAttachment>(const ServedModel&)>;

// What explanations and decisions need of an artifact, beside its predictor and its uncertainty.
struct DecisionParts {
  DecisionFacts facts = {};
  // Of the training spec; empty: it names none.
  std::string spend_column = {};
  // Nullopt: of an older release, or of too few rows.
  std::optional<Background> background = std::nullopt;
};

class ServedModel {
 public:
  // Parses, verifies (golden rows) and warms an artifact file. digest: its SHA-256 if that is known; else it is
  // computed. Errors: as of ParseArtifact and Predictor::Compile.
  static absl::StatusOr<std::shared_ptr<const ServedModel>> Load(absl::string_view name, int64_t version,
                                                                 absl::string_view artifact,
                                                                 const AttachmentFactory& attach,
                                                                 ServerMetrics& metrics, std::string digest = {});
  // Any predictor. An empty `attach` attaches nothing. holdout: as measured when it was trained. typical_roi: of the
  // training rows (FittedTarget::TypicalRoi). missing: words that mean "no value" to the model. uncertainty: nullptr =
  // nothing is known of it.
  ServedModel(std::string name, int64_t version, std::string artifact_digest,
              std::unique_ptr<const Predictor> predictor, const MetricsWithBaseline& holdout,
              const RoiRange& typical_roi, const MissingSpellings& missing, const AttachmentFactory& attach,
              ServerMetrics& metrics, std::unique_ptr<const Uncertainty> uncertainty = nullptr,
              DecisionParts decisions = {});

  const std::string& name() const { return name_; }
  int64_t version() const { return version_; }
  const std::string& artifact_digest() const { return artifact_digest_; }
  const Predictor& predictor() const { return *predictor_; }
  // How sure its predictions are; nullptr: nothing is known of it.
  const Uncertainty* uncertainty() const { return uncertainty_.get(); }
  const DecisionParts& decisions() const { return decisions_; }
  // What one row takes, as measured when the model was warmed; zero: it was not loaded from an artifact.
  absl::Duration row_time() const { return row_time_; }
  // As model/decision takes it. Refers to this model.
  DecisionModel decision_model() const { return {predictor_.get(), uncertainty_.get(), &decisions_.facts}; }
  const Schema& schema() const { return predictor_->schema(); }
  const std::string& schema_digest() const { return schema_digest_; }
  // Metrics on the rows that were held out in training; without rows if there were none.
  const MetricsWithBaseline& holdout() const { return holdout_; }
  // What most of the training rows earned.
  const RoiRange& typical_roi() const { return typical_roi_; }
  // What stands for a missing value of each numeric feature, in schema order; NaN for others. Empty: it was not loaded
  // from an artifact.
  const std::vector<double>& typical_values() const { return typical_values_; }
  ModelMetrics& metrics() const { return *metrics_; }

  // Index in the schema, −1 if there is none.
  int FeatureIndex(absl::string_view feature) const;
  // Raw code of a word by the rule of VocabularyIndex: NaN for a spelling of "missing" and kUnseenCode for any other
  // word that the vocabulary lacks. The feature has to be categorical.
  float CategoryCode(int feature, absl::string_view word) const;

  // The model as errors name it: `model "default" version 3`.
  const std::string& label() const { return label_; }

  // What the AttachmentFactory made for this model; nullptr if none was given.
  const ModelAttachment* attachment() const { return attachment_.get(); }

 private:
  const std::string name_;
  const int64_t version_;
  const std::string artifact_digest_;
  const std::unique_ptr<const Predictor> predictor_;
  const std::unique_ptr<const Uncertainty> uncertainty_;
  const DecisionParts decisions_;
  const MetricsWithBaseline holdout_;
  const RoiRange typical_roi_;
  const std::shared_ptr<ModelMetrics> metrics_;
  const std::string schema_digest_;
  const std::string label_;
  // Keys point into the schema.
  absl::flat_hash_map<absl::string_view, int> feature_index_;
  // One per feature; empty for those that are not categorical.
  std::vector<VocabularyIndex> words_;
  absl::Duration row_time_;
  std::vector<double> typical_values_;
  // Last: made from all of the above.
  std::unique_ptr<const ModelAttachment> attachment_;
};

}  // namespace roicast
