#include "model/explanation/usable_rows.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace roicast::explanation {
namespace {

// A few milliseconds of a large network.
constexpr int64_t kBlock = 512;

// `most` of the indexes, in order: selection sampling (Knuth, The Art of Computer Programming, vol. 2, 3.4.2,
// algorithm S).
void DrawInOrder(int64_t most, uint64_t seed, std::vector<int64_t>& index) {
  const auto size = static_cast<int64_t>(index.size());
  if (size <= most) return;
  Random random(seed);
  int64_t kept = 0;
  for (int64_t i = 0; i < size && kept < most; ++i) {
    if (static_cast<double>(size - i) * random.Uniform() < static_cast<double>(most - kept)) index[kept++] = index[i];
  }
  index.resize(static_cast<size_t>(kept));
}

}  // namespace

absl::Status PredictInBlocks(const Predictor& predictor, const float* rows, int64_t n, absl::Span<float> out,
                             const StopCheck& stop) {
  const int64_t width = predictor.schema().size();
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    if (stop) ROICAST_RETURN_IF_ERROR(stop());
    const int64_t count = std::min(kBlock, n - begin);
    predictor.Predict(rows + begin * width, count, out.subspan(begin, count), {});
  }
  return absl::OkStatus();
}

absl::StatusOr<UsableRows> SelectUsableRows(const Predictor& predictor, absl::Span<const float> rows,
                                            absl::Span<const double> truth, int64_t most, uint64_t seed,
                                            const StopCheck& stop) {
  const auto width = static_cast<size_t>(predictor.schema().size());
  ROICAST_CHECK(width > 0 && rows.size() % width == 0);
  const size_t n = rows.size() / width;
  ROICAST_CHECK(truth.empty() || truth.size() == n);
  std::vector<float> predictions(n);
  ROICAST_RETURN_IF_ERROR(
      PredictInBlocks(predictor, rows.data(), static_cast<int64_t>(n), absl::MakeSpan(predictions), stop));
  UsableRows usable;
  for (size_t i = 0; i < n; ++i) {
    const bool known = truth.empty() || std::isfinite(truth[i]);
    if (known && std::isfinite(predictions[i])) usable.index.push_back(static_cast<int64_t>(i));
  }
  usable.rejected = static_cast<int64_t>(n) - usable.size();
  DrawInOrder(most, seed, usable.index);
  usable.values.reserve(usable.index.size() * width);
  usable.predictions.reserve(usable.index.size());
  for (const int64_t i : usable.index) {
    const auto row = rows.subspan(static_cast<size_t>(i) * width, width);
    usable.values.insert(usable.values.end(), row.begin(), row.end());
    usable.predictions.push_back(predictions[static_cast<size_t>(i)]);
  }
  return usable;
}

absl::Status CheckFeatures(const Schema& schema, absl::Span<const int> features) {
  std::vector<bool> named(static_cast<size_t>(schema.size()));
  for (const int feature : features) {
    if (feature < 0 || feature >= schema.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("features: expected indexes below ", schema.size(), ", got ", feature));
    }
    if (named[static_cast<size_t>(feature)]) {
      return absl::InvalidArgumentError(
          absl::StrCat("features: expected each once, got \"", schema.features[feature].name, "\" twice"));
    }
    named[static_cast<size_t>(feature)] = true;
  }
  return absl::OkStatus();
}

}  // namespace roicast::explanation
