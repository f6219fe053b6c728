#include "model/network/attention/attention_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/network/aligned_buffer.h"
#include "model/network/attention/attention_pass.h"
#include "model/network/kernels/kernels.h"
#include "model/network/schedule.h"

namespace roicast {
namespace {

// Rows of a pass: more make the sums of gradients cheaper, fewer stay in the cache.
constexpr int kPassRows = 32;
// Kingma and Ba (2015), section 2.
constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
// Weights are averaged over about an epoch, and at least this many steps.
constexpr int64_t kLeastAveraged = 50;

int PaddedSize(int64_t parameters) { return static_cast<int>((parameters + 15) / 16 * 16); }

void FillUniform(float* values, int64_t count, double bound, Random& random) {
  for (int64_t i = 0; i < count; ++i) values[i] = static_cast<float>(random.Uniform(-bound, bound));
}

// Maps: uniform within ± 1/√inputs; tokens: ± 1/√width, as in Gorishniy et al. (2021), appendix. The head is 0, so that
// training begins with 0 for every row.
void Initialize(const AttentionLayout& layout, const AttentionShape& shape, const std::vector<int>& feature_inputs,
                Random& random, float* parameters) {
  const int64_t d = shape.width, h = shape.hidden;
  const double bound = 1.0 / std::sqrt(static_cast<double>(d));
  for (size_t f = 0; f < feature_inputs.size(); ++f) {
    FillUniform(parameters + layout.token[f], (feature_inputs[f] + 1) * d, bound, random);
  }
  FillUniform(parameters + layout.cls, d, bound, random);
  for (const AttentionLayout::Block& block : layout.blocks) {
    std::fill_n(parameters + block.norm1_gain, d, 1.0f);
    for (const int64_t map : {block.query, block.key, block.value, block.output}) {
      FillUniform(parameters + map, d * d, bound, random);
    }
    std::fill_n(parameters + block.norm2_gain, d, 1.0f);
    FillUniform(parameters + block.spread, d * 2 * h, bound, random);
    FillUniform(parameters + block.gather, h * d, 1.0 / std::sqrt(static_cast<double>(h)), random);
  }
  std::fill_n(parameters + layout.norm_gain, d, 1.0f);
}

// Rows in a pass's layout [inputs][kPassRows].
void GatherBlock(const RowMajorMatrix& x, const int64_t* rows, int count, float* block) {
  const int64_t inputs = x.cols();
  for (int r = 0; r < kPassRows; ++r) {
    const float* const from = x.data() + (r < count ? rows[r] * inputs : 0);
    for (int64_t i = 0; i < inputs; ++i) block[i * kPassRows + r] = r < count ? from[i] : 0.0f;
  }
}

class AttentionRun {
 public:
  AttentionRun(const TrainingRows& train, const TrainingRows& validation, const std::vector<int>& feature_inputs,
               const AttentionOptions& options, uint64_t fingerprint, TrainingObserver& observer)
      : train_(train),
        validation_(validation),
        options_(options),
        fingerprint_(fingerprint),
        observer_(observer),
        random_(options.training.seed),
        kernels_(ChosenKernels()),
        pass_(options.shape, feature_inputs, kPassRows, true, attention::ChosenKernels()),
        feature_inputs_(feature_inputs),
        memory_(pass_.memory()),
        x_(static_cast<size_t>(pass_.layout().inputs) * kPassRows),
        order_(train.y.size()) {
    const int size = PaddedSize(pass_.layout().size);
    for (AlignedBuffer* buffer : {&parameters_, &gradient_, &first_moment_, &second_moment_, &average_, &kept_}) {
      buffer->Reset(size);
    }
    Initialize(pass_.layout(), options.shape, feature_inputs, random_, parameters_.data());
    average_.CopyFrom(parameters_);
    kept_.CopyFrom(parameters_);
    uint64_t seed = random_.NextUint64();
    for (auto& words : dropout_.words) {
      for (uint32_t& word : words) word = static_cast<uint32_t>(SplitMix64(seed) >> 32);
    }
    const auto count = static_cast<int64_t>(train.y.size());
    batch_ = options.training.batch_size == 0 ? count : std::min<int64_t>(options.training.batch_size, count);
    steps_per_epoch_ = (count + batch_ - 1) / batch_;
    if (!train.weights.empty()) {
      mean_weight_ = std::accumulate(train.weights.begin(), train.weights.end(), 0.0) / static_cast<double>(count);
    }
  }

