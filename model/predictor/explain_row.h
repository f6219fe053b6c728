// Why a row is flagged or refused: the same for every kind of network.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "model/data/schema.h"
#include "model/predictor/predictor.h"

namespace roicast::predictor {

// Predictor::Explain.
absl::Status ExplainRow(const Schema& schema, const float* row, std::vector<RowWarning>& warnings);

}  // namespace roicast::predictor
