// A model of the default schema for benchmarks: the `classic` network with random weights, and with the logarithms,
// clipping limits and vocabularies that training would produce. Its predictions are meaningless; their cost is
// realistic.
#pragma once

#include <cstdint>
#include <vector>

#include "model/artifact/artifact.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::bench {

Artifact MakeCampaignArtifact(uint64_t seed);

// Rows [n, 20] of typical values, which cause no warnings.
std::vector<float> MakeCampaignRows(const Schema& schema, int64_t n, uint64_t seed);

// The same row as a message.
v1::Campaign ToCampaign(const Schema& schema, const float* row);

}  // namespace roicast::bench
