#include "model/training/attention/attention_fit.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/training/capacity/fold_criterion.h"
#include "model/training/capacity/folds.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/fit/unseen_categories.h"

namespace roicast {
namespace {

constexpr int kParts = 3;
// A share of attention is more than chance if it is so many standard deviations above 0.
constexpr double kShareDeviations = 3.0;
// Of a whole schedule, unless the spec fixes the epochs: docs/adr/0078-attention.md.
constexpr int64_t kScheduleSteps = 30'000;
constexpr int64_t kLeastScheduleEpochs = 10, kMostScheduleEpochs = 2000;
// The schedule takes so many times the epochs that may pass without a better one.
constexpr int kPatienceShare = 8;

int64_t StepsPerEpoch(int64_t rows, const TrainingOptions& training) {
  const int64_t batch = training.batch_size == 0 ? rows : std::min<int64_t>(training.batch_size, rows);
  return (rows + batch - 1) / batch;
}

// For so many rows.
AttentionOptions OptionsOf(const TrainingSpec& spec, int64_t rows) {
  AttentionOptions options;
  options.dropout = spec.network.dropout;
  options.training = spec.training;
  if (spec.choose_capacity) {
    const int64_t epochs = kScheduleSteps / StepsPerEpoch(rows, spec.training);
    options.training.epochs = static_cast<int>(std::clamp(epochs, kLeastScheduleEpochs, kMostScheduleEpochs));
    options.training.warmup_epochs = std::max(1, options.training.epochs / 50);
    if (spec.training.patience == 0) options.training.patience = std::max(2, options.training.epochs / kPatienceShare);
  }
  return options;
}

// Rows with what the linear path makes of them.
struct OffsetRows {
  RowMajorMatrix x;
  std::vector<float> y, weights, offsets;

  OffsetRows(const TrainingRows& rows, const std::vector<int64_t>& of) : x((*rows.x)(of, Eigen::all)) {
    for (const int64_t row : of) {
      y.push_back(rows.y[row]);
      if (!rows.weights.empty()) weights.push_back(rows.weights[row]);
    }
  }
  void SetOffsets(const LinearModel& linear) {
    offsets.clear();
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      offsets.push_back(static_cast<float>(linear.Evaluate(x.row(i).data())));
    }
  }
  TrainingRows rows() const { return {x.rows() > 0 ? &x : nullptr, y, weights, offsets}; }
};

class AttentionSelection {
 public:
  AttentionSelection(const TrainingRows& rows, std::vector<int> feature_inputs, const TrainingSpec& spec,
                     FitJournal& journal)
      : rows_(rows),
        feature_inputs_(std::move(feature_inputs)),
        spec_(spec),
        journal_(journal),
        criterion_(spec.training.loss, rows.y, rows.weights),
        linear_(rows.y.size(), 0.0),
        attention_(rows.y.size(), 0.0) {}

  absl::StatusOr<CapacitySelection> Run(const std::vector<int64_t>& groups) {
    const std::vector<int> part_of = AssignFolds(rows_, groups, kParts, spec_.training.loss, spec_.training.seed);
    const std::string step = journal_.step();
    for (int k = 0; k < kParts; ++k) {
      if (journal_.observer().Poll() == TrainingSignal::kCancel) return absl::CancelledError("training was cancelled");
      journal_.SetStep(absl::StrCat(step, step.empty() ? "" : ", ", "part ", k + 1, " of ", kParts));
      ROICAST_RETURN_IF_ERROR(PredictPart(part_of, k));
    }
    journal_.SetStep(step);
    selection_.out_of_time = journal_.out_of_time();
    selection_.out_of_fold = linear_;
    selection_.r2 = selection_.report.linear_r2 = criterion_.Score(linear_);
    if (!selection_.out_of_time) ChooseShare();
    return std::move(selection_);
  }

