#include "server/serving/served_model.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/prediction.pb.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Runs the predictor over rows of every shape that requests have, so that the first request finds code and tables in
// memory.
void Warm(const Predictor& predictor, const GoldenRows& golden) {
  const int64_t rows = static_cast<int64_t>(golden.predictions.size());
  std::vector<float> roi(golden.predictions.size());
  std::vector<uint8_t> flags(golden.predictions.size());
  predictor.Predict(golden.rows.data(), rows, absl::MakeSpan(roi), absl::MakeSpan(flags));
  const size_t width = static_cast<size_t>(predictor.schema().size());
  std::vector<RowWarning> warnings;
  for (size_t row = 0; row < golden.predictions.size(); ++row) {
    const float* const values = golden.rows.data() + row * width;
    predictor.Predict(values, 1, absl::MakeSpan(roi).subspan(0, 1), absl::MakeSpan(flags).subspan(0, 1));
    warnings.clear();
    predictor.Explain(values, warnings).IgnoreError();
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ServedModel>> ServedModel::Load(absl::string_view name, int64_t version,
                                                                     absl::string_view bytes, ServerMetrics& metrics) {
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, ParseArtifact(bytes));
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<const Predictor> predictor, Predictor::Compile(artifact));
  Warm(*predictor, artifact.golden);
  return std::make_shared<const ServedModel>(std::string(name), version, Sha256Hex(bytes), std::move(predictor),
                                             metrics);
}

ServedModel::ServedModel(std::string name, int64_t version, std::string artifact_digest,
                         std::unique_ptr<const Predictor> predictor, ServerMetrics& metrics)
    : name_(std::move(name)),
      version_(version),
      artifact_digest_(std::move(artifact_digest)),
      predictor_(std::move(predictor)),
      metrics_(metrics.AddModelVersion(name_, version_, artifact_digest_)),
      schema_digest_(predictor_->schema().Digest()),
      label_(absl::StrCat("model \"", name_, "\" version ", version_)) {
  const Schema& features = schema();
  category_codes_.resize(features.features.size());
  for (size_t i = 0; i < features.features.size(); ++i) {
    const Feature& feature = features.features[i];
    feature_index_[feature.name] = static_cast<int>(i);
    for (size_t code = 0; code < feature.vocabulary.size(); ++code) {
      category_codes_[i][feature.vocabulary[code]] = static_cast<float>(code);
    }
  }
  BindCampaign();
  EncodeAnswers();
}

int ServedModel::FeatureIndex(absl::string_view feature) const {
  const auto found = feature_index_.find(feature);
  return found == feature_index_.end() ? -1 : found->second;
}

float ServedModel::CategoryCode(int feature, absl::string_view word) const {
  const auto& codes = category_codes_[static_cast<size_t>(feature)];
  const auto found = codes.find(word);
  return found == codes.end() ? kUnseenCode : found->second;
}

absl::Status ServedModel::NoCampaigns(absl::string_view why) const {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat(label_, " does not take campaigns: ", why, "; use BatchPredict with columns")),
                    v1::CAMPAIGNS_NOT_SUPPORTED, {{"model", name_}, {"version", absl::StrCat(version_)}});
}

void ServedModel::BindCampaign() {
  const Schema& campaign = CampaignSchema();
  for (const Feature& field : campaign.features) campaign_features_.push_back(FeatureIndex(field.name));
  for (const Feature& feature : schema().features) {
    const int field = campaign.IndexOf(feature.name);
    if (field < 0) {
      takes_campaigns_ = NoCampaigns(absl::StrCat("its feature \"", feature.name, "\" is not a field of Campaign"));
      return;
    }
    const FeatureKind expected = campaign.features[static_cast<size_t>(field)].kind;
    if (feature.kind != expected) {
      takes_campaigns_ =
          NoCampaigns(absl::StrCat("its feature \"", feature.name, "\" is ", FeatureKindName(feature.kind),
                                   ", that of Campaign is ", FeatureKindName(expected)));
      return;
    }
  }
}

void ServedModel::EncodeAnswers() {
  v1::PredictResponse response;
  v1::ServedBy& served_by = *response.mutable_served_by();
  served_by.set_model(name_);
  served_by.set_version(version_);
  served_by.set_artifact_digest(artifact_digest_);
  served_by_field_ = response.SerializeAsString();
  for (const Feature& feature : schema().features) {
    for (const v1::WarningKind kind :
         {v1::WARNING_KIND_VALUE_IMPUTED, v1::WARNING_KIND_CATEGORY_UNSEEN, v1::WARNING_KIND_VALUE_OUT_OF_RANGE}) {
      v1::Warning warning;
      warning.set_kind(kind);
      warning.set_feature(feature.name);
      warnings_.push_back(warning.SerializeAsString());
    }
  }
}

}  // namespace roicast
