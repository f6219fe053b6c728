// The kernels' mathematics against libm in double, and their calendar against the plain one, for each instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/features/calendar.h"
#include "model/network/aligned_buffer.h"
#include "model/predictor/kernels.h"

namespace roicast::predictor {
namespace {

class VectorMath : public ::testing::TestWithParam<const Kernels*> {
 protected:
  // The largest error in units of the last place of the exact result.
  double WorstUlp(VectorFunction function, const std::vector<float>& x, const std::function<double(double)>& exact) {
    std::vector<float> y(x.size());
    GetParam()->evaluate(function, x.data(), static_cast<int64_t>(x.size()), y.data());
    double worst = 0.0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double truth = exact(x[i]);
      const auto rounded = static_cast<float>(std::abs(truth));
      const double ulp = std::max(std::nextafter(rounded, INFINITY) - static_cast<double>(rounded), 1e-44);
      const double error = std::abs(y[i] - truth) / ulp;
      if (!(error <= worst)) {
        worst = error;
        worst_at_ = x[i];
      }
    }
    return worst;
  }

  float worst_at_ = 0.0f;
};

// Magnitudes from 2^-30 to `limit`, evenly on a log scale, signed if requested.
std::vector<float> Values(double limit, bool both_signs) {
  Random random(5);
  std::vector<float> values;
  for (int i = 0; i < 1 << 17; ++i) {
    const double magnitude = std::exp2(random.Uniform(-30.0, std::log2(limit)));
    values.push_back(static_cast<float>(both_signs && random.Below(2) == 1 ? -magnitude : magnitude));
  }
  values[0] = 0.0f;
  values[1] = static_cast<float>(limit);
  return values;
}

TEST_P(VectorMath, Log1pIsWithinThreeUlp) {
  const double worst = WorstUlp(VectorFunction::kLog1p, Values(1e38, false), [](double x) { return std::log1p(x); });
  EXPECT_LE(worst, 3.0) << "at " << worst_at_;
}

TEST_P(VectorMath, AsinhIsWithinFourUlp) {
  const double worst = WorstUlp(VectorFunction::kAsinh, Values(1e38, true), [](double x) { return std::asinh(x); });
  EXPECT_LE(worst, 4.0) << "at " << worst_at_;
}

TEST_P(VectorMath, ExpIsWithinThreeUlp) {
  const double worst = WorstUlp(VectorFunction::kExp, Values(86.0, true), [](double x) { return std::exp(x); });
  EXPECT_LE(worst, 3.0) << "at " << worst_at_;
}

TEST_P(VectorMath, Expm1IsWithinThreeUlp) {
  const double worst = WorstUlp(VectorFunction::kExpm1, Values(86.0, true), [](double x) { return std::expm1(x); });
  EXPECT_LE(worst, 3.0) << "at " << worst_at_;
}

TEST_P(VectorMath, TanhIsWithinFourUlp) {
  const double worst = WorstUlp(VectorFunction::kTanh, Values(20.0, true), [](double x) { return std::tanh(x); });
  EXPECT_LE(worst, 4.0) << "at " << worst_at_;
}

TEST_P(VectorMath, SinhIsWithinFourUlp) {
  const double worst = WorstUlp(VectorFunction::kSinh, Values(80.0, true), [](double x) { return std::sinh(x); });
  EXPECT_LE(worst, 4.0) << "at " << worst_at_;
}

TEST_P(VectorMath, CalendarIsRightForEveryHour) {
  std::vector<float> hours;
  for (int64_t h = kMinHours; h <= kMaxHours; ++h) hours.push_back(static_cast<float>(h));
  while (hours.size() % 16 != 0) hours.push_back(std::numeric_limits<float>::quiet_NaN());
  std::vector<int32_t> month(hours.size()), weekday(hours.size()), hour(hours.size());
  GetParam()->calendar(hours.data(), static_cast<int64_t>(hours.size()), month.data(), weekday.data(), hour.data());
  for (size_t i = 0; i < hours.size(); ++i) {
    if (std::isnan(hours[i])) {
      ASSERT_EQ(month[i], 12);
      ASSERT_EQ(weekday[i], 7);
      ASSERT_EQ(hour[i], 24);
      continue;
    }
    const CalendarParts parts = PartsOfHour(static_cast<int64_t>(hours[i]));
    ASSERT_EQ(month[i], parts.month) << hours[i];
    ASSERT_EQ(weekday[i], parts.weekday) << hours[i];
    ASSERT_EQ(hour[i], parts.hour) << hours[i];
  }
}

TEST_P(VectorMath, SearchesCountWhatIsAtMostAsLarge) {
  AlignedBuffer tables(2 * kSearchTable);
  std::vector<float> ascending[2];
  for (int i = 0; i < kSearchValues; ++i) ascending[0].push_back(static_cast<float>(i / 2));  // each twice
  for (int i = 0; i < 37; ++i) ascending[1].push_back(static_cast<float>(i));
  for (int t = 0; t < 2; ++t) {
    float* const table = tables.data() + t * kSearchTable;
    for (int i = 0; i < kSearchValues; ++i) {
      table[i] = i < static_cast<int>(ascending[t].size()) ? ascending[t][i] : INFINITY;
    }
    for (int i = 0; i < kSearchPivots; ++i) table[kSearchValues + i] = table[32 * i + 31];
  }
  std::vector<int32_t> table;
  std::vector<float> values;
  for (float x = -1.0f; x < 600.0f; x += 0.5f) {
    table.push_back(table.size() % 3 == 0 ? 1 : 0);
    values.push_back(x);
  }
  std::vector<int32_t> at_most(values.size());
  GetParam()->count_at_most(tables.data(), table.data(), values.data(), static_cast<int64_t>(values.size()),
                            at_most.data());
  for (size_t i = 0; i < values.size(); ++i) {
    const std::vector<float>& all = ascending[table[i]];
    EXPECT_EQ(at_most[i], std::upper_bound(all.begin(), all.end(), values[i]) - all.begin()) << values[i];
  }
  // Half-way between the two tables, where both have values.
  const std::vector<float> weight(values.size(), 0.5f);
  table.assign(values.size(), 0);
  for (int i = 37; i < kSearchValues; ++i) tables[kSearchTable + i] = 2.0f * i;
  FillPivots(tables.data() + kSearchTable);
  GetParam()->count_between(tables.data(), table.data(), weight.data(), values.data(),
                            static_cast<int64_t>(values.size()), at_most.data());
  for (size_t i = 0; i < values.size(); ++i) {
    int32_t expected = 0;
    for (int k = 0; k < kSearchValues; ++k) {
      const float low = tables[k], between = low + 0.5f * (tables[kSearchTable + k] - low);
      expected += between <= values[i] ? 1 : 0;
    }
    EXPECT_EQ(at_most[i], expected) << values[i];
  }
  const float nan = std::numeric_limits<float>::quiet_NaN();
  GetParam()->count_at_most(tables.data(), table.data(), &nan, 1, at_most.data());
  EXPECT_EQ(at_most[0], kSearchValues);
}

INSTANTIATE_TEST_SUITE_P(Kernels, VectorMath, ::testing::ValuesIn(SupportedKernels()),
                         [](const auto& kernels) { return std::string(kernels.param->name); });

}  // namespace
}  // namespace roicast::predictor
