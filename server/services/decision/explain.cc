#include "server/services/decision/explain.h"

#include <cmath>
#include <limits>
#include <vector>

#include "base/status_macros.h"
#include "model/explanation/shapley.h"
#include "server/errors/errors.h"
#include "server/services/decision/background_input.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/row_input.h"

namespace roicast {
namespace {

// The answer has two numbers of 8 bytes for each: 32 MB.
constexpr int64_t kMaxAttributions = 2000000;

}  // namespace

absl::StatusOr<v1::ExplainResponse> Explain(const v1::ExplainRequest& request, const ServedModel& model,
                                            int64_t max_rows, const StopCheck& stop, MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(InputRows rows, ReadRowInput(request.rows(), "rows", model,
                                                        {.max = max_rows, .of_flag = true, .memory = memory}));
  const int64_t attributions = rows.count * model.schema().size();
  if (attributions > kMaxAttributions) return RequestTooLarge("rows × features", kMaxAttributions, attributions);
  // Two numbers for each attribution, and those of the message; predictions, and flags.
  ROICAST_ASSIGN_OR_RETURN(const MemoryClaim work,
                           ClaimForWork(memory, static_cast<uint64_t>(attributions * 32 + rows.count * 32)));
  ROICAST_ASSIGN_OR_RETURN(const BackgroundInput background,
                           BackgroundOf(request.has_background(), request.background(), model, memory));
  ShapleyOptions options;
  if (request.rounds() != 0) options.rounds = request.rounds();
  if (request.has_exact_features()) options.exact_features = request.exact_features();
  if (request.seed() != 0) options.seed = static_cast<uint64_t>(request.seed());
  v1::ExplainResponse response;
  *response.mutable_served_by() = ServedByProto(model);
  for (const Feature& feature : model.schema().features) response.add_features(feature.name);
  ROICAST_ASSIGN_OR_RETURN(const CheckedRows checked, PredictAndCheck(model, rows, response.mutable_issues(), stop));
  response.set_rows_refused(checked.refused);
  ROICAST_ASSIGN_OR_RETURN(const Attributions explained, ExplainRows(model.predictor(), background.get(),
                                                                     rows.rows.data(), rows.count, options, stop));
  response.set_base_value(explained.base_value);
  response.mutable_predictions()->Add(explained.predictions.begin(), explained.predictions.end());
  response.mutable_attributions()->Add(explained.values.begin(), explained.values.end());
  response.mutable_standard_errors()->Add(explained.standard_errors.begin(), explained.standard_errors.end());
  const int width = model.schema().size();
  for (int64_t row = 0; row < rows.count; ++row) {
    if (rows.ok(row)) continue;
    // The conversion rejects what has become a row of missing values.
    response.set_predictions(static_cast<int>(row), std::numeric_limits<float>::quiet_NaN());
    for (int i = 0; i < width; ++i) {
      response.set_attributions(static_cast<int>(row) * width + i, std::numeric_limits<double>::quiet_NaN());
      response.set_standard_errors(static_cast<int>(row) * width + i, std::numeric_limits<double>::quiet_NaN());
    }
  }
  return response;
}

}  // namespace roicast
