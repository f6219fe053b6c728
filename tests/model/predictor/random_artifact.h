// Artifacts and rows made from a seed: any mix of features, transforms and layers.
#pragma once

#include <vector>

#include "base/random.h"
#include "model/artifact/artifact.h"

namespace roicast::testing {

struct ArtifactShape {
  int numeric = 6, categorical = 2, time = 1;
  std::vector<int> hidden = {5};  // blocks divides them
  Activation activation = Activation::kRelu;
  TargetTransform target = TargetTransform::kAsinh;
  TargetKind kind = TargetKind::kNumber;
  int ramps = 0;   // per numeric feature
  int blocks = 1;  // of the layers between the first and the last
};

// Consistent in all parts; without golden rows.
Artifact MakeArtifact(const ArtifactShape& shape, Random& random);

// With ramps, and with blocks.
Artifact MakeRandomEnsemble(Random& random);

// The same with attention over features instead of layers.
Artifact MakeAttentionArtifact(const ArtifactShape& shape, const AttentionShape& attention, Random& random);

// Shape and content at random.
Artifact MakeRandomArtifact(Random& random);

// Rows [n, features] with usual, missing, unseen, out-of-range and (where `refused`) refused values.
std::vector<float> MakeRows(const Schema& schema, int64_t n, bool refused, Random& random);

// Adds `count` golden rows with the predictions of the compiled form.
void AddGoldenRows(int count, Random& random, Artifact& artifact);

}  // namespace roicast::testing