 private:
  absl::Status PredictPart(const std::vector<int>& part_of, int k) {
    std::vector<int64_t> inside, outside;
    for (size_t row = 0; row < part_of.size(); ++row) {
      (part_of[row] == k ? outside : inside).push_back(static_cast<int64_t>(row));
    }
    if (inside.empty() || outside.empty()) return absl::OkStatus();
    OffsetRows learnt(rows_, inside), judged(rows_, outside);
    ROICAST_ASSIGN_OR_RETURN(const LinearModel linear, FitLinearPath(spec_.training.loss, learnt.x, learnt.y,
                                                                     learnt.weights, nullptr, journal_.stop()));
    learnt.SetOffsets(linear);
    judged.SetOffsets(linear);
    for (size_t i = 0; i < outside.size(); ++i) linear_[outside[i]] = judged.offsets[i];
    AttentionOptions options = OptionsOf(spec_, learnt.x.rows());
    options.training.seed = spec_.training.seed + static_cast<uint64_t>(k);
    const absl::StatusOr<AttentionTrainingResult> result =
        journal_.FitAttention(learnt.rows(), judged.rows(), feature_inputs_, options, FitProgress::kHidden);
    // A part that diverges speaks against attention.
    if (absl::IsFailedPrecondition(result.status())) return absl::OkStatus();
    ROICAST_RETURN_IF_ERROR(result.status());
    const std::vector<float> z = EvaluateAttention(result->network, judged.x);
    for (size_t i = 0; i < outside.size(); ++i) attention_[outside[i]] = z[i];
    steps_ += static_cast<double>(result->best_epoch) *
              static_cast<double>(StepsPerEpoch(learnt.x.rows(), spec_.training)) / kParts;
    return absl::OkStatus();
  }

  void ChooseShare() {
    const ShareFit fit = criterion_.FitShare(linear_, attention_);
    selection_.chosen = {std::llround(steps_), spec_.network.dropout, spec_.training.weight_decay};
    const bool better = selection_.chosen.steps > 0 && fit.share > kShareDeviations * fit.deviation;
    selection_.network_share = better ? std::min(fit.share, 1.0) : 0.0;
    for (size_t i = 0; i < attention_.size(); ++i) {
      selection_.out_of_fold[i] += selection_.network_share * attention_[i];
    }
    selection_.r2 = criterion_.Score(selection_.out_of_fold);
    selection_.report.compared.push_back({selection_.chosen, selection_.network_share, selection_.r2, better});
    journal_.observer().OnCompared(1);
  }

  const TrainingRows rows_;
  const std::vector<int> feature_inputs_;
  const TrainingSpec& spec_;
  FitJournal& journal_;
  const FoldCriterion criterion_;
  std::vector<double> linear_, attention_;  // out of fold
  double steps_ = 0.0;                      // the mean over the parts
  CapacitySelection selection_;
};

DataWarning AttentionWarning(std::string message, bool serious) {
  DataWarning warning;
  warning.serious = serious;
  warning.message = std::move(message);
  warning.flags = {"--preset compact"};
  return warning;
}

}  // namespace

absl::Status CheckAttentionStart(const TrainingSpec& spec, const TrainModelInputs& inputs) {
  if (inputs.warm_start == nullptr) return absl::OkStatus();
  if (spec.preset == Preset::kAttention) {
    return absl::InvalidArgumentError(
        "training.warm_start_version: expected none with the preset attention, which begins with new weights");
  }
  if (inputs.warm_start->attention.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("training.warm_start_version: expected a version with dense layers, got one with ",
                     inputs.warm_start->DescribeNetwork(), "; train without a warm start"));
  }
  return absl::OkStatus();
}

absl::StatusOr<CapacitySelection> ChooseAttention(const RowPart& train, const Preprocessor& preprocessor,
                                                  const TrainingSpec& spec, FitJournal& journal) {
  const std::vector<int> feature_inputs = preprocessor.InputsPerFeature();
  if (feature_inputs.size() > kMaxAttentionFeatures) {
    return absl::InvalidArgumentError(absl::StrCat("preset attention: expected at most ", kMaxAttentionFeatures,
                                                   " features, got ", feature_inputs.size(),
                                                   "; --preset compact takes more, --exclude leaves columns out"));
  }
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, train.EqualRows(journal.stop()));
  return AttentionSelection(train.ForTrainer(), feature_inputs, spec, journal).Run(groups);
}