  absl::StatusOr<AttentionTrainingResult> Go() {
    const TrainingOptions& training = options_.training;
    const bool validated = validation_.x != nullptr && validation_.x->rows() > 0;
    const int epochs = options_.stop_after > 0 ? std::min(options_.stop_after, training.epochs) : training.epochs;
    AttentionTrainingResult result;
    result.stop_reason = "all epochs";
    if (validated && epoch_ == 0) best_loss_ = Validate(nullptr);
    while (epoch_ < epochs) {
      if (validated && training.patience > 0 && epoch_ - best_epoch_ >= training.patience) {
        result.stop_reason = "early stopping";
        break;
      }
      EpochRecord record;
      record.epoch = epoch_ + 1;
      const TrainingSignal signal = RunEpoch(record);
      if (signal == TrainingSignal::kCancel) {
        return absl::CancelledError(absl::StrCat("cancelled in epoch ", record.epoch));
      }
      if (signal == TrainingSignal::kTimeLimit) {
        result.stop_reason = "time limit";
        break;
      }
      record.validation_loss = validated ? Validate(&record) : std::numeric_limits<double>::quiet_NaN();
      if (!std::isfinite(record.train_loss) || (validated && !std::isfinite(record.validation_loss))) {
        return Diverged(record);
      }
      ++epoch_;
      if (!validated || record.validation_loss < best_loss_) {
        best_loss_ = record.validation_loss;
        best_epoch_ = epoch_;
        kept_.CopyFrom(average_);
      }
      history_.push_back(record);
      observer_.OnEpoch(record);
      OfferCheckpoint();
    }
    result.best_epoch = best_epoch_;
    result.epochs_run = epoch_;
    result.history = std::move(history_);
    result.network.shape = options_.shape;
    result.network.feature_inputs = feature_inputs_;
    result.network.parameters.assign(kept_.data(), kept_.data() + pass_.layout().size);
    if (!result.network.Validate().ok()) {
      return absl::FailedPreconditionError("training diverged: a weight is NaN or infinite; lower learning_rate");
    }
    return result;
  }

  absl::Status Resume(const Checkpoint& checkpoint) {
    if (checkpoint.fingerprint != fingerprint_) {
      return absl::InvalidArgumentError("checkpoint: it belongs to a run with other data or options");
    }
    const size_t size = parameters_.size();
    if (checkpoint.parameters.size() != 2 * size || checkpoint.best_parameters.size() != size ||
        checkpoint.first_moment.size() != size || checkpoint.second_moment.size() != size) {
      return absl::InvalidArgumentError(
          absl::StrCat("checkpoint: expected ", 2 * size, " parameters, got ", checkpoint.parameters.size()));
    }
    std::copy_n(checkpoint.parameters.begin(), size, parameters_.data());
    std::copy_n(checkpoint.parameters.begin() + static_cast<ptrdiff_t>(size), size, average_.data());
    std::copy_n(checkpoint.best_parameters.begin(), size, kept_.data());
    std::copy_n(checkpoint.first_moment.begin(), size, first_moment_.data());
    std::copy_n(checkpoint.second_moment.begin(), size, second_moment_.data());
    epoch_ = checkpoint.epoch;
    best_epoch_ = checkpoint.best_epoch;
    best_loss_ = checkpoint.best_loss;
    steps_ = checkpoint.steps;
    random_ = Random(checkpoint.random);
    dropout_ = checkpoint.dropout;
    history_ = checkpoint.history;
    return absl::OkStatus();
  }

