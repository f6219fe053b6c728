#include "model/training/fit/unseen_categories.h"

#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Calls settle(feature, inputs of its categories, the share of the rows that each has) for each feature whose "other"
// input, which follows them, no row has.
template <typename Settle>
absl::Status ForUnseen(const RowMajorMatrix& encoded, const Preprocessor& preprocessor, const StopCheck& stop,
                       const Settle& settle) {
  for (int i = 0; i < preprocessor.schema().size(); ++i) {
    const Feature& feature = preprocessor.schema().features[i];
    const auto categories = static_cast<Eigen::Index>(feature.vocabulary.size());
    if (feature.kind != FeatureKind::kCategorical || categories == 0) continue;
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const Eigen::Index first = preprocessor.offset(i);
    if ((encoded.col(first + categories).array() != 0.0f).any()) continue;
    const Eigen::VectorXd shares = encoded.middleCols(first, categories).cast<double>().colwise().mean().transpose();
    settle(i, categories, shares);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SettleUnseenCategories(const RowMajorMatrix& encoded, const Preprocessor& preprocessor,
                                    const StopCheck& stop, Mlp& mlp) {
  ROICAST_CHECK(encoded.rows() > 0 && encoded.cols() == mlp.inputs());
  RowMajorMatrix& weights = mlp.layers.front().weights;
  return ForUnseen(
      encoded, preprocessor, stop, [&](int feature, Eigen::Index categories, const Eigen::VectorXd& shares) {
        const Eigen::Index first = preprocessor.offset(feature);
        weights.col(first + categories) = (weights.middleCols(first, categories).cast<double>() * shares).cast<float>();
      });
}

absl::Status SettleUnseenCategories(const RowMajorMatrix& encoded, const Preprocessor& preprocessor,
                                    const StopCheck& stop, AttentionNetwork& network) {
  ROICAST_CHECK(encoded.rows() > 0 && encoded.cols() == network.inputs());
  const AttentionLayout layout(network.shape, network.feature_inputs);
  float* const parameters = network.parameters.data();
  const auto settle = [&](float* weights, int width, Eigen::Index categories, const Eigen::VectorXd& shares) {
    Eigen::Map<RowMajorMatrix> rows(weights, categories + 1, width);
    rows.row(categories) = (shares.transpose() * rows.topRows(categories).cast<double>()).cast<float>();
  };
  return ForUnseen(encoded, preprocessor, stop,
                   [&](int feature, Eigen::Index categories, const Eigen::VectorXd& shares) {
                     settle(parameters + layout.token[feature], network.shape.width, categories, shares);
                     settle(parameters + layout.linear + layout.input[feature], 1, categories, shares);
                   });
}

}  // namespace roicast
