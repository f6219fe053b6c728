// A version that is loaded, verified and ready to answer: the predictor and everything about it that requests need and
// that can be worked out once. Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/predictor/predictor.h"
#include "server/telemetry/metrics.h"

namespace roicast {

class ServedModel {
 public:
  // Parses, verifies (golden rows) and warms an artifact file. Errors: as of ParseArtifact and Predictor::Compile.
  static absl::StatusOr<std::shared_ptr<const ServedModel>> Load(absl::string_view name, int64_t version,
                                                                 absl::string_view artifact, ServerMetrics& metrics);
  // For tests: any predictor.
  ServedModel(std::string name, int64_t version, std::string artifact_digest,
              std::unique_ptr<const Predictor> predictor, ServerMetrics& metrics);

  const std::string& name() const { return name_; }
  int64_t version() const { return version_; }
  const std::string& artifact_digest() const { return artifact_digest_; }
  const Predictor& predictor() const { return *predictor_; }
  const Schema& schema() const { return predictor_->schema(); }
  const std::string& schema_digest() const { return schema_digest_; }
  ModelMetrics& metrics() const { return *metrics_; }

  // Index in the schema, −1 where there is none.
  int FeatureIndex(absl::string_view feature) const;
  // Raw code of a word, kUnseenCode where the vocabulary lacks it. The feature has to be categorical.
  float CategoryCode(int feature, absl::string_view word) const;

  // The model as errors name it: `model "default" version 3`.
  const std::string& label() const { return label_; }

  // --- Answers, encoded once.
  // Field 1 (served_by) of PredictResponse and BatchPredictResponse.
  const std::string& served_by_field() const { return served_by_field_; }
  // roicast.v1.Warning.
  const std::string& warning(WarningKind kind, int feature) const {
    return warnings_[static_cast<size_t>(feature) * 3 + static_cast<size_t>(kind)];
  }

  // --- Campaigns. Feature index of each field of CampaignSchema(), −1 where this model does not use it.
  const std::vector<int>& campaign_features() const { return campaign_features_; }
  // Why campaigns cannot be answered; OK where they can. FailedPrecondition.
  const absl::Status& takes_campaigns() const { return takes_campaigns_; }

 private:
  void BindCampaign();
  absl::Status NoCampaigns(absl::string_view why) const;
  void EncodeAnswers();

  const std::string name_;
  const int64_t version_;
  const std::string artifact_digest_;
  const std::unique_ptr<const Predictor> predictor_;
  const std::shared_ptr<ModelMetrics> metrics_;
  const std::string schema_digest_;
  const std::string label_;
  // Keys point into the schema.
  absl::flat_hash_map<absl::string_view, int> feature_index_;
  std::vector<absl::flat_hash_map<absl::string_view, float>> category_codes_;
  std::string served_by_field_;
  std::vector<std::string> warnings_;
  std::vector<int> campaign_features_;
  absl::Status takes_campaigns_;
};

}  // namespace roicast
