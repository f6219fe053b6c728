#include "tests/model/decision/power_law.h"

#include <cmath>
#include <numeric>

#include "base/check.h"
#include "model/uncertainty/conformal.h"

namespace roicast::testing {
namespace {

// Middle of the months of 2024, in hours since 1970.
constexpr int kHoursOfMiddle[] = {473712, 474432, 475152, 475896, 476616, 477360,
                                  478080, 478824, 479568, 480288, 481032, 481752};

}  // namespace

Artifact MakePowerLaw(const PowerLaw& law) {
  Artifact artifact;
  Feature spend, channel, start;
  spend.name = "spend";
  spend.allowed_min = 0.0;
  spend.allowed_min_exclusive = true;
  spend.seen_min = law.seen_min;
  spend.seen_max = law.seen_max;
  spend.word_ranges = law.word_ranges;
  channel.name = "channel";
  channel.kind = FeatureKind::kCategorical;
  channel.vocabulary = {"search", "social", "email"};
  start.name = "start";
  start.kind = FeatureKind::kTime;
  artifact.schema.features = {spend, channel, start};
  artifact.features.resize(3);
  artifact.features[0].fill_value = law.seen_min;
  artifact.features[0].clip_min = 0.0;
  artifact.features[0].transform = NumericTransform::kLog1p;
  artifact.features[2].month = true;
  artifact.features[2].fill_value = kHoursOfMiddle[0];
  // Inputs: the spend; four of the channel; sine and cosine of the month, where 0.405 · −cos(2π · month / 12) is 0.405
  // in July.
  DenseLayer layer;
  layer.weights = RowMajorMatrix::Zero(1, 7);
  layer.weights(0, 0) = static_cast<float>(law.exponent);
  for (int c = 0; c < 3; ++c)
    layer.weights(0, 1 + c) = static_cast<float>(std::log(law.returns[static_cast<size_t>(c)]));
  layer.weights(0, 6) = -0.2f;
  layer.biases = Eigen::VectorXf::Constant(1, 0.2f);
  artifact.mlp.layers.push_back(layer);
  artifact.target.transform = TargetTransform::kLog1p;
  artifact.report.target = {"ROI", true, "", ""};
  if (law.calibrated) {
    std::vector<double> scores(199);
    std::iota(scores.begin(), scores.end(), -99.0);
    for (double& score : scores) score *= 0.01;
    artifact.calibration.emplace().groups = {MakeGroup(-1, scores)};
  }
  return artifact;
}

OwnedModel::OwnedModel(const Artifact& artifact) : uncertainty_(artifact), facts_(DecisionFactsOf(artifact)) {
  auto predictor = Predictor::CompileUnverified(artifact);
  ROICAST_CHECK(predictor.ok());
  predictor_ = *std::move(predictor);
}

std::vector<float> PowerRow(double spend, int channel, int month) {
  return {static_cast<float>(spend), static_cast<float>(channel), static_cast<float>(kHoursOfMiddle[month])};
}

std::vector<float> PowerRows(const std::vector<double>& spends, const std::vector<int>& channels) {
  std::vector<float> rows;
  for (size_t i = 0; i < spends.size(); ++i) {
    const std::vector<float> row = PowerRow(spends[i], channels[i]);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace roicast::testing
