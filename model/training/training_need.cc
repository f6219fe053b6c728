#include "model/training/training_need.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/memory_budget.h"

namespace roicast {
namespace {

constexpr int64_t kBytes = sizeof(float);
// Of a trainer: the weights that it begins with, and those in its own form with their gradient, their transpose, two
// moments and the best ones; what it returns, once more while it is made.
constexpr int64_t kTrainerCopies = 9;
// A checkpoint has the parameters, the best ones and two moments: in the trainer's hands, with the completed fits, as
// bytes, and as the store writes them.
constexpr int64_t kCheckpointParts = 4;
constexpr int64_t kCheckpointCopies = 4;
// An artifact: converted, as bytes, read again, and compiled twice.
constexpr int64_t kArtifactCopies = 6;
// Comparing capacities: fits that are kept (model/training/capacity), at most about fifteen settings of three parts.
constexpr int64_t kComparedFits = 45;
// PRESET_AUTO: networks of a search, each in five parts.
constexpr int64_t kSearchedFits = 200;
constexpr int64_t kMembers = 5;

bool HasMembers(const TrainingSpec& spec) {
  return spec.ChoosesCapacity() && (spec.preset == Preset::kAccurate || spec.preset == Preset::kAuto);
}

// Fits whose networks are kept until the end.
int64_t KeptFits(const TrainingSpec& spec) {
  int64_t fits = 1;
  if (spec.ChoosesCapacity()) fits += spec.preset == Preset::kAuto ? kSearchedFits : kComparedFits;
  if (HasMembers(spec)) fits += 2 * kMembers;
  return fits * (1 + spec.extra.folds);
}

std::string Millions(int64_t parameters) {
  return absl::StrFormat("%.1f million", static_cast<double>(parameters) / 1e6);
}

// What the error is about, and what to do.
std::string Field(const TrainingNeed& need, const TrainingSpec& spec) {
  if (spec.warm_start_version > 0) return "training.warm_start_version (--warm-start)";
  return need.first_layer * 2 > need.parameters && need.parameters > 0
             ? "preprocessing.max_vocabulary and network.hidden[0] (--max-vocabulary, --hidden)"
             : "network.hidden (--hidden)";
}

std::string Remedy(const TrainingNeed& need, const TrainingSpec& spec) {
  if (spec.warm_start_version > 0) return "a version with fewer or smaller layers takes less";
  return need.first_layer * 2 > need.parameters ? "a smaller first layer, fewer words or fewer columns take less"
                                                : "fewer or smaller layers take less";
}

}  // namespace

TrainingNeed NeedOf(const TrainingSpec& spec, int64_t inputs, int threads) {
  TrainingNeed need;
  if (spec.preset == Preset::kAttention) return need;  // Its shape is its own, and small.
  int64_t below = inputs;
  for (size_t i = 0; i <= spec.network.hidden.size(); ++i) {
    const int64_t units = i < spec.network.hidden.size() ? spec.network.hidden[i] : 1;
    const int64_t layer = (below + 1) * units;
    if (i == 0) need.first_layer = layer;
    need.parameters += layer;
    below = units;
  }
  const int64_t members = HasMembers(spec) ? kMembers : 1;
  need.artifact_bytes = need.parameters * members * kBytes;
  const int64_t kept = KeptFits(spec);
  const int64_t at_once = spec.ChoosesCapacity() && spec.preset == Preset::kAuto ? threads : 1;
  const int64_t training = kTrainerCopies * at_once + kept + kCheckpointCopies * (kCheckpointParts + kept - 1);
  const int64_t publishing = kept + kArtifactCopies * members;
  need.memory_bytes = need.parameters * kBytes * std::max(training, publishing);
  return need;
}

absl::Status CheckNeed(const TrainingNeed& need, const TrainingSpec& spec, const TrainingLimits& limits) {
  const std::string network = absl::StrCat(Field(need, spec), ": ", spec.network.hidden.size(), " hidden layers with ",
                                           Millions(need.parameters), " parameters");
  if (need.artifact_bytes > limits.artifact_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(network, " give an artifact of at least ",
                                                   BytesText(need.artifact_bytes), ", expected at most ",
                                                   BytesText(limits.artifact_bytes), "; ", Remedy(need, spec)));
  }
  if (need.memory_bytes > limits.memory_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(network, " take at least ", BytesText(need.memory_bytes), " of memory to train, expected at most ",
                     BytesText(limits.memory_bytes), " (the server's --memory_budget); ", Remedy(need, spec)));
  }
  return absl::OkStatus();
}

}  // namespace roicast
