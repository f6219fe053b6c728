#include "server/services/decision/analysis.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/artifact/shapes_conversion.h"
#include "model/explanation/dependence.h"
#include "model/explanation/interaction.h"
#include "model/explanation/permutation_importance.h"
#include "model/explanation/shapes.h"
#include "model/explanation/surrogate_tree.h"
#include "server/services/decision/background_input.h"
#include "server/services/decision/decision_call.h"
#include "server/services/decision/moves_answer.h"
#include "server/services/decision/row_input.h"

namespace roicast {
namespace {

constexpr int64_t kMaxAnalysedRows = 100000;
constexpr int kMaxIndividualCurves = 200;
constexpr int kMaxGridPoints = 200;
constexpr int kMaxInteractingFeatures = 16;

class Analysis {
 public:
  Analysis(const v1::AnalyzeModelRequest& request, const ServedModel& model, const DatasetRowsReader& datasets,
           const StopCheck& stop, MemoryBudget* memory)
      : request_(request),
        model_(model),
        datasets_(datasets),
        stop_(stop),
        memory_(memory),
        seed_(static_cast<uint64_t>(request.seed())) {}

  absl::StatusOr<v1::AnalyzeModelResponse> Run() {
    ROICAST_RETURN_IF_ERROR(ReadRows());
    ROICAST_ASSIGN_OR_RETURN(work_memory_, ClaimForWork(memory_, BytesOfWork()));
    *response_.mutable_served_by() = ServedByProto(model_);
    if (request_.importance()) ROICAST_RETURN_IF_ERROR(AddImportance());
    ROICAST_RETURN_IF_ERROR(AddDependence());
    if (request_.interactions_size() > 0) ROICAST_RETURN_IF_ERROR(AddInteractions());
    if (request_.tree_depth() != 0) ROICAST_RETURN_IF_ERROR(AddTree());
    return std::move(response_);
  }

 private:
  // What the analyses take at most, one after the other, beside the rows: those that have a prediction and two copies
  // of them, outcomes, and the curves of the answer.
  uint64_t BytesOfWork() const {
    const auto rows = static_cast<uint64_t>(response_.rows()), width = static_cast<uint64_t>(model_.schema().size());
    const auto used = std::min(rows, static_cast<uint64_t>(SurrogateTreeOptions().max_rows));
    const auto grids = std::min(static_cast<uint64_t>(request_.dependence_size()), width);
    const auto points = static_cast<uint64_t>(std::clamp(
        request_.grid_points() == 0 ? DependenceOptions().grid.points : request_.grid_points(), 0, kMaxGridPoints));
    const auto curves = static_cast<uint64_t>(std::clamp(request_.individual_curves(), 0, kMaxIndividualCurves));
    return rows * 40 + used * (3 * width * sizeof(float) + 64) + grids * points * (curves * 32 + 256);
  }

  absl::Status ReadRows() {
    if (!request_.dataset_digest().empty()) return ReadDataset();
    if (request_.has_rows()) {
      ROICAST_ASSIGN_OR_RETURN(
          InputRows rows, ReadRowInput(request_.rows(), "rows", model_, {.max = kMaxAnalysedRows, .memory = memory_}));
      v1::ExplainResponse listed;
      ROICAST_ASSIGN_OR_RETURN(const CheckedRows checked,
                               PredictAndCheck(model_, rows, listed.mutable_issues(), stop_));
      response_.set_rows_refused(checked.refused);
      response_.set_rows(rows.count);
      for (int64_t i = 0; i < rows.count; ++i) {
        // A row that was rejected has an impossible value, so that it has no prediction.
        if (!rows.ok(i)) MakeImpossible(rows, i);
      }
      rows_ = std::move(rows.rows);
      rows_memory_ = std::move(rows.memory);
    } else {
      ROICAST_ASSIGN_OR_RETURN(const BackgroundInput background, BackgroundOf(false, request_.rows(), model_, memory_));
      rows_ = background.get().rows;
      response_.set_rows(background.get().size());
    }
    if (request_.truths_size() != 0 && request_.truths_size() != response_.rows()) {
      return Unexpected("truths", absl::StrCat("none, or one per row (", response_.rows(), ")"),
                        absl::StrCat(request_.truths_size()));
    }
    truths_.assign(request_.truths().begin(), request_.truths().end());
    return absl::OkStatus();
  }

  absl::Status ReadDataset() {
    if (request_.has_rows()) return Unexpected("dataset_digest", "either a dataset or rows", "both");
    if (request_.truths_size() > 0) {
      return Unexpected("truths", "none with a dataset, which has them itself", absl::StrCat(request_.truths_size()));
    }
    ROICAST_ASSIGN_OR_RETURN(DatasetRows read, datasets_(model_, request_.dataset_digest(), kMaxAnalysedRows));
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    ROICAST_ASSIGN_OR_RETURN(rows_memory_,
                             ClaimForWork(memory_, static_cast<uint64_t>(read.rows.raw.size()) * sizeof(float)));
    response_.set_rows(read.rows.raw.rows());
    response_.set_dataset_rows(read.dataset_rows);
    response_.set_no_truths_because(read.rows.no_truths_because);
    for (const std::string& name : read.rows.absent_features) response_.add_features_without_column(name);
    rows_.assign(read.rows.raw.data(), read.rows.raw.data() + read.rows.raw.size());
    if (read.rows.no_truths_because.empty()) truths_ = std::move(read.rows.truths);
    std::vector<float> predictions(static_cast<size_t>(response_.rows()));
    ROICAST_RETURN_IF_ERROR(PredictOrStop(model_, rows_.data(), absl::MakeSpan(predictions), {}, stop_));
    response_.set_rows_refused(
        std::count_if(predictions.begin(), predictions.end(), [](float prediction) { return std::isnan(prediction); }));
    return absl::OkStatus();
  }

