#include "client/load/model_rows.h"

#include <algorithm>

#include "base/random.h"

namespace roicast::client {
namespace {

// Raw row form: a number, the code of a word, or hours since 1970 within 2024.
float RandomValue(const v1::Feature& feature, Random& random) {
  if (feature.kind() == v1::FEATURE_KIND_CATEGORICAL) {
    return static_cast<float>(random.Below(static_cast<uint64_t>(std::max(1, feature.vocabulary_size()))));
  }
  if (feature.kind() == v1::FEATURE_KIND_TIME) return static_cast<float>(473'352 + random.Below(366 * 24));
  return static_cast<float>(random.Uniform(feature.seen_min(), feature.seen_max()));
}

void AddNamed(const v1::Feature& feature, float raw, v1::Row* row) {
  v1::NamedValue& value = *row->add_values();
  value.set_name(feature.name());
  if (feature.kind() == v1::FEATURE_KIND_CATEGORICAL) {
    value.set_word(feature.vocabulary_size() == 0 ? "" : feature.vocabulary(static_cast<int>(raw)));
  } else if (feature.kind() == v1::FEATURE_KIND_TIME) {
    value.mutable_time()->set_seconds(static_cast<int64_t>(raw) * 3600);
  } else {
    value.set_number(raw);
  }
}

template <typename Request>
void SetModel(const v1::ModelRef& ref, Request* request) {
  if (!ref.name().empty() || ref.version() > 0) *request->mutable_model() = ref;
}

}  // namespace

std::vector<v1::PredictRequest> RandomRows(const v1::Model& model, const v1::ModelRef& ref, RowForm form,
                                           size_t count) {
  Random random(1);
  std::vector<v1::PredictRequest> requests(count);
  for (v1::PredictRequest& request : requests) {
    SetModel(ref, &request);
    for (const v1::Feature& feature : model.schema().features()) {
      const float raw = RandomValue(feature, random);
      if (form == RowForm::kNamed) {
        AddNamed(feature, raw, request.mutable_row());
      } else {
        request.mutable_dense_row()->add_values(raw);
      }
    }
    if (form == RowForm::kDense) request.mutable_dense_row()->set_schema_digest(model.schema().digest());
  }
  return requests;
}

std::vector<v1::BatchPredictRequest> RandomMatrices(const v1::Model& model, const v1::ModelRef& ref, size_t count,
                                                    int64_t rows) {
  Random random(1);
  std::vector<v1::BatchPredictRequest> requests(count);
  for (v1::BatchPredictRequest& request : requests) {
    SetModel(ref, &request);
    v1::DenseMatrix& matrix = *request.mutable_matrix();
    matrix.set_rows(rows);
    matrix.set_schema_digest(model.schema().digest());
    for (int64_t r = 0; r < rows; ++r) {
      for (const v1::Feature& feature : model.schema().features()) matrix.add_values(RandomValue(feature, random));
    }
  }
  return requests;
}

}  // namespace roicast::client