absl::StatusOr<NetworkFit> FitAttention(const RowPart& train, const Preprocessor& preprocessor,
                                        const TrainingSpec& spec, const CapacitySelection& selection,
                                        FitJournal& journal) {
  const std::vector<int> feature_inputs = preprocessor.InputsPerFeature();
  const TrainingRows rows = train.ForTrainer();
  NetworkFit fit;
  fit.out_of_fold = selection.out_of_fold;
  ROICAST_ASSIGN_OR_RETURN(const LinearModel linear,
                           FitLinearPath(spec.training.loss, *rows.x, rows.y, rows.weights, nullptr, journal.stop()));
  fit.training.stop_reason = selection.out_of_time ? "time limit" : "a linear model is enough";
  if (selection.network_share > 0.0) {
    std::vector<float> offsets;
    for (Eigen::Index i = 0; i < rows.x->rows(); ++i) {
      offsets.push_back(static_cast<float>(linear.Evaluate(rows.x->row(i).data())));
    }
    AttentionOptions options = OptionsOf(spec, rows.x->rows());
    const int64_t epochs = std::llround(static_cast<double>(selection.chosen.steps) /
                                        static_cast<double>(StepsPerEpoch(rows.x->rows(), spec.training)));
    options.stop_after = static_cast<int>(std::clamp<int64_t>(epochs, 1, options.training.epochs));
    journal.observer().OnEpochsChosen(options.stop_after);
    ROICAST_ASSIGN_OR_RETURN(AttentionTrainingResult result,
                             journal.FitAttention({rows.x, rows.y, rows.weights, offsets}, {}, feature_inputs, options,
                                                  FitProgress::kShown));
    fit.training.history = std::move(result.history);
    fit.training.best_epoch = result.best_epoch;
    fit.training.epochs_run = result.epochs_run;
    fit.training.stop_reason = std::move(result.stop_reason);
    if (result.epochs_run > 0) fit.attention = std::move(result.network);
  }
  if (!fit.attention.has_value()) {
    if (selection.network_share > 0.0) {
      fit.warnings.push_back(AttentionWarning(
          "the time limit passed before attention was trained: a linear model is served. The preset compact is faster",
          true));
    }
    fit.mlp = LinearNetwork(linear);
    ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(train.encoded, preprocessor, journal.stop(), fit.mlp));
    return fit;
  }
  AttentionNetwork& network = *fit.attention;
  network.ScaleAttention(selection.network_share);
  const AttentionLayout layout(network.shape, network.feature_inputs);
  for (int i = 0; i < layout.inputs; ++i) {
    network.parameters[layout.linear + i] = static_cast<float>(linear.weights[i]);
  }
  network.parameters[layout.head_bias] += static_cast<float>(linear.bias);
  ROICAST_RETURN_IF_ERROR(SettleUnseenCategories(train.encoded, preprocessor, journal.stop(), network));
  return fit;
}

void WarnOfAttention(const RowPart& train, NetworkFit& fit) {
  const auto rows = static_cast<int64_t>(train.roi.size());
  const CapacitySelection& selection = *fit.selection;
  if (rows < kFewestAttentionRows) {
    fit.warnings.push_back(AttentionWarning(
        absl::StrFormat("attention over features rarely pays below %d rows, and there are %d: the preset compact is "
                        "likely to be better, and faster",
                        kFewestAttentionRows, rows),
        false));
  }
  if (selection.out_of_time) {
    fit.warnings.push_back(AttentionWarning(
        "the time limit passed before attention was compared with a linear model: the linear one is served. The preset "
        "compact is faster",
        true));
  } else if (selection.network_share == 0.0) {
    fit.warnings.push_back(AttentionWarning(
        absl::StrFormat("on %d rows that it had not learnt from, attention is not shown to be better than a linear "
                        "model, which is served (R² %.4f)",
                        rows, selection.report.linear_r2),
        false));
  }
}

}  // namespace roicast