  void MakeImpossible(InputRows& rows, int64_t row) const {
    const auto width = static_cast<size_t>(model_.schema().size());
    std::fill_n(rows.rows.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(row) * width), width,
                std::numeric_limits<float>::infinity());
  }

  const std::string& NameOf(int feature) const { return model_.schema().features[static_cast<size_t>(feature)].name; }

  // Indices of named features, each once.
  absl::StatusOr<std::vector<int>> Features(absl::string_view field,
                                            const google::protobuf::RepeatedPtrField<std::string>& names) const {
    std::vector<int> features;
    for (int i = 0; i < names.size(); ++i) {
      const std::string where = absl::StrCat(field, "[", i, "]");
      ROICAST_ASSIGN_OR_RETURN(const int feature, FeatureByName(model_, where, names[i]));
      if (std::find(features.begin(), features.end(), feature) != features.end()) {
        return Unexpected(where, "each feature once", absl::StrCat("\"", names[i], "\" again"));
      }
      features.push_back(feature);
    }
    return features;
  }

  absl::Status AddImportance() {
    ImportanceOptions options;
    if (request_.shuffles() != 0) options.shuffles = request_.shuffles();
    if (!model_.decisions().facts.target.positive_value.empty() && !truths_.empty())
      options.loss = ImportanceLoss::kLog;
    options.seed = seed_;
    ROICAST_ASSIGN_OR_RETURN(ImportanceReport report,
                             PermutationImportance(model_.predictor(), rows_, truths_, options, stop_));
    std::stable_sort(report.features.begin(), report.features.end(),
                     [](const auto& a, const auto& b) { return a.importance > b.importance; });
    response_.set_against_truth(report.against_truth);
    for (const FeatureImportance& one : report.features) {
      v1::FeatureImportance& added = *response_.add_importance();
      added.set_feature(NameOf(one.feature));
      added.set_importance(one.importance);
      added.mutable_interval()->set_low(one.low);
      added.mutable_interval()->set_high(one.high);
      added.set_ratio(one.ratio);
    }
    return absl::OkStatus();
  }

  absl::Status AddDependence() {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<int> features, Features("dependence", request_.dependence()));
    if (request_.individual_curves() < 0 || request_.individual_curves() > kMaxIndividualCurves) {
      return Unexpected("individual_curves", absl::StrCat("0 to ", kMaxIndividualCurves),
                        absl::StrCat(request_.individual_curves()));
    }
    DependenceOptions options;
    if (request_.grid_points() != 0) options.grid.points = request_.grid_points();
    options.curves = request_.individual_curves();
    options.seed = seed_;
    options.moves = model_.decisions().facts.moves;
    AddCauseCaveat(model_, features, response_.mutable_caveats());
    for (const int feature : features) {
      AddMovesCaveat(model_, {feature}, response_.mutable_caveats());
      AddFilledCaveat(model_, feature, rows_, response_.mutable_caveats());
      ROICAST_ASSIGN_OR_RETURN(const Dependence dependence,
                               PartialDependence(model_.predictor(), rows_, feature, options, stop_));
      *response_.add_dependence() = DependenceToProto(ShapeOf(model_.schema(), dependence, options.moves));
    }
    return absl::OkStatus();
  }

  absl::Status AddInteractions() {
    InteractionOptions options;
    ROICAST_ASSIGN_OR_RETURN(options.features, Features("interactions", request_.interactions()));
    if (options.features.size() < 2 || options.features.size() > kMaxInteractingFeatures) {
      return Unexpected("interactions", absl::StrCat("2 to ", kMaxInteractingFeatures, " features"),
                        absl::StrCat(options.features.size()));
    }
    options.seed = seed_;
    ROICAST_ASSIGN_OR_RETURN(const InteractionReport report,
                             FeatureInteraction(model_.predictor(), rows_, options, stop_));
    for (const PairInteraction& pair : report.pairs) {
      *response_.add_interactions() = InteractionToProto(StrengthOf(model_.schema(), pair));
    }
    return absl::OkStatus();
  }

  absl::Status AddTree() {
    SurrogateTreeOptions options;
    options.depth = request_.tree_depth();
    options.seed = seed_;
    const int64_t usable = response_.rows() - response_.rows_refused();
    if (usable < kFewestSurrogateRows) {
      ROICAST_RETURN_IF_ERROR(options.Validate());
      response_.set_no_tree_because(
          absl::StrCat("a tree needs at least ", kFewestSurrogateRows, " rows with a prediction, there are ", usable));
      return absl::OkStatus();
    }
    ROICAST_ASSIGN_OR_RETURN(const SurrogateTree tree, FitSurrogateTree(model_.predictor(), rows_, options, stop_));
    *response_.mutable_tree() = TreeToProto(RulesOf(model_.schema(), tree));
    return absl::OkStatus();
  }

  const v1::AnalyzeModelRequest& request_;
  const ServedModel& model_;
  const DatasetRowsReader& datasets_;
  const StopCheck& stop_;
  MemoryBudget* const memory_;
  MemoryClaim rows_memory_, work_memory_;
  const uint64_t seed_;
  std::vector<float> rows_;
  std::vector<double> truths_;
  v1::AnalyzeModelResponse response_;
};

}  // namespace

absl::StatusOr<v1::AnalyzeModelResponse> AnalyzeModel(const v1::AnalyzeModelRequest& request, const ServedModel& model,
                                                      const DatasetRowsReader& datasets, const StopCheck& stop,
                                                      MemoryBudget* memory) {
  return Analysis(request, model, datasets, stop, memory).Run();
}

}  // namespace roicast
