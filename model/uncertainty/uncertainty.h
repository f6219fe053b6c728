// Intervals and probabilities of profit of a compiled model's predictions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/artifact/artifact.h"
#include "model/predictor/predictor.h"
#include "model/uncertainty/conformal.h"
#include "model/uncertainty/score_tables.h"
#include "model/uncertainty/two_part_scores.h"

namespace roicast {

// What is asked. Mirrors roicast.v1.UncertaintyOptions.
struct UncertaintyOptions {
  std::optional<double> interval_level = std::nullopt;  // (0, 1)
  bool profit_probability = false;
  std::optional<double> profit_threshold = std::nullopt;  // an ROI; unset: the training spec's
};

// Raw rows in one of the two forms that predictors take.
struct RawRows {
  const float* rows = nullptr;           // [n, features], or null
  absl::Span<const ColumnView> columns;  // else one per feature
};

// Immutable and thread-safe.
class Uncertainty {
 public:
  // Keeps what it needs of the artifact, which passed ParseArtifact or Calibration::Validate. predictor: of the
  // artifact, asked here what missing values cost; without one they count as unseen categories.
  explicit Uncertainty(const Artifact& artifact, const Predictor* predictor = nullptr);
  Uncertainty(const Uncertainty&) = delete;
  Uncertainty& operator=(const Uncertainty&) = delete;

  // What a request needs, computed once for all of its rows.
  struct Question {
    bool interval = false, probability = false;
    absl::InlinedVector<ScoreRange, 4> of_group;  // per group: between which scores the truth is
    double level = 0.0;                           // of the interval
    LevelRange levels;                            // with Calibration::levels: instead of of_group
    // Per shape, if all have enough rows for the level; otherwise all rows have the first group's.
    absl::InlinedVector<ScoreRange, 8> of_shape;
    float threshold = 0.0f;     // on the transformed scale
    bool always_above = false;  // no ROI is as low as the threshold
    bool up_to_rest = false;    // zero-heavy: nothing but `rest` is as low as the threshold
  };
  // Errors: FailedPrecondition (no calibration; the message says why), InvalidArgument (level outside (0, 1), or too
  // high for the number of rows; a threshold that is not finite; a probability of profit of what is not an ROI).
  absl::StatusOr<Question> Ask(const UncertaintyOptions& options) const;

  // Whether answers need Predictor::Spread::share: those of zero-heavy targets do.
  bool NeedsShare() const { return target_.kind == TargetKind::kZeroHeavy; }

  // Of n rows: what was predicted by PredictWithSpread, and where the answers go ([n]; empty if not asked for).
  struct Rows {
    RawRows raw;
    absl::Span<const float> roi;
    absl::Span<const uint8_t> flags;
    Predictor::Spread spread;  // log_scale is overwritten for rows with a flag; share: [n] if NeedsShare()
    absl::Span<float> low, high, probability;
  };
  // NaN for rejected rows. Rows with a flag are looked at for values outside the range of training: their errors are
  // taken to be larger by SquaredExcess. Allocates only for such rows, once.
  void Answer(const Question& question, const Predictor& predictor, const Rows& rows) const;

 private:
  int GroupOf(const RawRows& raw, int64_t row) const;
  void Widen(const Rows& rows, int64_t row, int group) const;
  absl::Status AskInterval(double level, Question& question) const;
  void AskShapes(Question& question) const;
  // Rows that are worked on at once.
  struct Block;
  // Where the row's scores are, and the scores at the ends of its interval if asked for.
  void Locate(const Question& question, const Rows& rows, int64_t row, int64_t i, Block& block) const;
  ScoreRange RangeOf(const Question& question, const Rows& rows, size_t row, int group,
                     const ScoreShapes::Place& place) const;
  void FillProbabilities(const Question& question, const Block& block, const float* share,
                         absl::Span<float> probability) const;
  // Zero-heavy: the ends that are at `rest`.
  void RaiseToRest(const float* location, const float* score, absl::Span<float> ends) const;
  void AnswerFromBins(const Question& question, const Rows& rows) const;

  Schema schema_;
  std::vector<FittedFeature> features_;
  FittedTarget target_;
  double profit_threshold_;
  TargetDescription description_;
  std::string missing_because_;
  std::optional<Calibration> calibration_;
  std::vector<double> missing_;        // MissingExcess
  std::vector<double> typical_;        // TypicalScore of each group
  std::optional<ScoreTables> tables_;  // of calibration_
  std::vector<int32_t> group_of_;      // by code: index of the group; 0: all rows
  int group_feature_ = -1;
};

}  // namespace roicast
