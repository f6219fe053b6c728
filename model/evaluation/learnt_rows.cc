#include "model/evaluation/learnt_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"

namespace roicast {
namespace {

// Some milliseconds.
constexpr size_t kHashedBetweenStops = 16'384;

uint32_t CanonicalBits(float value) {
  if (std::isnan(value)) return 0x7fc00000U;
  if (value == 0.0f) return 0U;
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// The state of SplitMix64 takes in a word and is mixed.
uint64_t TakeIn(uint64_t hash, uint32_t word) {
  uint64_t state = hash ^ word;
  return SplitMix64(state);
}

}  // namespace

uint64_t HashRow(absl::Span<const float> row, double target) {
  uint64_t hash = row.size();
  for (const float value : row) hash = TakeIn(hash, CanonicalBits(value));
  return TakeIn(hash, CanonicalBits(static_cast<float>(target)));
}

std::optional<bool> LearntRows::Contains(uint64_t hash) const {
  if (hash > limit || empty()) return std::nullopt;
  return std::binary_search(hashes.begin(), hashes.end(), hash);
}

absl::StatusOr<LearntRows> SampleLearntRows(absl::Span<const float> rows, int64_t width,
                                            absl::Span<const double> targets, size_t most, const StopCheck& stop) {
  ROICAST_CHECK(width >= 1 && most >= 1 && rows.size() == targets.size() * static_cast<size_t>(width));
  LearntRows sample;
  RareStopCheck rare(&stop, kHashedBetweenStops);
  for (size_t i = 0; i < targets.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    const size_t from = i * static_cast<size_t>(width);
    sample.hashes.push_back(HashRow(rows.subspan(from, static_cast<size_t>(width)), targets[i]));
  }
  ROICAST_RETURN_IF_ERROR(SortOrStop(sample.hashes, stop));
  sample.hashes.erase(std::unique(sample.hashes.begin(), sample.hashes.end()), sample.hashes.end());
  sample.limit = std::numeric_limits<uint64_t>::max();
  if (sample.hashes.size() > most) {
    sample.hashes.resize(most);
    sample.limit = sample.hashes.back();
  }
  sample.hashes.shrink_to_fit();
  return sample;
}

}  // namespace roicast
