#include "server/services/prediction/batch_uncertainty.h"

#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "roicast/v1/prediction.pb.h"
#include "server/services/prediction/how_sure.h"

namespace roicast {
namespace {

// What intervals are made of, of the rows that a thread works on.
struct ThreadSpread {
  Scratch<float> location, log_scale, share;
};

}  // namespace

absl::Status BatchUncertainty::Begin(const UncertaintyOptions& options, const ServedModel& model) {
  model_ = &model;
  question_.reset();
  if (!AsksHowSure(options)) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(question_, AskHowSure(options, model));
  return absl::OkStatus();
}

void BatchUncertainty::SetRows(int64_t rows) {
  const auto size = [&](bool wanted) { return wanted ? static_cast<size_t>(rows) : 0; };
  low_.Resize(size(asked() && question_->interval));
  high_.Resize(size(asked() && question_->interval));
  probability_.Resize(size(asked() && question_->probability));
}

void BatchUncertainty::Predict(const RawRows& raw, int64_t first, absl::Span<float> roi, absl::Span<uint8_t> flags) {
  static thread_local ThreadSpread memory;
  const size_t count = roi.size();
  const auto part = [&](Scratch<float>& all) {
    return all.size() == 0 ? all.mutable_span() : all.mutable_span().subspan(static_cast<size_t>(first), count);
  };
  const Uncertainty& uncertainty = *model_->uncertainty();
  const Predictor& predictor = model_->predictor();
  Uncertainty::Rows rows;
  rows.raw = raw;
  rows.spread.location = absl::MakeSpan(memory.location.Resize(count), count);
  rows.spread.log_scale = absl::MakeSpan(memory.log_scale.Resize(count), count);
  if (uncertainty.NeedsShare()) rows.spread.share = absl::MakeSpan(memory.share.Resize(count), count);
  if (raw.rows != nullptr) {
    predictor.PredictWithSpread(raw.rows, static_cast<int64_t>(count), roi, flags, rows.spread);
  } else {
    predictor.PredictColumnsWithSpread(raw.columns, static_cast<int64_t>(count), roi, flags, rows.spread);
  }
  rows.roi = roi;
  rows.flags = flags;
  rows.low = part(low_);
  rows.high = part(high_);
  rows.probability = part(probability_);
  uncertainty.Answer(*question_, predictor, rows);
}

void BatchUncertainty::Refuse(int64_t row) {
  for (Scratch<float>* answers : {&low_, &high_, &probability_}) {
    if (answers->size() > 0) answers->data()[row] = std::numeric_limits<float>::quiet_NaN();
  }
}

void BatchUncertainty::Write(WireWriter& writer) const {
  for (const auto& [field, values] :
       {std::pair(v1::BatchPredictResponse::kIntervalLowFieldNumber, &low_),
        std::pair(v1::BatchPredictResponse::kIntervalHighFieldNumber, &high_),
        std::pair(v1::BatchPredictResponse::kProfitProbabilityFieldNumber, &probability_)}) {
    if (values->size() > 0) writer.PackedFloatsField(field, values->span());
  }
}

void BatchUncertainty::ShrinkTo(size_t values) {
  for (Scratch<float>* answers : {&low_, &high_, &probability_}) answers->ShrinkTo(values);
}

}  // namespace roicast
