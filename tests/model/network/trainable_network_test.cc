// The fast float32 path against the plain float64 one.
#include "model/network/trainable_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "model/network/initialization.h"
#include "model/network/reference/reference_network.h"

namespace roicast {
namespace {

struct Example {
  Mlp mlp;
  ReferenceBatch reference;
  AlignedBuffer x, y, weights;
};

Example MakeExample(int inputs, int rows, const NetworkOptions& options) {
  Random random(21);
  Example example;
  example.mlp = RandomMlp(inputs, options, random);
  for (DenseLayer& layer : example.mlp.layers) {
    for (float& bias : layer.biases) bias = static_cast<float>(random.Uniform(-0.3, 0.3));
  }
  const int stride = PaddedUnits(inputs);
  example.x.Reset(static_cast<size_t>(rows) * stride);
  example.y.Reset(rows + 16);
  example.weights.Reset(rows + 16);
  example.reference.x.resize(rows, inputs);
  example.reference.y.resize(rows);
  example.reference.weights.resize(rows);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < inputs; ++j) {
      example.x[i * stride + j] = static_cast<float>(random.Normal());
      example.reference.x(i, j) = example.x[i * stride + j];
    }
    example.reference.y[i] = example.y[i] = static_cast<float>(random.Normal());
    example.reference.weights[i] = example.weights[i] = static_cast<float>(random.Uniform(0.5, 1.5));
  }
  return example;
}

// The gradient in the shape of a network.
Mlp FastGradient(const Kernels& kernels, const Example& example, const TrainingOptions& options) {
  TrainableNetwork network(example.mlp, 0.0, 1, kernels);
  network.PrepareBackward();
  const int rows = static_cast<int>(example.reference.y.size());
  const LossArguments arguments{options.loss, static_cast<float>(options.huber_delta), 1.0f / static_cast<float>(rows)};
  network.Backpropagate(example.x.data(), rows, {arguments, example.y.data(), example.weights.data()});
  return network.Export(network.gradient());
}

void ExpectClose(const Mlp& fast, const ReferenceNetwork& plain) {
  ASSERT_EQ(fast.layers.size(), plain.size());
  for (size_t l = 0; l < plain.size(); ++l) {
    const double size = std::max(1e-3, plain[l].weights.cwiseAbs().maxCoeff());
    EXPECT_LT((fast.layers[l].weights.cast<double>() - plain[l].weights).cwiseAbs().maxCoeff(), 2e-5 * size)
        << "weights of layer " << l;
    EXPECT_LT((fast.layers[l].biases.cast<double>() - plain[l].biases).cwiseAbs().maxCoeff(), 2e-5 * size)
        << "biases of layer " << l;
  }
}

TEST(TrainableNetwork, GradientMatchesTheReferenceOnEveryInstructionSet) {
  for (const InstructionSet set : kAllInstructionSets) {
    if (!IsSupported(set)) continue;
    for (const std::vector<int>& hidden : {std::vector<int>{}, {5}, {8}, {9}, {64, 64}, {32, 16}, {3, 20, 7}}) {
      for (const int inputs : {1, 8, 20, 45}) {
        SCOPED_TRACE(testing::Message() << InstructionSetName(set) << ", " << inputs << " inputs, " << hidden.size()
                                        << " hidden");
        const Example example = MakeExample(inputs, 33, {hidden, Activation::kSilu, 0.0});
        ExpectClose(FastGradient(KernelsFor(set), example, {}),
                    ReferenceGradient(ToReference(example.mlp), example.reference, {}));
      }
    }
  }
}

TEST(TrainableNetwork, GradientMatchesTheReferenceForEveryActivation) {
  for (const Activation activation : {Activation::kRelu, Activation::kLeakyRelu, Activation::kGelu, Activation::kSilu,
                                      Activation::kMish, Activation::kTanh}) {
    SCOPED_TRACE(ActivationName(activation));
    const Example example = MakeExample(20, 32, {{24, 12}, activation, 0.0});
    ExpectClose(FastGradient(ChosenKernels(), example, {}),
                ReferenceGradient(ToReference(example.mlp), example.reference, {}));
  }
}

TEST(TrainableNetwork, GradientMatchesTheReferenceForEveryLoss) {
  for (const Loss loss : kAllLosses) {
    SCOPED_TRACE(static_cast<int>(loss));
    TrainingOptions options;
    options.loss = loss;
    options.huber_delta = 0.6;
    const Example example = MakeExample(20, 32, {{5}, Activation::kTanh, 0.0});
    ExpectClose(FastGradient(ChosenKernels(), example, options),
                ReferenceGradient(ToReference(example.mlp), example.reference, options));
  }
}

TEST(TrainableNetwork, PredictsAsThePlainForwardPass) {
  const Example example = MakeExample(45, 40, {{24, 12}, Activation::kGelu, 0.5});
  TrainableNetwork network(example.mlp, 0.5, 1, ChosenKernels());
  AlignedBuffer z(48);
  network.Predict(example.x.data(), 40, z.data());
  for (int i = 0; i < 40; ++i) {
    EXPECT_NEAR(z[i], example.mlp.Evaluate(&example.x[i * network.padded_inputs()]), 1e-5);
  }
}

TEST(TrainableNetwork, ExportReturnsTheOriginalNetwork) {
  const Example example = MakeExample(7, 1, {{5, 17}, Activation::kMish, 0.0});
  TrainableNetwork network(example.mlp, 0.0, 1, ChosenKernels());
  const Mlp exported = network.Export(network.parameters());
  ASSERT_EQ(exported.Describe(), "7 → 5 Mish → 17 Mish → 1");
  for (size_t l = 0; l < exported.layers.size(); ++l) {
    EXPECT_EQ(exported.layers[l].weights, example.mlp.layers[l].weights);
    EXPECT_EQ(exported.layers[l].biases, example.mlp.layers[l].biases);
  }
}

TEST(TrainableNetwork, DropoutLeavesTheMeanGradientOfALinearReadout) {
  // With one ReLU layer and positive sums, inverted dropout keeps the expected output: over many draws the mean
  // prediction error's gradient on the output bias is that without dropout.
  Example example = MakeExample(4, 32, {{8}, Activation::kRelu, 0.5});
  example.mlp.layers[0].biases.setConstant(20.0f);
  TrainableNetwork with(example.mlp, 0.5, 9, ChosenKernels());
  const int draws = 4000;
  const BatchLoss loss{{Loss::kSquared, 1.0f, 1.0f / 32}, example.y.data(), example.weights.data()};
  for (int i = 0; i < draws; ++i) with.Backpropagate(example.x.data(), 32, loss);
  const double mean = with.Export(with.gradient()).layers.back().biases[0] / draws;
  const double exact = FastGradient(ChosenKernels(), example, {}).layers.back().biases[0];
  EXPECT_NEAR(mean, exact, 0.02 * std::max(1.0, std::abs(exact)));
}

}  // namespace
}  // namespace roicast
