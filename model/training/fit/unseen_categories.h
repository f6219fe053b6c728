// How a network treats a category that training never saw.
#pragma once

#include "absl/status/status.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/features/preprocessor.h"
#include "model/network/attention/attention_network.h"
#include "model/network/mlp.h"

namespace roicast {

// The "other" input of a categorical feature is trained by rare categories. If the training rows have none, it gets no
// gradient and keeps its random initial weights. They are replaced with the mean of the categories' weights, each
// counted as often as the training rows have it: an unseen category enters as the average row does.
// encoded: the training rows, [n, inputs], n ≥ 1. Errors: those of `stop`, which is asked for each feature.
absl::Status SettleUnseenCategories(const RowMajorMatrix& encoded, const Preprocessor& preprocessor,
                                    const StopCheck& stop, Mlp& mlp);
// The same with the weights of tokens.
absl::Status SettleUnseenCategories(const RowMajorMatrix& encoded, const Preprocessor& preprocessor,
                                    const StopCheck& stop, AttentionNetwork& network);

}  // namespace roicast
