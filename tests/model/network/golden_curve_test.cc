// Training beside loss curves and predictions that scikit-learn and PyTorch recorded on the same rows from the same
// weights: tests/golden/make_training_curves.py.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/network/trainer.h"

namespace roicast {
namespace {

constexpr int kRows = 96, kInputs = 20;

// The recordings are float64. A float32 step is off by some 1e-7 of its terms, which over these 120 steps adds up to
// less than 1e-6 in PyTorch's own float32 as well. A wrong factor anywhere (bias correction, momentum, decay, a loss's
// slope) shows by more than 1e-2 in the first epochs.
struct Tolerance {
  double loss = 1e-5;
  double prediction = 1e-4;
};
// scikit-learn does not correct Adam's epsilon for the bias of the second moment, as Kingma and Ba's Algorithm 1 and
// PyTorch do: units whose gradients are tiny at first start differently. PyTorch's float64 differs from it by 1.1e-4,
// too.
constexpr Tolerance kScikitLearnsEpsilon = {2e-4, 2e-2};

RowMajorMatrix Rows() {
  RowMajorMatrix x(kRows, kInputs);
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kInputs; ++j) x(i, j) = static_cast<float>(std::sin(0.7 * i + 1.3 * j * (i % 7 + 1)));
  }
  return x;
}

std::vector<float> Targets() {
  std::vector<float> y(kRows);
  for (int i = 0; i < kRows; ++i) {
    const auto x = [&](int j) { return std::sin(0.7 * i + 1.3 * j * (i % 7 + 1)); };
    y[i] = static_cast<float>(x(0) - 0.8 * x(1) * x(2) + 0.5 * std::abs(x(3)));
  }
  return y;
}

Mlp StartWeights(const NetworkOptions& options) {
  Mlp mlp;
  std::vector<int> units = {kInputs};
  units.insert(units.end(), options.hidden.begin(), options.hidden.end());
  units.push_back(1);
  for (size_t layer = 0; layer + 1 < units.size(); ++layer) {
    const bool last = layer + 2 == units.size();
    DenseLayer dense{RowMajorMatrix(units[layer + 1], units[layer]), Eigen::VectorXf::Zero(units[layer + 1]),
                     last ? Activation::kIdentity : options.activation};
    for (int out = 0; out < units[layer + 1]; ++out) {
      for (int in = 0; in < units[layer]; ++in) {
        dense.weights(out, in) = static_cast<float>(
            std::cos(1.7 * out + 0.9 * in * (out + 1) + static_cast<double>(layer)) * std::sqrt(2.0 / units[layer]));
      }
    }
    mlp.layers.push_back(dense);
  }
  return mlp;
}

void ExpectCurve(const std::string& name, const NetworkOptions& network, TrainingOptions options,
                 const Tolerance& tolerance = {}) {
  std::ifstream file(ROICAST_GOLDEN_FOLDER "/training_curves.json");
  ASSERT_TRUE(file.is_open());
  const nlohmann::json curve = nlohmann::json::parse(file).at("curves").at(name);
  const std::vector<double> losses = curve.at("losses"), predictions = curve.at("predictions");
  options.epochs = static_cast<int>(losses.size());
  options.shuffle = false;

  const RowMajorMatrix x = Rows();
  const std::vector<float> y = Targets();
  const Mlp start = StartWeights(network);
  const auto result = Train({&x, y, {}}, {}, network, options, {.warm_start = &start});
  ASSERT_TRUE(result.ok()) << result.status();
  for (size_t i = 0; i < losses.size(); ++i) {
    EXPECT_NEAR(result->history[i].train_loss, losses[i], tolerance.loss) << name << ", epoch " << i + 1;
  }
  for (size_t i = 0; i < predictions.size(); ++i) {
    EXPECT_NEAR(result->mlp.Evaluate(x.row(static_cast<int>(i)).data()), predictions[i], tolerance.prediction)
        << name << ", row " << i;
  }
}

TEST(GoldenCurve, AdamOnReluAgreesWithScikitLearn) {
  TrainingOptions options;
  options.learning_rate = 0.01;
  ExpectCurve("sklearn_adam_relu", {{5}, Activation::kRelu, 0.0}, options, kScikitLearnsEpsilon);
}

TEST(GoldenCurve, AdamOnReluAgreesWithPyTorch) {
  TrainingOptions options;
  options.learning_rate = 0.01;
  ExpectCurve("torch_adam_relu", {{5}, Activation::kRelu, 0.0}, options);
}

TEST(GoldenCurve, MomentumOnTanhAgreesWithScikitLearn) {
  TrainingOptions options;
  options.optimizer = Optimizer::kSgd;
  options.learning_rate = 0.025;  // of e²; scikit-learn's 0.05 is of ½ e²
  options.batch_size = 40;        // 40, 40, 16
  ExpectCurve("sklearn_sgd_tanh", {{6, 4}, Activation::kTanh, 0.0}, options);
}

TEST(GoldenCurve, AdamWOnSiluWithHuberLossAgreesWithPyTorch) {
  TrainingOptions options;
  options.optimizer = Optimizer::kAdamW;
  options.learning_rate = 0.01;
  options.weight_decay = 0.1;
  options.loss = Loss::kHuber;
  options.huber_delta = 0.5;
  ExpectCurve("torch_adamw_silu_huber", {{12, 7}, Activation::kSilu, 0.0}, options);
}

TEST(GoldenCurve, ClippedAdamOnGeluAgreesWithPyTorch) {
  TrainingOptions options;
  options.learning_rate = 0.005;
  options.gradient_clip_norm = 0.3;
  ExpectCurve("torch_adam_gelu_clipped", {{16, 16}, Activation::kGelu, 0.0}, options);
}

TEST(GoldenCurve, AbsoluteLossOnMishAgreesWithPyTorch) {
  TrainingOptions options;
  options.learning_rate = 0.005;
  options.loss = Loss::kAbsolute;
  ExpectCurve("torch_adam_mish_absolute", {{10}, Activation::kMish, 0.0}, options);
}

}  // namespace
}  // namespace roicast
