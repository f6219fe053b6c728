// Small artifacts, and files with any body behind a right header.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/sha256.h"
#include "model/artifact/artifact.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast::testing {

// About 2 KB.
inline Artifact SmallArtifact() {
  Random random(1);
  ArtifactShape shape;
  shape.numeric = 3;
  shape.categorical = 1;
  shape.time = 1;
  shape.hidden = {3};
  Artifact artifact = MakeArtifact(shape, random);
  AddGoldenRows(16, random, artifact);
  return artifact;
}

// The same with attention over features.
inline Artifact SmallAttentionArtifact() {
  Random random(1);
  ArtifactShape shape;
  shape.numeric = 3;
  shape.categorical = 1;
  shape.time = 1;
  Artifact artifact = MakeAttentionArtifact(shape, {4, 2, 2, 3}, random);
  AddGoldenRows(16, random, artifact);
  return artifact;
}

// A file whose header fits the body.
inline std::string WithBody(absl::string_view body) {
  std::string bytes("ROICAST\0\x01\0\0\0\x38\0\0\0", 16);
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(body.size() >> (8 * i) & 0xff));
  bytes += Sha256Bytes(body);
  bytes.append(body.data(), body.size());
  return bytes;
}

}  // namespace roicast::testing