 private:
  // Its parameters are the weights, then their averages.
  void OfferCheckpoint() {
    if (!observer_.WantsCheckpoint()) return;
    Checkpoint checkpoint;
    checkpoint.fingerprint = fingerprint_;
    checkpoint.epoch = epoch_;
    checkpoint.best_epoch = best_epoch_;
    checkpoint.best_loss = best_loss_;
    checkpoint.steps = steps_;
    checkpoint.random = random_.state();
    checkpoint.dropout = dropout_;
    const size_t size = parameters_.size();
    checkpoint.parameters.assign(parameters_.data(), parameters_.data() + size);
    checkpoint.parameters.insert(checkpoint.parameters.end(), average_.data(), average_.data() + size);
    checkpoint.best_parameters.assign(kept_.data(), kept_.data() + size);
    checkpoint.first_moment.assign(first_moment_.data(), first_moment_.data() + size);
    checkpoint.second_moment.assign(second_moment_.data(), second_moment_.data() + size);
    checkpoint.history = history_;
    observer_.OnCheckpoint(checkpoint);
  }

  absl::Status Diverged(const EpochRecord& record) const {
    return absl::FailedPreconditionError(absl::StrCat("training diverged in epoch ", record.epoch, ": the loss is ",
                                                      record.train_loss, "; lower learning_rate (now ",
                                                      options_.training.learning_rate, ") or set gradient_clip_norm"));
  }

  TrainingSignal RunEpoch(EpochRecord& record) {
    std::iota(order_.begin(), order_.end(), 0);
    if (options_.training.shuffle && batch_ < static_cast<int64_t>(order_.size())) random_.Shuffle(order_);
    double loss = 0.0;
    for (int64_t step = 0; step < steps_per_epoch_; ++step) {
      const double progress = record.epoch - 1 + static_cast<double>(step + 1) / static_cast<double>(steps_per_epoch_);
      record.learning_rate = LearningRate(options_.training, progress);
      const int64_t from = step * batch_;
      const int64_t count = std::min<int64_t>(batch_, static_cast<int64_t>(order_.size()) - from);
      loss += RunStep(from, count, record.learning_rate);
      const TrainingSignal signal = observer_.Poll();
      // What is complete counts, even if the time is up.
      if (signal != TrainingSignal::kContinue && (signal == TrainingSignal::kCancel || step + 1 < steps_per_epoch_)) {
        return signal;
      }
    }
    record.train_loss = loss / static_cast<double>(order_.size());
    return TrainingSignal::kContinue;
  }

  double Weight(const TrainingRows& rows, int64_t row) const {
    return rows.weights.empty() ? 1.0 : rows.weights[row] / mean_weight_;
  }

  // With what is added to the network's output.
  static double Prediction(const TrainingRows& rows, int64_t row, float z) {
    return rows.offsets.empty() ? z : static_cast<double>(z) + rows.offsets[row];
  }

  // Returns the sum of the rows' losses before the step.
  double RunStep(int64_t from, int64_t count, double learning_rate) {
    const TrainingOptions& training = options_.training;
    const bool dropout = options_.dropout > 0.0;
    gradient_.Clear();
    double loss = 0.0;
    float z[kPassRows], dz[kPassRows];
    for (int64_t at = from; at < from + count; at += kPassRows) {
      const int rows = static_cast<int>(std::min<int64_t>(kPassRows, from + count - at));
      GatherBlock(*train_.x, order_.data() + at, rows, x_.data());
      if (dropout) {
        for (const AttentionPass::Mask& mask : pass_.masks()) {
          kernels_.dropout_mask(dropout_, static_cast<float>(1.0 - options_.dropout), memory_.data() + mask.offset,
                                static_cast<size_t>(mask.size));
        }
      }
      pass_.Forward(parameters_.data(), x_.data(), dropout, memory_.data(), z);
      for (int r = 0; r < kPassRows; ++r) {
        dz[r] = 0.0f;
        if (r >= rows) continue;
        const int64_t row = order_[at + r];
        const double truth = train_.y[row], prediction = Prediction(train_, row, z[r]), weight = Weight(train_, row);
        loss += weight * LossValue(training.loss, prediction, truth, training.huber_delta);
        dz[r] = static_cast<float>(weight * LossDerivative(training.loss, prediction, truth, training.huber_delta) /
                                   static_cast<double>(count));
      }
      pass_.Backward(parameters_.data(), x_.data(), dz, dropout, memory_.data(), gradient_.data());
    }
    Update(learning_rate);
    return loss;
  }

  // AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), Algorithm 2.
  void Update(double learning_rate) {
    const TrainingOptions& training = options_.training;
    const size_t size = gradient_.size();
    if (training.gradient_clip_norm > 0.0) {
      const double norm = std::sqrt(kernels_.squared_norm(gradient_.data(), size));
      if (norm > training.gradient_clip_norm) {
        kernels_.scale(gradient_.data(), static_cast<float>(training.gradient_clip_norm / norm), size);
      }
    }
    const float decay = static_cast<float>(1.0 - learning_rate * training.weight_decay);
    const int64_t d = options_.shape.width, h = options_.shape.hidden;
    for (const AttentionLayout::Block& block : pass_.layout().blocks) {
      for (const int64_t map : {block.query, block.key, block.value, block.output}) Scale(map, d * d, decay);
      Scale(block.spread, d * 2 * h, decay);
      Scale(block.gather, h * d, decay);
    }
    ++steps_;
    const double correction1 = 1.0 - std::pow(kBeta1, static_cast<double>(steps_));
    const double correction2 = std::sqrt(1.0 - std::pow(kBeta2, static_cast<double>(steps_)));
    AdamCoefficients coefficients;
    coefficients.step = static_cast<float>(learning_rate * correction2 / correction1);
    coefficients.epsilon = static_cast<float>(kEpsilon * correction2);
    kernels_.adam(coefficients, parameters_.data(), first_moment_.data(), second_moment_.data(), gradient_.data(),
                  size);
    const int64_t horizon = std::max(kLeastAveraged, steps_per_epoch_);
    kernels_.average(average_.data(), parameters_.data(), 1.0f / static_cast<float>(std::min(steps_, horizon)), size);
  }

  void Scale(int64_t offset, int64_t count, float factor) {
    for (int64_t i = offset; i < offset + count; ++i) parameters_[static_cast<size_t>(i)] *= factor;
  }

  // The mean loss of the averaged weights; the R² goes to the record, if there is one.
  double Validate(EpochRecord* record) {
    const TrainingOptions& training = options_.training;
    const int64_t count = validation_.x->rows();
    double loss = 0.0, errors = 0.0, total = 0.0, weights = 0.0, mean = 0.0;
    for (int64_t i = 0; i < count; ++i) mean += validation_.y[i] / static_cast<double>(count);
    float z[kPassRows];
    int64_t rows[kPassRows];
    for (int64_t at = 0; at < count; at += kPassRows) {
      const int block = static_cast<int>(std::min<int64_t>(kPassRows, count - at));
      std::iota(rows, rows + block, at);
      GatherBlock(*validation_.x, rows, block, x_.data());
      pass_.Forward(average_.data(), x_.data(), false, memory_.data(), z);
      for (int r = 0; r < block; ++r) {
        const double truth = validation_.y[at + r], prediction = Prediction(validation_, at + r, z[r]);
        const double weight = Weight(validation_, at + r), error = prediction - truth;
        loss += weight * LossValue(training.loss, prediction, truth, training.huber_delta);
        errors += weight * error * error;
        total += weight * (truth - mean) * (truth - mean);
        weights += weight;
      }
    }
    if (record != nullptr) record->validation_r2 = total > 0.0 ? 1.0 - errors / total : 0.0;
    return loss / std::max(weights, std::numeric_limits<double>::min());
  }

