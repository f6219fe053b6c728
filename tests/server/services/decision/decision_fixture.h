// Models and rows for tests of DecisionService's answers.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/stop_check.h"
#include "prometheus/registry.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"
#include "server/telemetry/metrics.h"

namespace roicast {

class DecisionTest : public ::testing::Test {
 protected:
  // The default schema, predicting an ROI.
  DecisionTest();

  // Version 1 of "default"; change: of the artifact before it is loaded.
  std::shared_ptr<const ServedModel> Load(const std::function<void(Artifact&)>& change = {});
  // One that predicts the probability of "yes".
  std::shared_ptr<const ServedModel> LoadTwoValued();

  // One that predicts a revenue, the same whatever the row.
  std::shared_ptr<const ServedModel> LoadFlatRevenue();

  // Typical raw rows of the default schema, row-major; the same each time.
  std::vector<float> Values(int64_t rows) const;
  v1::RowInput Rows(int64_t rows) const { return Matrix(Values(rows)); }
  v1::RowInput Matrix(const std::vector<float>& values) const;
  int Index(const std::string& feature) const { return model_->FeatureIndex(feature); }
  size_t width() const { return static_cast<size_t>(model_->schema().size()); }
  // What Predict says of one raw row.
  float Predict(const std::vector<float>& row) const;
  std::vector<float> RowOf(const std::vector<float>& values, size_t row) const;

  // Never stops.
  const StopCheck never_;
  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {}};
  std::shared_ptr<const ServedModel> model_;
};

// OK `before` times, then DeadlineExceeded. asked: counts the questions.
StopCheck StopAfter(int before, int* asked);

}  // namespace roicast
