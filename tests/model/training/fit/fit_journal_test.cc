#include "model/training/fit/fit_journal.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

// Says how much of the time is used, and cancels after the first checkpoint.
class Clock : public TrainingObserver {
 public:
  explicit Clock(double used) : used_(used) {}
  double TimeUsed() const override { return used_; }
  TrainingSignal Poll() override {
    return checkpoint.has_value() ? TrainingSignal::kCancel : TrainingSignal::kContinue;
  }
  bool WantsCheckpoint() const override { return true; }
  void OnCheckpoint(const Checkpoint& state) override { checkpoint = state; }

  std::optional<Checkpoint> checkpoint;

 private:
  const double used_;
};

bool HasTime(double used, int times, const Checkpoint* resume_from = nullptr) {
  Clock clock(used);
  FitJournal journal(resume_from, clock);
  const absl::StatusOr<bool> has_time = journal.HasTimeFor(times);
  EXPECT_TRUE(has_time.ok()) << has_time.status();
  return has_time.ok() && *has_time;
}

TEST(FitJournal, HasTimeForWhatTakesAsLongAgain) {
  EXPECT_TRUE(HasTime(0.0, 2));
  EXPECT_TRUE(HasTime(0.5, 1));
  EXPECT_FALSE(HasTime(0.51, 1));
  EXPECT_FALSE(HasTime(0.5, 2));
}

// A run that is resumed is quick to take its first fits from the checkpoint. It must not do more of them than the first
// run did: their results would be taken for those of others.
TEST(FitJournal, HasTimeInAResumedRunIfTheFirstOneHadIt) {
  RowMajorMatrix x = RowMajorMatrix::Random(64, 3);
  const std::vector<float> y(64, 1.0f);
  TrainingRows rows;
  rows.x = &x;
  rows.y = y;
  for (const double used : {0.2, 0.6}) {
    Clock clock(used);
    FitJournal journal(nullptr, clock);
    const absl::StatusOr<bool> has_time = journal.HasTimeFor(1);
    ASSERT_TRUE(has_time.ok()) << has_time.status();
    EXPECT_EQ(*has_time, used < 0.5);
    ASSERT_FALSE(journal.Fit(rows, {}, NetworkOptions(), TrainingOptions(), FitProgress::kHidden).ok());
    ASSERT_TRUE(clock.checkpoint.has_value());
    const absl::StatusOr<Checkpoint> stored = ParseCheckpoint(SerializeCheckpoint(*clock.checkpoint));
    ASSERT_TRUE(stored.ok()) << stored.status();
    for (const double used_later : {0.0, 0.9}) EXPECT_EQ(HasTime(used_later, 1, &*stored), *has_time);
  }
}

}  // namespace
}  // namespace roicast
