#include "tests/model/predictor/random_artifact.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "model/features/calendar.h"
#include "model/features/preprocessor.h"
#include "model/predictor/predictor.h"

namespace roicast::testing {
namespace {

bool Chance(Random& random, double probability) { return random.Uniform() < probability; }

void AddNumeric(const ArtifactShape& shape, Random& random, Artifact& artifact) {
  Feature feature;
  feature.name = absl::StrCat("n", artifact.schema.size());
  FittedFeature fitted;
  const NumericTransform transforms[] = {NumericTransform::kNone, NumericTransform::kLog1p, NumericTransform::kAsinh};
  fitted.transform = transforms[random.Below(3)];
  const bool positive = fitted.transform == NumericTransform::kLog1p || Chance(random, 0.3);
  const double magnitude = std::pow(10.0, random.Uniform(-2.0, 4.0));
  feature.seen_min = positive ? 0.0 : -magnitude;
  feature.seen_max = magnitude;
  if (positive) feature.allowed_min = 0.0;
  if (positive) feature.allowed_min_exclusive = Chance(random, 0.5);
  if (Chance(random, 0.3)) feature.allowed_max = 3.0 * magnitude;
  if (positive || Chance(random, 0.5)) fitted.clip_min = 0.9 * feature.seen_min;
  if (Chance(random, 0.5)) fitted.clip_max = 0.9 * magnitude;
  fitted.fill_value = random.Uniform(0.0, magnitude);
  fitted.missing_indicator = Chance(random, 0.4);
  const auto transformed = [&](double x) {
    return fitted.transform == NumericTransform::kLog1p   ? std::log1p(x)
           : fitted.transform == NumericTransform::kAsinh ? std::asinh(x)
                                                          : x;
  };
  const double low = transformed(feature.seen_min), high = transformed(feature.seen_max);
  fitted.center = random.Uniform(low, high);
  fitted.scale = (high - low) * random.Uniform(0.2, 0.5);
  if (shape.ramps > 0) {
    for (int r = 0; r <= shape.ramps; ++r) {
      fitted.ramps.push_back(feature.seen_min + (feature.seen_max - feature.seen_min) * (r + 0.5) / (shape.ramps + 1));
    }
  }
  artifact.schema.features.push_back(feature);
  artifact.features.push_back(fitted);
}

void AddCategorical(Random& random, Artifact& artifact) {
  Feature feature;
  feature.kind = FeatureKind::kCategorical;
  feature.name = absl::StrCat("c", artifact.schema.size());
  const int sizes[] = {0, 1, 5, 14, 15, 20, 31, 50, 63, 64, 100};
  const int size = sizes[random.Below(11)];
  for (int i = 0; i < size; ++i) feature.vocabulary.push_back(absl::StrCat("w", i));
  FittedFeature fitted;
  fitted.fill_value = static_cast<double>(random.Below(size + 1));
  fitted.missing_indicator = Chance(random, 0.4);
  artifact.schema.features.push_back(feature);
  artifact.features.push_back(fitted);
}

void AddTime(Random& random, Artifact& artifact) {
  Feature feature;
  feature.kind = FeatureKind::kTime;
  feature.name = absl::StrCat("t", artifact.schema.size());
  FittedFeature fitted;
  fitted.fill_value = std::floor(random.Uniform(0.0, 500000.0));
  fitted.missing_indicator = Chance(random, 0.4);
  fitted.month = Chance(random, 0.7);
  fitted.half_year = fitted.month && Chance(random, 0.5);
  fitted.weekday = Chance(random, 0.7);
  fitted.hour = Chance(random, 0.5);
  if (!fitted.month && !fitted.weekday && !fitted.hour) fitted.missing_indicator = true;
  if (Chance(random, 0.5)) {
    fitted.trend = true;
    fitted.clip_min = std::floor(random.Uniform(0.0, 300000.0));
    fitted.clip_max = fitted.clip_min + std::floor(random.Uniform(0.0, 200000.0));
    fitted.center = random.Uniform(fitted.clip_min, fitted.clip_max);
    fitted.scale = random.Uniform(100.0, 100000.0);
    if (Chance(random, 0.5)) fitted.ramps = {fitted.clip_min, fitted.clip_min + 5000.0, fitted.clip_min + 90000.0};
  }
  if (Chance(random, 0.5)) {
    feature.seen_min = std::floor(random.Uniform(0.0, 300000.0));
    feature.seen_max = feature.seen_min + std::floor(random.Uniform(0.0, 200000.0));
  }
  if (Chance(random, 0.5)) feature.seen_months = static_cast<int>(random.Uniform(1.0, 4096.0));
  artifact.schema.features.push_back(feature);
  artifact.features.push_back(fitted);
}

void AddLayers(const ArtifactShape& shape, int inputs, Random& random, Artifact& artifact) {
  std::vector<int> units = shape.hidden;
  units.push_back(1);
  for (size_t l = 0; l < units.size(); ++l) {
    DenseLayer layer;
    if (l > 0 && l + 1 < units.size()) layer.blocks = shape.blocks;
    layer.weights.resize(units[l], inputs / layer.blocks);
    layer.biases.resize(units[l]);
    // Xavier-like, so that activations keep their size.
    const double deviation = std::sqrt(1.0 / static_cast<double>(layer.weights.cols()));
    for (Eigen::Index i = 0; i < layer.weights.size(); ++i) {
      layer.weights.data()[i] = static_cast<float>(deviation * random.Normal());
    }
    for (int u = 0; u < units[l]; ++u) layer.biases[u] = static_cast<float>(0.1 * random.Normal());
    layer.activation = l + 1 == units.size() ? Activation::kIdentity : shape.activation;
    inputs = units[l];
    artifact.mlp.layers.push_back(std::move(layer));
  }
}

void AddGate(Random& random, Artifact& artifact) {
  const Eigen::Index units = artifact.mlp.layers.back().weights.cols();
  DenseLayer& gate = artifact.gate.emplace();
  gate.weights.resize(1, units);
  for (Eigen::Index i = 0; i < units; ++i) {
    gate.weights(0, i) = static_cast<float>(random.Normal() / std::sqrt(static_cast<double>(units)));
  }
  gate.biases = Eigen::VectorXf::Constant(1, static_cast<float>(random.Normal()));
}

float NumericValue(const Feature& feature, bool refused, Random& random) {
  const double kind = random.Uniform();
  if (refused && kind < 0.02) return std::numeric_limits<float>::infinity();
  if (refused && kind < 0.04) return -std::numeric_limits<float>::infinity();
  if (refused && kind < 0.06) return static_cast<float>(-5.0 * feature.seen_max);
  if (kind < 0.10) return std::numeric_limits<float>::quiet_NaN();
  const double width = feature.seen_max - feature.seen_min;
  if (kind < 0.14) return static_cast<float>(feature.seen_max + random.Uniform() * width);
  if (kind < 0.16) return static_cast<float>(feature.seen_max);
  return static_cast<float>(random.Uniform(feature.seen_min + 1e-3 * width, feature.seen_max));
}

float CategoricalValue(const Feature& feature, bool refused, Random& random) {
  const double kind = random.Uniform();
  if (refused && kind < 0.02) return std::numeric_limits<float>::infinity();
  if (refused && kind < 0.04) return -1.0f;
  if (kind < 0.08) return std::numeric_limits<float>::quiet_NaN();
  if (kind < 0.12) return kUnseenCode;
  if (kind < 0.14) return 0.5f;
  return static_cast<float>(random.Below(feature.vocabulary.size() + 2));
}

float TimeValue(bool refused, Random& random) {
  const double kind = random.Uniform();
  if (refused && kind < 0.02) return std::numeric_limits<float>::infinity();
  if (refused && kind < 0.03) return static_cast<float>(kMinHours - 1);
  if (refused && kind < 0.04) return static_cast<float>(kMaxHours + 1);
  if (kind < 0.08) return std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(kMinHours + static_cast<int64_t>(random.Below(kMaxHours - kMinHours + 1)));
}

}  // namespace

Artifact MakeArtifact(const ArtifactShape& shape, Random& random) {
  Artifact artifact;
  std::vector<int> kinds;
  kinds.insert(kinds.end(), shape.numeric, 0);
  kinds.insert(kinds.end(), shape.categorical, 1);
  kinds.insert(kinds.end(), shape.time, 2);
  random.Shuffle(kinds);
  for (const int kind : kinds) {
    if (kind == 0) AddNumeric(shape, random, artifact);
    if (kind == 1) AddCategorical(random, artifact);
    if (kind == 2) AddTime(random, artifact);
  }
  const auto preprocessor = Preprocessor::Create(artifact.schema, artifact.features);
  ROICAST_CHECK(preprocessor.ok());
  AddLayers(shape, preprocessor->encoded_size(), random, artifact);
  artifact.target.transform = shape.target;
  artifact.target.offset = random.Uniform(-0.5, 0.5);
  artifact.target.factor = random.Uniform(0.3, 1.5);
  if (shape.target == TargetTransform::kAsinh && Chance(random, 0.5)) {
    // The latter is a power alone, the difference of terms that are much larger where it is small.
    const bool sums = artifact.target.offset < 0.0;
    artifact.target.smear_cosh = sums ? 1.05 : 0.08;
    artifact.target.smear_sinh = sums ? 0.02 : 0.08;
    artifact.target.mean_slope = sums ? 1.1 : 3.4;
  }
  if (shape.target == TargetTransform::kLog1p) artifact.target.smear_exp = random.Uniform(1.0, 1.2);
  // High enough to bite on some rows.
  if (Chance(random, 0.5)) artifact.target.roi_floor = random.Uniform(-1.0, 0.2);
  if (shape.kind == TargetKind::kTwoValued) artifact.target = TwoValuedTarget();
  if (shape.kind == TargetKind::kZeroHeavy) {
    artifact.target.kind = shape.kind;
    artifact.target.rest = random.Uniform(-1.0, 0.0);
    AddGate(random, artifact);
  }
  artifact.report.stop_reason = "all epochs";
  artifact.provenance.roicast_version = "test";
  return artifact;
}

Artifact MakeAttentionArtifact(const ArtifactShape& shape, const AttentionShape& attention, Random& random) {
  Artifact artifact = MakeArtifact(shape, random);
  artifact.mlp.layers.clear();
  AttentionNetwork& network = artifact.attention.emplace();
  network.shape = attention;
  network.feature_inputs = Preprocessor::Create(artifact.schema, artifact.features)->InputsPerFeature();
  network.parameters.resize(AttentionLayout(attention, network.feature_inputs).size);
  const double deviation = 1.0 / std::sqrt(attention.width);
  for (float& value : network.parameters) value = static_cast<float>(deviation * random.Normal());
  return artifact;
}

Artifact MakeRandomArtifact(Random& random) {
  ArtifactShape shape;
  shape.numeric = static_cast<int>(random.Below(24));
  shape.categorical = static_cast<int>(random.Below(5));
  shape.time = static_cast<int>(random.Below(3));
  if (shape.numeric + shape.categorical + shape.time == 0) shape.numeric = 1;
  shape.hidden.clear();
  const int depth = static_cast<int>(random.Below(5));
  for (int l = 0; l < depth; ++l) shape.hidden.push_back(1 + static_cast<int>(random.Below(70)));
  shape.activation = kAllActivations[1 + random.Below(std::size(kAllActivations) - 1)];
  const TargetTransform targets[] = {TargetTransform::kNone, TargetTransform::kAsinh, TargetTransform::kLog1p};
  shape.target = targets[random.Below(3)];
  const TargetKind kinds[] = {TargetKind::kNumber, TargetKind::kNumber, TargetKind::kTwoValued, TargetKind::kZeroHeavy};
  shape.kind = kinds[random.Below(4)];
  if (shape.kind == TargetKind::kZeroHeavy && shape.hidden.empty()) shape.kind = TargetKind::kNumber;
  return MakeArtifact(shape, random);
}

Artifact MakeRandomEnsemble(Random& random) {
  ArtifactShape shape;
  shape.numeric = 1 + static_cast<int>(random.Below(12));
  shape.categorical = static_cast<int>(random.Below(3));
  shape.time = static_cast<int>(random.Below(2));
  shape.ramps = 1 + static_cast<int>(random.Below(9));
  shape.blocks = 1 + static_cast<int>(random.Below(5));
  shape.hidden.clear();
  const int depth = 1 + static_cast<int>(random.Below(3));
  for (int l = 0; l < depth; ++l) shape.hidden.push_back(shape.blocks * (1 + static_cast<int>(random.Below(34))));
  shape.activation = kAllActivations[1 + random.Below(std::size(kAllActivations) - 1)];
  return MakeArtifact(shape, random);
}

std::vector<float> MakeRows(const Schema& schema, int64_t n, bool refused, Random& random) {
  std::vector<float> rows;
  rows.reserve(n * schema.size());
  for (int64_t i = 0; i < n; ++i) {
    const bool refuse = refused && Chance(random, 0.5);
    for (const Feature& feature : schema.features) {
      switch (feature.kind) {
        case FeatureKind::kNumeric:
          rows.push_back(NumericValue(feature, refuse, random));
          break;
        case FeatureKind::kCategorical:
          rows.push_back(CategoricalValue(feature, refuse, random));
          break;
        case FeatureKind::kTime:
          rows.push_back(TimeValue(refuse, random));
          break;
      }
    }
  }
  return rows;
}

void AddGoldenRows(int count, Random& random, Artifact& artifact) {
  artifact.golden.rows = MakeRows(artifact.schema, count, false, random);
  artifact.golden.predictions.assign(count, 0.0f);
  const auto predictor = Predictor::CompileUnverified(artifact);
  ROICAST_CHECK(predictor.ok());
  (*predictor)->Predict(artifact.golden.rows.data(), count, absl::MakeSpan(artifact.golden.predictions), {});
}

}  // namespace roicast::testing
