#include "bench/campaign_artifact.h"

#include <cmath>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/random.h"
#include "model/predictor/predictor.h"

namespace roicast::bench {
namespace {

constexpr int kHidden = 5;
constexpr int kGoldenRows = 32;
constexpr double kHoursIn2025 = 482136;  // Since 1970.

int VocabularySize(const std::string& feature) {
  return feature == "product_category" ? 12 : feature == "region" ? 8 : feature == "channel" ? 6 : 3;
}

// A typical value: within the allowed range and the range seen in training.
float UsualValue(const Feature& feature, Random& random) {
  switch (feature.kind) {
    case FeatureKind::kCategorical:
      return static_cast<float>(random.Below(feature.vocabulary.size()));
    case FeatureKind::kTime:
      return static_cast<float>(std::floor(kHoursIn2025 + random.Uniform(0, 8760)));
    case FeatureKind::kNumeric:
      return static_cast<float>(random.Uniform(feature.seen_min, feature.seen_max));
  }
  return 0;
}

}  // namespace

Artifact MakeCampaignArtifact(uint64_t seed) {
  Random random(seed);
  Artifact artifact;
  artifact.schema = CampaignSchema();
  int inputs = 0;
  for (Feature& feature : artifact.schema.features) {
    FittedFeature fitted;
    switch (feature.kind) {
      case FeatureKind::kCategorical:
        for (int code = 0; code < VocabularySize(feature.name); ++code) {
          feature.vocabulary.push_back(absl::StrCat(feature.name, "-", code));
        }
        inputs += static_cast<int>(feature.vocabulary.size()) + 1;
        break;
      case FeatureKind::kTime:
        fitted.month = fitted.weekday = true;
        fitted.fill_value = kHoursIn2025;
        inputs += 4;
        break;
      case FeatureKind::kNumeric: {
        const bool bounded = std::isfinite(feature.allowed_max);
        feature.seen_min = bounded ? feature.allowed_min : 1;
        feature.seen_max = bounded ? feature.allowed_max : 10000;
        fitted.clip_min = feature.seen_min;
        fitted.clip_max = feature.seen_max;
        fitted.transform = bounded ? NumericTransform::kNone : NumericTransform::kLog1p;
        fitted.center = bounded ? 0.5 : 6;
        fitted.scale = bounded ? 0.3 : 2;
        fitted.fill_value = bounded ? 0.5 * (feature.seen_min + feature.seen_max) : 500;
        ++inputs;
        break;
      }
    }
    artifact.features.push_back(fitted);
  }
  for (const auto& [in, out] : {std::pair(inputs, kHidden), {kHidden, 1}}) {
    DenseLayer layer;
    layer.weights.resize(out, in);
    layer.biases.resize(out);
    for (int i = 0; i < out; ++i) {
      for (int j = 0; j < in; ++j) layer.weights(i, j) = static_cast<float>(random.Normal() / std::sqrt(in));
      layer.biases(i) = static_cast<float>(random.Normal() * 0.1);
    }
    layer.activation = out == 1 ? Activation::kIdentity : Activation::kRelu;
    artifact.mlp.layers.push_back(std::move(layer));
  }
  artifact.target.transform = TargetTransform::kAsinh;
  artifact.provenance.spec.model = "default";
  artifact.golden.rows = MakeCampaignRows(artifact.schema, kGoldenRows, seed + 1);
  auto predictor = Predictor::CompileUnverified(artifact);
  ROICAST_CHECK(predictor.ok());
  artifact.golden.predictions.resize(kGoldenRows);
  (*predictor)->Predict(artifact.golden.rows.data(), kGoldenRows, absl::MakeSpan(artifact.golden.predictions), {});
  return artifact;
}

std::vector<float> MakeCampaignRows(const Schema& schema, int64_t n, uint64_t seed) {
  Random random(seed);
  std::vector<float> rows;
  rows.reserve(static_cast<size_t>(n * schema.size()));
  for (int64_t row = 0; row < n; ++row) {
    for (const Feature& feature : schema.features) rows.push_back(UsualValue(feature, random));
  }
  return rows;
}

v1::Campaign ToCampaign(const Schema& schema, const float* row) {
  v1::Campaign campaign;
  const auto* const descriptor = v1::Campaign::descriptor();
  const auto* const reflection = campaign.GetReflection();
  for (int i = 0; i < schema.size(); ++i) {
    const Feature& feature = schema.features[static_cast<size_t>(i)];
    const auto* const field = descriptor->FindFieldByName(feature.name);
    ROICAST_CHECK(field != nullptr);
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        reflection->SetDouble(&campaign, field, row[i]);
        break;
      case FeatureKind::kCategorical:
        reflection->SetString(&campaign, field, feature.vocabulary[static_cast<size_t>(row[i])]);
        break;
      case FeatureKind::kTime:
        campaign.mutable_start_time()->set_seconds(static_cast<int64_t>(row[i]) * 3600);
        break;
    }
  }
  return campaign;
}

}  // namespace roicast::bench
