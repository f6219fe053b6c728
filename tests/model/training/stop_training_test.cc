// A training ends soon after it is cancelled, in each of its phases and whatever takes long there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/logistic_path.h"
#include "model/training/fit/row_part.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

// Counts the polls of each phase, and cancels at one of them. No network is trained for more than a few steps.
class CountingObserver final : public TrainingObserver {
 public:
  explicit CountingObserver(int64_t cancel_at = std::numeric_limits<int64_t>::max()) : cancel_at_(cancel_at) {}
  void OnPhase(TrainingPhase phase) override { phase_ = phase; }
  TrainingSignal Poll() override {
    ++polls_[phase_];
    return ++all_ >= cancel_at_ ? TrainingSignal::kCancel : TrainingSignal::kTimeLimit;
  }
  int64_t all() const { return all_; }
  int64_t polls(TrainingPhase phase) { return polls_[phase]; }

 private:
  const int64_t cancel_at_;
  TrainingPhase phase_ = TrainingPhase::kReading;
  std::map<TrainingPhase, int64_t> polls_;
  int64_t all_ = 0;
};

constexpr int kRows = 20'000;

struct Case {
  const char* name;
  TrainingSpec spec;
  // How often its training goes through all rows, at least.
  int passes;
};

std::vector<Case> Cases() {
  TrainingSpec chosen = SpecFromPreset(Preset::kCompact);
  chosen.target.column = "roi";
  TrainingSpec fixed = SmallSpec();
  fixed.target.column = "roi";
  TrainingSpec accurate = SpecFromPreset(Preset::kAccurate);
  accurate.target.column = "roi";
  accurate.extra.folds = 2;
  return {{"chosen", chosen, 5}, {"fixed", fixed, 1}, {"accurate", accurate, 5}};
}

// Between two questions are at most some thousand rows.
TEST(StopTraining, AsksAllAlongEachPhase) {
  const CsvTable data = ReadCsvOrFail(SmallDatasetCsv(kRows));
  for (const Case& one : Cases()) {
    CountingObserver observer;
    ASSERT_TRUE(TrainModel(data, one.spec, {}, &observer).ok()) << one.name;
    // Once for each step and column.
    EXPECT_GE(observer.polls(TrainingPhase::kPreparing), 20) << one.name;
    EXPECT_GE(observer.polls(TrainingPhase::kTraining), one.passes * kRows / static_cast<int>(kRowsPerStopCheck))
        << one.name;
    EXPECT_GE(observer.polls(TrainingPhase::kEvaluating), 5 * kRows / static_cast<int>(kRowsPerStopCheck)) << one.name;
  }
}

TEST(StopTraining, EndsWhereverItIsCancelled) {
  const CsvTable data = ReadCsvOrFail(SmallDatasetCsv(kRows / 4));
  for (const Case& one : Cases()) {
    CountingObserver whole;
    ASSERT_TRUE(TrainModel(data, one.spec, {}, &whole).ok()) << one.name;
    constexpr int64_t kPlaces = 25;
    for (int64_t place = 0; place <= kPlaces; ++place) {
      const int64_t cancel_at = 1 + (whole.all() - 1) * place / kPlaces;
      CountingObserver observer(cancel_at);
      EXPECT_EQ(TrainModel(data, one.spec, {}, &observer).status().code(), absl::StatusCode::kCancelled)
          << one.name << ", at " << cancel_at << " of " << whole.all();
      // What asks for a part of its rows leaves the rest, and asks once more.
      EXPECT_LE(observer.all(), cancel_at + 4) << one.name << ", of " << whole.all();
    }
  }
}

struct RegressionRows {
  RowMajorMatrix x = RowMajorMatrix::Random(kRows, 3);
  std::vector<float> y;
  RegressionRows() {
    for (Eigen::Index i = 0; i < kRows; ++i) y.push_back(x(i, 0) > 0.2f ? 1.0f : 0.0f);
  }
};

TEST(StopTraining, ARidgeRegressionAsksAfterEachBlockOfRows) {
  const RegressionRows rows;
  LinearInput bounds;
  bounds.input = 0;
  bounds.lowest = 0.0;
  bounds.highest = 0.1;
  testing::ExpectStopsWhereItAsks([&](const StopCheck& stop) { return FitRidge(rows.x, rows.y, {}, stop).status(); },
                                  2 * kRows / 4096);
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) { return FitRidgeWithin(bounds, rows.x, rows.y, {}, stop).status(); },
      4 * kRows / 4096);
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) { return FitLogisticRidge(rows.x, rows.y, {}, stop).status(); }, 7 * 3 * kRows / 4096);
}

}  // namespace
}  // namespace roicast
