#include "model/training/capacity/select_capacity.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roicast {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Data {
  RowMajorMatrix x;
  std::vector<float> y;
  std::vector<int64_t> groups;

  TrainingRows rows() const { return {&x, y, {}}; }
};

// y = law(x) + noise, standardised.
template <typename Law>
Data MakeData(int rows, int inputs, double noise, uint64_t seed, Law law) {
  Random random(seed);
  Data data;
  data.x.resize(rows, inputs);
  for (Eigen::Index i = 0; i < data.x.size(); ++i) data.x.data()[i] = static_cast<float>(random.Normal());
  for (int i = 0; i < rows; ++i) {
    data.y.push_back(static_cast<float>(law(data.x.row(i).data()) + noise * random.Normal()));
  }
  const double mean = std::accumulate(data.y.begin(), data.y.end(), 0.0) / rows;
  double squares = 0.0;
  for (const float y : data.y) squares += (y - mean) * (y - mean);
  for (float& y : data.y) y = static_cast<float>((y - mean) / std::sqrt(squares / rows));
  data.groups.resize(rows);
  std::iota(data.groups.begin(), data.groups.end(), 0);
  return data;
}

NetworkOptions Shape() {
  NetworkOptions network;
  network.hidden = {14, 14};
  network.activation = Activation::kSilu;
  return network;
}

TrainingOptions Options() {
  TrainingOptions options;
  options.optimizer = Optimizer::kAdamW;
  options.schedule = Schedule::kCosine;
  options.learning_rate = 5e-3;
  options.gradient_clip_norm = 1.0;
  options.restore_best = false;
  return options;
}

CapacitySelection SelectOrFail(const Data& data, TrainingObserver& observer) {
  FitJournal journal(nullptr, observer);
  absl::StatusOr<CapacitySelection> selection = SelectCapacity(data.rows(), data.groups, Shape(), Options(), journal);
  EXPECT_TRUE(selection.ok()) << selection.status();
  return selection.ok() ? *std::move(selection) : CapacitySelection();
}

CapacitySelection SelectOrFail(const Data& data) {
  TrainingObserver nobody;
  return SelectOrFail(data, nobody);
}

TEST(SelectCapacity, TakesAConstantForNoise) {
  const Data data = MakeData(300, 10, 1.0, 1, [](const float*) { return 0.0; });
  const CapacitySelection selection = SelectOrFail(data);
  EXPECT_EQ(selection.network_share, 0.0);
  EXPECT_GT(selection.report.linear_r2, -0.05);
  EXPECT_LT(selection.report.linear_r2, 0.02);
  // No network was worth a look at its neighbours.
  EXPECT_THAT(selection.report.compared, SizeIs(5));
  EXPECT_THAT(selection.report.compared, Each(Field(&ComparedCapacity::chosen, false)));
}

TEST(SelectCapacity, IsLinearForALinearLaw) {
  const Data data = MakeData(300, 4, 0.5, 2, [](const float* x) { return x[0] - 0.5 * x[1]; });
  const CapacitySelection selection = SelectOrFail(data);
  EXPECT_EQ(selection.network_share, 0.0);
  EXPECT_NEAR(selection.report.linear_r2, 0.83, 0.05);
}

