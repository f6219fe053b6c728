// A model of the default schema for benchmarks: the `classic` network, with the logs, clips and vocabularies that
// training gives, and weights from a seed. What it predicts means nothing; what it costs does.
#pragma once

#include <cstdint>
#include <vector>

#include "model/artifact/artifact.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::bench {

Artifact MakeCampaignArtifact(uint64_t seed);

// Rows [n, 20] of usual values, without warnings.
std::vector<float> MakeCampaignRows(const Schema& schema, int64_t n, uint64_t seed);

// The same row as a message.
v1::Campaign ToCampaign(const Schema& schema, const float* row);

}  // namespace roicast::bench
