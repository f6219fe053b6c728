#include "client/report/model_answers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/prediction_client.h"
#include "client/report/importances.h"
#include "client/report/row_statistics.h"
#include "client/report/target_words.h"
#include "client/status.h"
#include "client/unary_call.h"
#include "roicast/v1/decision.grpc.pb.h"

namespace roicast::client {
namespace {

constexpr int64_t kBatchRows = 8192;
constexpr double kLevels[] = {0.5, 0.8, 0.9, 0.95};
// Enough for intervals of a per cent or two, and a request of a few hundred kilobytes.
constexpr size_t kMostAnalysedRows = 4000;
constexpr size_t kMostAnalysedValues = 400000;
constexpr int kDependences = 8;
constexpr int kInteracting = 6;
constexpr int kCurvesOfRows = 16;
constexpr int kTreeDepth = 3;
constexpr size_t kMostCurves = 4;
constexpr int kCurvePoints = 60;
constexpr absl::Duration kLeastTimeout = absl::Minutes(2);
constexpr float kNanValue = std::numeric_limits<float>::quiet_NaN();

CallOptions WithTime(CallOptions calls) {
  calls.timeout = std::max(calls.timeout, kLeastTimeout);
  return calls;
}

// What a person reads in the place of what could not be asked.
std::string WhyNot(const absl::Status& status) {
  if (absl::IsUnimplemented(status)) return "the server is of a release that does not offer them";
  if (ReasonOf(status) == v1::NO_BACKGROUND) {
    return "they need rows: the version has no typical rows stored with it, and no file was given";
  }
  return std::string(status.message());
}

// The categorical feature that matters most; −1: none has at least two words.
int FeatureToCompare(const v1::Schema& schema, const Importances& importances) {
  const auto usable = [&](int f) {
    return schema.features(f).kind() == v1::FEATURE_KIND_CATEGORICAL && schema.features(f).vocabulary_size() >= 2;
  };
  for (const v1::FeatureImportance& importance : importances.features) {
    for (int f = 0; f < schema.features_size(); ++f) {
      if (schema.features(f).name() == importance.feature() && usable(f)) return f;
    }
  }
  for (int f = 0; f < schema.features_size(); ++f) {
    if (usable(f)) return f;
  }
  return -1;
}

// Codes of a categorical feature, the most frequent first; without rows the first ones of the vocabulary.
std::vector<int> FrequentCodes(const v1::Schema& schema, int feature, absl::Span<const float> values) {
  const int size = schema.features(feature).vocabulary_size();
  std::vector<int64_t> counts(static_cast<size_t>(size));
  for (size_t at = static_cast<size_t>(feature); at < values.size();
       at += static_cast<size_t>(schema.features_size())) {
    if (values[at] >= 0 && values[at] < static_cast<float>(size)) ++counts[static_cast<size_t>(values[at])];
  }
  std::vector<int> codes;
  for (int code = 0; code < size; ++code) {
    if (values.empty() || counts[static_cast<size_t>(code)] > 0) codes.push_back(code);
  }
  std::stable_sort(codes.begin(), codes.end(),
                   [&](int a, int b) { return counts[static_cast<size_t>(a)] > counts[static_cast<size_t>(b)]; });
  codes.resize(std::min(codes.size(), kMostCurves));
  return codes;
}

// From the 1 % to the 99 % quantile of the rows' spend, if it is known which feature that is; few campaigns far from
// all others would fill the picture. Otherwise the server takes the range of the training rows.
void SetSpendRange(const v1::Model& model, const CollectedRows* rows, v1::ResponseCurveRequest& request) {
  const std::string& learnt = model.provenance().spec().target().spend_column();
  // Servers of older releases do not say it.
  const std::string name = !model.spend_feature().empty() ? model.spend_feature() : learnt.empty() ? "spend" : learnt;
  if (rows == nullptr) return;
  const auto width = static_cast<size_t>(model.schema().features_size());
  for (size_t f = 0; f < width; ++f) {
    const v1::Feature& feature = model.schema().features(static_cast<int>(f));
    if (feature.name() != name || feature.kind() != v1::FEATURE_KIND_NUMERIC) continue;
    std::vector<double> spends;
    for (size_t at = f; at < rows->values.size(); at += width) {
      if (rows->values[at] > 0) spends.push_back(static_cast<double>(rows->values[at]));
    }
    if (spends.size() < 2) return;
    const double low = QuantileOf(spends, 0.01), high = QuantileOf(spends, 0.99);
    if (!(low < high)) return;
    request.set_from(low);
    request.set_to(high);
  }
}

// Whether a row has a value of the feature that the model knows; without rows the server's own have one.
bool AnyKnown(const v1::Schema& schema, const std::string& name, const google::protobuf::RepeatedField<float>& values) {
  const int width = schema.features_size();
  for (int f = 0; f < width; ++f) {
    const v1::Feature& feature = schema.features(f);
    if (feature.name() != name) continue;
    const bool words = feature.kind() == v1::FEATURE_KIND_CATEGORICAL;
    for (int at = f; at < values.size(); at += width) {
      const float value = values.Get(at);
      const bool known =
          words ? value >= 0 && value < static_cast<float>(feature.vocabulary_size()) : std::isfinite(value);
      if (known) return true;
    }
  }
  return values.empty();
}

void SetMatrix(const v1::Schema& schema, absl::Span<const float> values, v1::DenseMatrix* matrix) {
  matrix->mutable_values()->Add(values.begin(), values.end());
  matrix->set_rows(static_cast<int64_t>(values.size()) / schema.features_size());
  matrix->set_schema_digest(schema.digest());
}

}  // namespace

ModelAnswers::ModelAnswers(std::shared_ptr<ChannelPool> channels, const CallOptions& calls, v1::Model model,
                           std::function<absl::Status()> stop)
    : channels_(std::move(channels)), calls_(WithTime(calls)), model_(std::move(model)), stop_(std::move(stop)) {}

v1::ModelRef ModelAnswers::Ref() const {
  v1::ModelRef ref;
  ref.set_name(model_.name());
  ref.set_version(model_.version());
  return ref;
}

absl::StatusOr<std::vector<float>> ModelAnswers::Predictions(absl::Span<const float> values) const {
  const auto width = static_cast<size_t>(model_.schema().features_size());
  const PredictionClient client(channels_, calls_);
  std::vector<float> predictions;
  for (size_t begin = 0; begin < values.size(); begin += kBatchRows * width) {
    ROICAST_RETURN_IF_ERROR(Stop());
    v1::BatchPredictRequest request;
    *request.mutable_model() = Ref();
    request.set_max_issues(-1);
    SetMatrix(model_.schema(), values.subspan(begin, kBatchRows * width), request.mutable_matrix());
    ROICAST_ASSIGN_OR_RETURN(const v1::BatchPredictResponse answer, client.BatchPredict(request));
    predictions.insert(predictions.end(), answer.roi().begin(), answer.roi().end());
  }
  if (predictions.size() * width == values.size()) return predictions;
  return absl::DataLossError(
      absl::StrCat("BatchPredict: expected ", values.size() / width, " predictions, got ", predictions.size()));
}

absl::Status ModelAnswers::Predict(const CollectedRows& rows, ReportTable& table) const {
  const TargetWords target = WordsOfTarget(model_);
  const auto width = static_cast<size_t>(model_.schema().features_size());
  ROICAST_ASSIGN_OR_RETURN(const std::vector<float> predictions, Predictions(rows.values));
  OutcomeRows& outcomes = table.outcomes;
  outcomes.profit_threshold = model_.report().holdout().model().profitable().threshold();
  std::vector<float> known;
  for (size_t i = 0; i < predictions.size(); ++i) {
    if (!std::isfinite(predictions[i])) {
      ++table.rows_refused;
    } else if (!std::isfinite(rows.truths[i])) {
      ++table.rows_without_outcome;
    } else {
      outcomes.predicted.push_back(static_cast<double>(predictions[i]));
      outcomes.actual.push_back(rows.truths[i]);
      known.insert(known.end(), rows.values.begin() + static_cast<int64_t>(i * width),
                   rows.values.begin() + static_cast<int64_t>((i + 1) * width));
    }
  }
  if (target.probability || known.empty()) return absl::OkStatus();
  const PredictionClient client(channels_, calls_);
  for (const double level : kLevels) {
    RowIntervals intervals;
    intervals.level = level;
    std::vector<double> chances;
    absl::Status status;
    for (size_t begin = 0; begin < known.size() && status.ok(); begin += kBatchRows * width) {
      ROICAST_RETURN_IF_ERROR(Stop());
      v1::BatchPredictRequest request;
      *request.mutable_model() = Ref();
      request.set_max_issues(-1);
      request.mutable_uncertainty()->set_interval_level(level);
      request.mutable_uncertainty()->set_profit_probability(target.roi);
      SetMatrix(model_.schema(), absl::MakeConstSpan(known).subspan(begin, kBatchRows * width),
                request.mutable_matrix());
      const absl::StatusOr<v1::BatchPredictResponse> answer = client.BatchPredict(request);
      status = answer.status();
      if (!answer.ok()) break;
      intervals.low.insert(intervals.low.end(), answer->interval_low().begin(), answer->interval_low().end());
      intervals.high.insert(intervals.high.end(), answer->interval_high().begin(), answer->interval_high().end());
      chances.insert(chances.end(), answer->profit_probability().begin(), answer->profit_probability().end());
    }
    // Without a calibration, or too high a level for its number of rows.
    if (!status.ok() || intervals.low.size() != outcomes.actual.size()) {
      if (outcomes.intervals.empty()) table.no_intervals = WhyNot(status);
      continue;
    }
    outcomes.intervals.push_back(std::move(intervals));
    if (target.roi && chances.size() == outcomes.actual.size()) outcomes.profit_probability = std::move(chances);
  }
  if (!outcomes.intervals.empty()) table.no_intervals.clear();
  return absl::OkStatus();
}

absl::StatusOr<v1::AnalyzeModelResponse> ModelAnswers::CallAnalyze(const v1::AnalyzeModelRequest& request) const {
  return CallIdempotent(*channels_, calls_, &v1::DecisionService::Stub::AnalyzeModel, request);
}

absl::StatusOr<v1::AnalyzeModelResponse> ModelAnswers::AnalyzeInTwoCalls(const CollectedRows* rows) const {
  v1::AnalyzeModelRequest request;
  *request.mutable_model() = Ref();
  if (rows != nullptr && rows->size() > 0) {
    const auto width = static_cast<size_t>(model_.schema().features_size());
    std::vector<size_t> known;
    for (size_t i = 0; i < rows->truths.size(); ++i) {
      if (std::isfinite(rows->truths[i])) known.push_back(i);
    }
    const bool truths = known.size() >= 2;
    std::vector<float> values;
    const size_t most = std::min(kMostAnalysedRows, std::max<size_t>(kMostAnalysedValues / width, 20));
    for (const size_t k : SpreadPositions(truths ? known.size() : rows->truths.size(), most)) {
      const size_t row = truths ? known[k] : k;
      values.insert(values.end(), rows->values.begin() + static_cast<int64_t>(row * width),
                    rows->values.begin() + static_cast<int64_t>((row + 1) * width));
      if (truths) request.add_truths(rows->truths[row]);
    }
    SetMatrix(model_.schema(), values, request.mutable_rows()->mutable_matrix());
  }
  request.set_importance(true);
  request.set_tree_depth(kTreeDepth);
  absl::StatusOr<v1::AnalyzeModelResponse> first = CallAnalyze(request);
  if (absl::IsInvalidArgument(first.status())) {
    // Too few rows for a tree are enough for the rest.
    request.clear_tree_depth();
    first = CallAnalyze(request);
  }
  if (!first.ok()) return first;
  ROICAST_RETURN_IF_ERROR(Stop());
  request.clear_importance();
  request.clear_tree_depth();
  for (const v1::FeatureImportance& feature : first->importance()) {
    // The server refuses to vary a feature of which no row has a value that the model knows.
    if (request.dependence_size() < kDependences &&
        AnyKnown(model_.schema(), feature.feature(), request.rows().matrix().values())) {
      request.add_dependence(feature.feature());
    }
    if (request.interactions_size() < kInteracting) request.add_interactions(feature.feature());
  }
  if (request.interactions_size() < 2) request.clear_interactions();
  request.set_individual_curves(kCurvesOfRows);
  absl::StatusOr<v1::AnalyzeModelResponse> second = CallAnalyze(request);
  if (absl::IsInvalidArgument(second.status())) {
    request.clear_interactions();
    second = CallAnalyze(request);
  }
  ROICAST_RETURN_IF_ERROR(second.status());
  *first->mutable_dependence() = second->dependence();
  *first->mutable_interactions() = second->interactions();
  return first;
}

absl::Status ModelAnswers::Analyze(const CollectedRows* rows, const std::string& file, ReportInput& input) const {
  ROICAST_RETURN_IF_ERROR(Stop());
  const bool given = rows != nullptr && rows->size() > 0;
  if (!given) input.analysis = HeldOutAnalysis(model_.report());
  if (input.analysis.has_value()) {
    input.analysis_rows = kHeldBackRows;
    return absl::OkStatus();
  }
  absl::StatusOr<v1::AnalyzeModelResponse> analysis = AnalyzeInTwoCalls(rows);
  ROICAST_RETURN_IF_ERROR(Stop());
  if (!analysis.ok()) {
    input.no_analysis = absl::StrCat(WhyNot(analysis.status()), ".");
    return absl::OkStatus();
  }
  input.analysis_rows = given ? absl::StrCat("of ", file) : "that are stored with the model as typical ones";
  input.analysis = *std::move(analysis);
  return absl::OkStatus();
}

absl::Status ModelAnswers::AskCurves(const CollectedRows* rows, const std::string& file, ReportInput& input) const {
  ROICAST_RETURN_IF_ERROR(Stop());
  const v1::Schema& schema = model_.schema();
  const absl::Span<const float> values =
      rows == nullptr ? absl::Span<const float>() : absl::MakeConstSpan(rows->values);
  const std::vector<float> typical = TypicalRow(schema, values);
  const int varied = FeatureToCompare(schema, ChooseImportances(input));
  std::vector<float> asked;
  if (varied >= 0) {
    for (const int code : FrequentCodes(schema, varied, values)) {
      std::vector<float> row = typical;
      row[static_cast<size_t>(varied)] = static_cast<float>(code);
      asked.insert(asked.end(), row.begin(), row.end());
      input.curve_names.push_back(
          absl::StrCat(schema.features(varied).name(), " = ", schema.features(varied).vocabulary(code)));
    }
  }
  // None of the rows may have a word that training saw.
  if (asked.empty()) {
    asked = typical;
    input.curve_names.push_back("a typical campaign");
  }
  v1::ResponseCurveRequest request;
  *request.mutable_model() = Ref();
  request.set_points(kCurvePoints);
  SetSpendRange(model_, rows, request);
  input.curves_of_rows = request.to() > request.from();
  SetMatrix(schema, asked, request.mutable_rows()->mutable_matrix());
  absl::StatusOr<v1::ResponseCurveResponse> curves =
      CallIdempotent(*channels_, calls_, &v1::DecisionService::Stub::ResponseCurve, request);
  ROICAST_RETURN_IF_ERROR(Stop());
  if (!curves.ok()) {
    input.no_curves = ReasonOf(curves.status()) == v1::NOT_AN_ROI
                          ? absl::StrCat("they need a model of ROI or revenue, and this one predicts ",
                                         WordsOfTarget(model_).name, ".")
                          : absl::StrCat(WhyNot(curves.status()), ".");
    return absl::OkStatus();
  }
  input.curve_row = values.empty()
                        ? "a campaign whose other values are the usual ones"
                        : absl::StrCat("a campaign in the middle of ", file, " (median numbers, most frequent words)");
  input.curves = *std::move(curves);
  return absl::OkStatus();
}

std::optional<std::vector<float>> TranslateRows(const v1::Schema& from, const v1::Schema& to,
                                                absl::Span<const float> values) {
  struct Source {
    size_t feature;
    std::vector<float> codes;  // of a categorical feature, by the code of `from`
  };
  std::vector<Source> sources;
  for (const v1::Feature& wanted : to.features()) {
    const auto found = std::find_if(from.features().begin(), from.features().end(), [&](const v1::Feature& feature) {
      return feature.name() == wanted.name() && feature.kind() == wanted.kind();
    });
    if (found == from.features().end()) return std::nullopt;
    Source source{static_cast<size_t>(found - from.features().begin()), {}};
    if (wanted.kind() == v1::FEATURE_KIND_CATEGORICAL) {
      std::map<std::string, int> codes;
      for (int code = 0; code < wanted.vocabulary_size(); ++code) codes[wanted.vocabulary(code)] = code;
      for (const std::string& word : found->vocabulary()) {
        const auto code = codes.find(word);
        source.codes.push_back(static_cast<float>(code == codes.end() ? wanted.vocabulary_size() : code->second));
      }
      source.codes.push_back(static_cast<float>(wanted.vocabulary_size()));
    }
    sources.push_back(std::move(source));
  }
  const auto width = static_cast<size_t>(from.features_size());
  std::vector<float> translated;
  translated.reserve(values.size() / std::max<size_t>(width, 1) * sources.size());
  for (size_t row = 0; row + width <= values.size(); row += width) {
    for (const Source& source : sources) {
      const float value = values[row + source.feature];
      const bool word = !source.codes.empty() && value >= 0;
      const auto last = static_cast<float>(source.codes.size()) - 1;
      translated.push_back(word ? source.codes[static_cast<size_t>(std::min(value, last))] : value);
    }
  }
  return translated;
}

std::vector<float> TypicalRow(const v1::Schema& schema, absl::Span<const float> values) {
  const auto width = static_cast<size_t>(schema.features_size());
  std::vector<float> row;
  for (size_t f = 0; f < width; ++f) {
    std::vector<float> known;
    for (size_t at = f; at < values.size(); at += width) {
      if (std::isfinite(values[at])) known.push_back(values[at]);
    }
    if (known.empty()) {
      row.push_back(kNanValue);
    } else if (schema.features(static_cast<int>(f)).kind() == v1::FEATURE_KIND_CATEGORICAL) {
      std::map<float, int64_t> counts;
      for (const float value : known) ++counts[value];
      row.push_back(std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                      return a.second < b.second;
                    })->first);
    } else {
      const auto middle = known.begin() + static_cast<int64_t>((known.size() - 1) / 2);
      std::nth_element(known.begin(), middle, known.end());
      row.push_back(*middle);
    }
  }
  return row;
}

}  // namespace roicast::client