TEST(SelectCapacity, TrainsLongForALawWithoutNoise) {
  const Data data = MakeData(400, 3, 0.0, 3, [](const float* x) { return std::sin(2.0 * x[0]) + x[1] * x[2]; });
  const CapacitySelection selection = SelectOrFail(data);
  EXPECT_GE(selection.chosen.steps, 10'000);
  EXPECT_LE(selection.chosen.dropout, 0.05);
  EXPECT_GT(selection.network_share, 0.9);
  int chosen = 0;
  for (const ComparedCapacity& compared : selection.report.compared) {
    if (!compared.chosen) continue;
    ++chosen;
    EXPECT_EQ(compared.capacity, selection.chosen);
    EXPECT_GT(compared.r2, 0.9);
    EXPECT_GT(compared.r2, selection.report.linear_r2);
  }
  EXPECT_EQ(chosen, 1);
}

TEST(SelectCapacity, HoldsBackWhereNoiseIsLarge) {
  const Data data = MakeData(600, 6, 1.5, 4, [](const float* x) { return 2.0 * std::abs(x[0]) + x[1]; });
  const CapacitySelection selection = SelectOrFail(data);
  EXPECT_GT(selection.network_share, 0.0);
  EXPECT_GE(selection.chosen.dropout, 0.2);
}

// y is 1 with the probability 1 / (1 + e^−law).
template <typename Law>
Data MakeTwoValued(int rows, int inputs, uint64_t seed, Law law) {
  Data data = MakeData(rows, inputs, 1.0, seed, [](const float*) { return 0.0; });
  Random random(seed + 1);
  for (int i = 0; i < rows; ++i) {
    data.y[i] = random.Uniform() < 1.0 / (1.0 + std::exp(-law(data.x.row(i).data()))) ? 1.0f : 0.0f;
  }
  return data;
}

CapacitySelection SelectTwoValued(const Data& data) {
  TrainingOptions options = Options();
  options.loss = Loss::kLogistic;
  TrainingObserver nobody;
  FitJournal journal(nullptr, nobody);
  absl::StatusOr<CapacitySelection> selection = SelectCapacity(data.rows(), data.groups, Shape(), options, journal);
  EXPECT_TRUE(selection.ok()) << selection.status();
  return selection.ok() ? *std::move(selection) : CapacitySelection();
}

TEST(SelectCapacity, AddsANetworkToLogOddsThatAreNotLinear) {
  const Data data = MakeTwoValued(2'000, 4, 11, [](const float* x) { return 3.0 * x[0] * x[1] + x[2]; });
  const CapacitySelection selection = SelectTwoValued(data);
  EXPECT_GT(selection.network_share, 0.3);
  double best = 0.0;
  for (const ComparedCapacity& compared : selection.report.compared) best = std::max(best, compared.r2);
  EXPECT_LT(selection.report.linear_r2, 0.1);
  EXPECT_GT(best, 0.25);
}

TEST(SelectCapacity, IsALogisticRegressionForLinearLogOdds) {
  const Data data = MakeTwoValued(1'000, 4, 12, [](const float* x) { return 1.5 * x[0] - x[1] - 2.0; });
  const CapacitySelection selection = SelectTwoValued(data);
  EXPECT_EQ(selection.network_share, 0.0);
  EXPECT_GT(selection.report.linear_r2, 0.15);
}

TEST(SelectCapacity, IsTheBaseRateForNoiseOfTwoValues) {
  const Data data = MakeTwoValued(500, 8, 13, [](const float*) { return -1.0; });
  const CapacitySelection selection = SelectTwoValued(data);
  EXPECT_EQ(selection.network_share, 0.0);
  EXPECT_NEAR(selection.report.linear_r2, 0.0, 0.03);
}

TEST(SelectCapacity, DealsARareValueOutToAllParts) {
  // Without a positive in the other two parts, a part would be predicted by a constant that is far off.
  const Data data = MakeTwoValued(600, 2, 14, [](const float*) { return -4.0; });
  const double positives = std::accumulate(data.y.begin(), data.y.end(), 0.0);
  ASSERT_GE(positives, 3.0);
  for (const double z : SelectTwoValued(data).out_of_fold) {
    EXPECT_NEAR(1.0 / (1.0 + std::exp(-z)), positives / 600.0, 0.6 * positives / 600.0);
  }
}

TEST(SelectCapacity, PredictsEachRowByFitsToOthers) {
  // The first input names the row: only a fit to the row itself can use it.
  Data data = MakeData(120, 1, 1.0, 5, [](const float*) { return 0.0; });
  const CapacitySelection selection = SelectOrFail(data);
  double errors = 0.0, total = 0.0;
  for (size_t i = 0; i < data.y.size(); ++i) {
    errors += std::pow(data.y[i] - selection.out_of_fold[i], 2);
    total += data.y[i] * data.y[i];
  }
  EXPECT_GT(errors, 0.95 * total);
}

TEST(SelectCapacity, KeepsAGroupInOnePart) {
  // Ten copies of each of 30 rows of noise: a fit that has seen a copy explains the others.
  Data data = MakeData(30, 3, 1.0, 6, [](const float*) { return 0.0; });
  Data copied;
  copied.x.resize(300, 3);
  for (int i = 0; i < 300; ++i) {
    copied.x.row(i) = data.x.row(i / 10);
    copied.y.push_back(data.y[i / 10]);
    copied.groups.push_back(i / 10);
  }
  for (const ComparedCapacity& compared : SelectOrFail(copied).report.compared) EXPECT_LT(compared.r2, 0.3);
  // The same rows, each on its own, for comparison.
  std::iota(copied.groups.begin(), copied.groups.end(), 0);
  EXPECT_GT(SelectOrFail(copied).report.compared.back().r2, 0.9);
}

TEST(SelectCapacity, GivesTheSameAgain) {
  const Data data = MakeData(150, 3, 0.3, 7, [](const float* x) { return x[0] * x[1]; });
  const CapacitySelection first = SelectOrFail(data), second = SelectOrFail(data);
  EXPECT_EQ(first.out_of_fold, second.out_of_fold);
  EXPECT_EQ(first.chosen, second.chosen);
}

class Stopper : public TrainingObserver {
 public:
  Stopper(int after, TrainingSignal signal) : after_(after), signal_(signal) {}
  void OnCompared(int settings) override { compared_.push_back(settings); }
  TrainingSignal Poll() override {
    return static_cast<int>(compared_.size()) >= after_ ? signal_ : TrainingSignal::kContinue;
  }
  const std::vector<int>& compared() const { return compared_; }

 private:
  const int after_;
  const TrainingSignal signal_;
  std::vector<int> compared_;
};

TEST(SelectCapacity, TellsOfEachComparisonAndCanBeCancelled) {
  const Data data = MakeData(100, 3, 0.1, 8, [](const float* x) { return x[0] * x[1]; });
  Stopper stopper(2, TrainingSignal::kCancel);
  FitJournal journal(nullptr, stopper);
  EXPECT_EQ(SelectCapacity(data.rows(), data.groups, Shape(), Options(), journal).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_THAT(stopper.compared(), ElementsAre(1, 2));
}

TEST(SelectCapacity, IsLinearWhenTheTimeIsUp) {
  const Data data = MakeData(100, 3, 0.1, 8, [](const float* x) { return x[0] * x[1]; });
  Stopper stopper(3, TrainingSignal::kTimeLimit);
  const CapacitySelection selection = SelectOrFail(data, stopper);
  EXPECT_TRUE(selection.out_of_time);
  EXPECT_EQ(selection.network_share, 0.0);
  EXPECT_THAT(selection.report.compared, SizeIs(3));
  EXPECT_THAT(selection.report.compared, Each(Field(&ComparedCapacity::chosen, false)));
}

TEST(SelectCapacity, SaysWhichOptionIsWrong) {
  const Data data = MakeData(100, 3, 0.1, 8, [](const float* x) { return x[0]; });
  TrainingOptions options = Options();
  options.learning_rate = -1.0;
  TrainingObserver nobody;
  FitJournal journal(nullptr, nobody);
  const absl::Status status = SelectCapacity(data.rows(), data.groups, Shape(), options, journal).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("learning_rate"));
}

TEST(SelectCapacity, TakesFewRows) {
  for (const int rows : {1, 2, 4, 10}) {
    const Data data = MakeData(rows, 2, 1.0, 9, [](const float* x) { return x[0]; });
    if (rows == 1) continue;  // No variance to standardise by.
    EXPECT_THAT(SelectOrFail(data).out_of_fold, SizeIs(rows));
  }
}

TEST(ApplyCapacity, TurnsStepsIntoEpochs) {
  NetworkOptions network;
  TrainingOptions options;
  options.batch_size = 32;
  ApplyCapacity({10'000, 0.2, 0.1}, 1'000, network, options);
  EXPECT_EQ(options.epochs, 312);  // of 32 steps
  EXPECT_EQ(options.warmup_epochs, 2);
  EXPECT_EQ(network.dropout, 0.2);
  EXPECT_EQ(options.weight_decay, 0.1);
  ApplyCapacity({2'000, 0.2, 0.1}, 1'000'000, network, options);
  EXPECT_EQ(options.epochs, 3);
  options.batch_size = 0;
  ApplyCapacity({160'000, 0.2, 0.1}, 1'000'000, network, options);
  EXPECT_EQ(options.epochs, 100'000);
}

}  // namespace
}  // namespace roicast
