// Requests with random rows of any model's schema, within the values seen in training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "roicast/v1/model.pb.h"
#include "roicast/v1/prediction.pb.h"

namespace roicast::client {

// The forms of one row in a PredictRequest that fit every schema.
enum class RowForm { kNamed, kDense };

// `count` requests for `ref`, whose schema is that of `model`. The same rows for the same arguments, in either form.
std::vector<v1::PredictRequest> RandomRows(const v1::Model& model, const v1::ModelRef& ref, RowForm form, size_t count);
// `count` matrices of `rows` rows.
std::vector<v1::BatchPredictRequest> RandomMatrices(const v1::Model& model, const v1::ModelRef& ref, size_t count,
                                                    int64_t rows);

}  // namespace roicast::client
