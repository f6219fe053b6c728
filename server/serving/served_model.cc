#include "server/serving/served_model.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Runs the predictor over rows of every shape that requests have, so that the first request finds code and tables in
// memory. Returns what one row takes: the least of them, for the thread may be interrupted.
absl::Duration Warm(const Predictor& predictor, const GoldenRows& golden) {
  const int64_t rows = static_cast<int64_t>(golden.predictions.size());
  std::vector<float> roi(golden.predictions.size());
  std::vector<uint8_t> flags(golden.predictions.size());
  predictor.Predict(golden.rows.data(), rows, absl::MakeSpan(roi), absl::MakeSpan(flags));
  const size_t width = static_cast<size_t>(predictor.schema().size());
  std::vector<RowWarning> warnings;
  auto least = std::chrono::nanoseconds::max();
  for (size_t row = 0; row < golden.predictions.size(); ++row) {
    const float* const values = golden.rows.data() + row * width;
    const auto begin = std::chrono::steady_clock::now();
    predictor.Predict(values, 1, absl::MakeSpan(roi).subspan(0, 1), absl::MakeSpan(flags).subspan(0, 1));
    least = std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - begin);
    warnings.clear();
    predictor.Explain(values, warnings).IgnoreError();
  }
  return golden.predictions.empty() ? absl::ZeroDuration() : absl::FromChrono(least);
}

std::vector<double> TypicalValues(const Artifact& artifact) {
  std::vector<double> values;
  for (size_t i = 0; i < artifact.features.size(); ++i) {
    const bool number = artifact.schema.features[i].kind == FeatureKind::kNumeric;
    values.push_back(number ? artifact.features[i].fill_value : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

DecisionParts PartsOf(const Artifact& artifact) {
  return {.facts = DecisionFactsOf(artifact),
          .spend_column = artifact.provenance.spec.target.spend_column,
          .background = artifact.background};
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ServedModel>> ServedModel::Load(absl::string_view name, int64_t version,
                                                                     absl::string_view bytes,
                                                                     const AttachmentFactory& attach,
                                                                     ServerMetrics& metrics, std::string digest) {
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, ParseArtifact(bytes));
  ROICAST_ASSIGN_OR_RETURN(std::unique_ptr<const Predictor> predictor, Predictor::Compile(artifact));
  const absl::Duration row_time = Warm(*predictor, artifact.golden);
  if (digest.empty()) digest = Sha256Hex(bytes);
  auto uncertainty = std::make_unique<const Uncertainty>(artifact, predictor.get());
  auto model = std::make_shared<ServedModel>(std::string(name), version, std::move(digest), std::move(predictor),
                                             artifact.report.holdout, artifact.target.TypicalRoi(),
                                             MissingSpellings(artifact.report.MissingValues()), attach, metrics,
                                             std::move(uncertainty), PartsOf(artifact));
  model->row_time_ = row_time;
  model->typical_values_ = TypicalValues(artifact);
  return model;
}

ServedModel::ServedModel(std::string name, int64_t version, std::string artifact_digest,
                         std::unique_ptr<const Predictor> predictor, const MetricsWithBaseline& holdout,
                         const RoiRange& typical_roi, const MissingSpellings& missing, const AttachmentFactory& attach,
                         ServerMetrics& metrics, std::unique_ptr<const Uncertainty> uncertainty,
                         DecisionParts decisions)
    : name_(std::move(name)),
      version_(version),
      artifact_digest_(std::move(artifact_digest)),
      predictor_(std::move(predictor)),
      uncertainty_(std::move(uncertainty)),
      decisions_(std::move(decisions)),
      holdout_(holdout),
      typical_roi_(typical_roi),
      metrics_(metrics.AddModelVersion(name_, version_, artifact_digest_)),
      schema_digest_(predictor_->schema().Digest()),
      label_(absl::StrCat("model \"", name_, "\" version ", version_)) {
  const Schema& features = schema();
  words_.reserve(features.features.size());
  for (size_t i = 0; i < features.features.size(); ++i) {
    const Feature& feature = features.features[i];
    feature_index_[feature.name] = static_cast<int>(i);
    words_.emplace_back(feature.vocabulary, missing);
  }
  if (attach) attachment_ = attach(*this);
}

int ServedModel::FeatureIndex(absl::string_view feature) const {
  const auto found = feature_index_.find(feature);
  return found == feature_index_.end() ? -1 : found->second;
}

float ServedModel::CategoryCode(int feature, absl::string_view word) const {
  const int code = words_[static_cast<size_t>(feature)].Find(word);
  if (code == VocabularyIndex::kMissing) return std::numeric_limits<float>::quiet_NaN();
  return code == VocabularyIndex::kUnseen ? kUnseenCode : static_cast<float>(code);
}

}  // namespace roicast