  const TrainingRows train_, validation_;
  const AttentionOptions options_;
  const uint64_t fingerprint_;
  TrainingObserver& observer_;
  Random random_;
  const Kernels& kernels_;
  const AttentionPass pass_;
  const std::vector<int> feature_inputs_;
  AlignedBuffer memory_, x_;
  AlignedBuffer parameters_, gradient_, first_moment_, second_moment_, average_, kept_;
  DropoutState dropout_;
  std::vector<int64_t> order_;
  int64_t batch_ = 0, steps_per_epoch_ = 0, steps_ = 0;
  double mean_weight_ = 1.0;
  int epoch_ = 0, best_epoch_ = 0;
  double best_loss_ = std::numeric_limits<double>::infinity();
  std::vector<EpochRecord> history_;
};

}  // namespace

absl::StatusOr<uint64_t> AttentionFingerprint(const TrainingRows& train, const TrainingRows& validation,
                                              const std::vector<int>& feature_inputs, const AttentionOptions& options,
                                              const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(uint64_t hash, TrainingFingerprint(train, validation, {}, options.training, stop));
  const auto add = [&](const auto& value) { hash = HashBytes(hash, &value, sizeof(value)); };
  add(options.shape.width), add(options.shape.heads), add(options.shape.blocks), add(options.shape.hidden);
  add(options.dropout), add(options.stop_after);
  for (const int count : feature_inputs) add(count);
  return hash;
}

absl::StatusOr<AttentionTrainingResult> TrainAttention(const TrainingRows& train, const TrainingRows& validation,
                                                       const std::vector<int>& feature_inputs,
                                                       const AttentionOptions& options, const Checkpoint* resume_from,
                                                       TrainingObserver* observer) {
  ROICAST_RETURN_IF_ERROR(options.shape.Validate());
  ROICAST_RETURN_IF_ERROR(options.training.Validate());
  if (!(options.dropout >= 0.0 && options.dropout < 1.0)) {
    return absl::InvalidArgumentError(absl::StrCat("dropout: expected a share in [0, 1), got ", options.dropout));
  }
  if (feature_inputs.empty() || feature_inputs.size() > kMaxAttentionFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat("attention: expected 1 to ", kMaxAttentionFeatures, " features, got ", feature_inputs.size()));
  }
  if (train.x == nullptr || train.x->rows() < 1) {
    return absl::InvalidArgumentError("train.x: expected at least one row, got none");
  }
  const int inputs = std::accumulate(feature_inputs.begin(), feature_inputs.end(), 0);
  const Loss loss = options.training.loss;
  TrainingObserver nobody;
  const StopCheck stop = StopWhenCancelled(observer != nullptr ? *observer : nobody);
  ROICAST_RETURN_IF_ERROR(train.Validate("train", inputs, loss, stop));
  if (validation.x != nullptr) ROICAST_RETURN_IF_ERROR(validation.Validate("validation", inputs, loss, stop));
  // Without checkpoints there is nothing that a fingerprint could guard.
  uint64_t fingerprint = 0;
  if (resume_from != nullptr || observer != nullptr) {
    ROICAST_ASSIGN_OR_RETURN(fingerprint, AttentionFingerprint(train, validation, feature_inputs, options, stop));
  }
  AttentionRun run(train, validation, feature_inputs, options, fingerprint, observer != nullptr ? *observer : nobody);
  if (resume_from != nullptr) ROICAST_RETURN_IF_ERROR(run.Resume(*resume_from));
  return run.Go();
}

std::vector<float> EvaluateAttention(const AttentionNetwork& network, const RowMajorMatrix& x) {
  const AttentionPass pass(network.shape, network.feature_inputs, kPassRows, false, attention::ChosenKernels());
  AlignedBuffer memory(pass.memory()), block(static_cast<size_t>(x.cols()) * kPassRows);
  std::vector<float> z;
  float of_block[kPassRows];
  int64_t rows[kPassRows];
  for (int64_t at = 0; at < x.rows(); at += kPassRows) {
    const int count = static_cast<int>(std::min<int64_t>(kPassRows, x.rows() - at));
    std::iota(rows, rows + count, at);
    GatherBlock(x, rows, count, block.data());
    pass.Forward(network.parameters.data(), block.data(), false, memory.data(), of_block);
    z.insert(z.end(), of_block, of_block + count);
  }
  return z;
}

}  // namespace roicast
