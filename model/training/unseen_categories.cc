#include "model/training/unseen_categories.h"

#include "base/check.h"

namespace roicast {

void SettleUnseenCategories(const RowMajorMatrix& encoded, const Preprocessor& preprocessor, Mlp& mlp) {
  ROICAST_CHECK(encoded.rows() > 0 && encoded.cols() == mlp.inputs());
  RowMajorMatrix& weights = mlp.layers.front().weights;
  for (int i = 0; i < preprocessor.schema().size(); ++i) {
    const Feature& feature = preprocessor.schema().features[i];
    const auto categories = static_cast<Eigen::Index>(feature.vocabulary.size());
    if (feature.kind != FeatureKind::kCategorical || categories == 0) continue;
    const Eigen::Index first = preprocessor.offset(i);
    const Eigen::Index other = first + categories;
    if ((encoded.col(other).array() != 0.0f).any()) continue;
    const Eigen::VectorXd shares = encoded.middleCols(first, categories).cast<double>().colwise().mean().transpose();
    weights.col(other) = (weights.middleCols(first, categories).cast<double>() * shares).cast<float>();
  }
}

}  // namespace roicast
