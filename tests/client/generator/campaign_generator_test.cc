#include "client/generator/campaign_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/tables/number_form.h"
#include "base/tables/table_reader.h"
#include "base/tables/time_form.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/ground_truth.h"

namespace roicast::client {
namespace {

std::vector<GeneratedCampaign> Generate(size_t rows, const GeneratorOptions& options = {}) {
  absl::StatusOr<CampaignGenerator> generator = CampaignGenerator::Create(options);
  EXPECT_TRUE(generator.ok()) << generator.status();
  std::vector<GeneratedCampaign> campaigns;
  for (size_t i = 0; i < rows; ++i) campaigns.push_back(generator->Next());
  return campaigns;
}

std::string Csv(const std::vector<GeneratedCampaign>& campaigns, bool with_true_roi = true) {
  std::string text;
  AppendCampaignHeader(with_true_roi, &text);
  for (const GeneratedCampaign& campaign : campaigns) AppendCampaignRow(campaign, with_true_roi, &text);
  return text;
}

absl::Status ReadCsv(absl::string_view text, std::function<absl::Status(const TableRow&)> on_row) {
  TableReader reader({}, {nullptr, std::move(on_row), nullptr});
  if (absl::Status status = reader.Feed(text); !status.ok()) return status;
  return reader.Finish();
}

double Roi(const GeneratedCampaign& c) { return (c.revenue - c.spend) / c.spend; }

TEST(CampaignGenerator, SameSeedGivesTheSameTable) {
  GeneratorOptions options;
  options.missing_share = 0.05;
  options.duplicate_share = 0.05;
  options.outlier_share = 0.05;
  EXPECT_EQ(Csv(Generate(500, options)), Csv(Generate(500, options)));
  const std::string longer = Csv(Generate(600, options));
  EXPECT_EQ(longer.substr(0, Csv(Generate(500, options)).size()), Csv(Generate(500, options)));
  options.seed = 43;
  EXPECT_NE(Csv(Generate(500, options)), longer.substr(0, Csv(Generate(500, options)).size()));
}

TEST(CampaignGenerator, NoiseAndDamageLeaveTheCampaignsAsTheyAre) {
  GeneratorOptions options;
  options.noise = 0.5;
  options.missing_share = 0.1;
  const std::vector<GeneratedCampaign> plain = Generate(200), noisy = Generate(200, options);
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(plain[i].spend, noisy[i].spend);
    EXPECT_EQ(plain[i].true_roi, noisy[i].true_roi);
    EXPECT_NE(plain[i].revenue, noisy[i].revenue);
  }
}

TEST(CampaignGenerator, WithoutNoiseRoiIsTheTrueOneToTheCent) {
  GeneratorOptions options;
  options.noise = 0;
  for (const GeneratedCampaign& c : Generate(1000, options)) EXPECT_NEAR(Roi(c), c.true_roi, 0.0051 / c.spend);
}

TEST(CampaignGenerator, TrueRoiIsTheMeanOverTheNoise) {
  GeneratorOptions options;
  options.noise = 0.3;
  double sum = 0, squares = 0;
  const std::vector<GeneratedCampaign> campaigns = Generate(50'000, options);
  for (const GeneratedCampaign& c : campaigns) {
    const double factor = (1 + Roi(c)) / (1 + c.true_roi);
    sum += factor;
    squares += std::log(factor) * std::log(factor);
  }
  const double n = static_cast<double>(campaigns.size());
  EXPECT_NEAR(sum / n, 1.0, 0.006);
  EXPECT_NEAR(squares / n, 0.3 * 0.3 + 0.045 * 0.045, 0.003);
}

TEST(CampaignGenerator, ReturnsLookLikeReturns) {
  std::vector<double> roi;
  for (const GeneratedCampaign& c : Generate(20'000)) roi.push_back(Roi(c));
  std::sort(roi.begin(), roi.end());
  const double profitable =
      static_cast<double>(std::count_if(roi.begin(), roi.end(), [](double r) { return r > 0; })) / 20'000;
  EXPECT_GT(profitable, 0.40);
  EXPECT_LT(profitable, 0.65);
  EXPECT_NEAR(roi[10'000], 0.2, 0.05);
  EXPECT_GT(roi.front(), -1.0);
  EXPECT_GT(roi.back(), 4.0);
  EXPECT_LT(roi.back(), 9.0);
}

TEST(CampaignGenerator, DrawsAllCategoriesAndStaysInTheApisRanges) {
  std::set<size_t> categories, channels, regions, devices;
  for (const GeneratedCampaign& c : Generate(5000)) {
    categories.insert(c.product_category);
    channels.insert(c.channel);
    regions.insert(c.region);
    devices.insert(c.device);
    EXPECT_GT(c.spend, 0);
    EXPECT_GT(c.price, 0);
    EXPECT_GT(c.duration_days, 0);
    EXPECT_GE(c.audience_size, 0);
    EXPECT_GE(c.days_since_last_purchase, 0);
    for (const double share : {c.add_to_cart_rate, c.discount_rate, c.gross_margin_rate}) {
      EXPECT_GE(share, 0);
      EXPECT_LE(share, 1);
    }
    for (const double rating : {c.avg_user_rating, c.product_rating}) {
      EXPECT_GE(rating, 1);
      EXPECT_LE(rating, 5);
    }
    EXPECT_GE(FormatTime(c.start_time), "2023-01-01T00:00:00Z");
    EXPECT_LE(FormatTime(c.start_time), "2024-12-31T23:00:00Z");
    EXPECT_EQ(c.start_time % 3600, 0);
  }
  EXPECT_EQ(categories.size(), kProductCategories.size());
  EXPECT_EQ(channels.size(), kChannels.size());
  EXPECT_EQ(regions.size(), kRegions.size());
  EXPECT_EQ(devices.size(), kDevices.size());
}

TEST(CampaignGenerator, BlanksTheRequestedShareOfCellsButNeverSpendOrRevenue) {
  GeneratorOptions options;
  options.missing_share = 0.1;
  int64_t missing = 0, rows = 0;
  ASSERT_TRUE(ReadCsv(Csv(Generate(5000, options)), [&](const TableRow& row) {
                ++rows;
                EXPECT_EQ(row.cells.size(), 22u);
                for (const absl::string_view cell : row.cells) missing += cell.empty();
                EXPECT_FALSE(row.cells[14].empty());
                EXPECT_FALSE(row.cells[20].empty());
                return absl::OkStatus();
              }).ok());
  EXPECT_NEAR(static_cast<double>(missing) / (static_cast<double>(rows) * 19), 0.1, 0.005);
}

TEST(CampaignGenerator, RepeatsTheRequestedShareOfRows) {
  GeneratorOptions options;
  options.duplicate_share = 0.2;
  std::set<std::string> distinct;
  for (const GeneratedCampaign& c : Generate(5000, options)) {
    std::string row;
    AppendCampaignRow(c, true, &row);
    distinct.insert(row);
  }
  EXPECT_NEAR(1.0 - static_cast<double>(distinct.size()) / 5000, 0.2, 0.02);
}

TEST(CampaignGenerator, OutliersAreInOneInputAndNotInTheTruth) {
  GeneratorOptions options;
  options.outlier_share = 0.1;
  const std::vector<GeneratedCampaign> plain = Generate(5000), damaged = Generate(5000, options);
  int differing = 0;
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(plain[i].revenue, damaged[i].revenue);
    EXPECT_EQ(plain[i].true_roi, damaged[i].true_roi);
    EXPECT_EQ(plain[i].spend, damaged[i].spend);
    differing += Csv({plain[i]}) != Csv({damaged[i]});
  }
  EXPECT_NEAR(differing / 5000.0, 0.1, 0.015);
}

TEST(CampaignGenerator, RefusesImpossibleOptions) {
  GeneratorOptions options;
  options.missing_share = 1.5;
  EXPECT_EQ(CampaignGenerator::Create(options).status(),
            absl::InvalidArgumentError("missing_share: expected 0 to 0.9, got 1.5"));
  options = {};
  options.noise = -1;
  EXPECT_EQ(CampaignGenerator::Create(options).status(), absl::InvalidArgumentError("noise: expected 0 to 2, got -1"));
}

// The truth can be computed again from what the file says.
TEST(CampaignCsv, CellsHoldTheValuesThatTheTrueRoiWasComputedFrom) {
  const std::vector<GeneratedCampaign> campaigns = Generate(300);
  size_t i = 0;
  const absl::Status status = ReadCsv(Csv(campaigns), [&](const TableRow& row) {
    GeneratedCampaign c = campaigns[i++];
    const auto index = [](const auto& words, absl::string_view word) {
      return static_cast<size_t>(std::find(words.begin(), words.end(), word) - words.begin());
    };
    double* const numbers[] = {&c.avg_session_seconds,    &c.page_views_per_user,      &c.add_to_cart_rate,
                               &c.purchases_per_user_90d, &c.days_since_last_purchase, &c.avg_user_rating};
    for (size_t k = 0; k < 6; ++k) *numbers[k] = *ParsePlainNumber(row.cells[k]);
    c.product_category = index(kProductCategories, row.cells[6]);
    c.price = *ParsePlainNumber(row.cells[7]);
    c.channel = index(kChannels, row.cells[13]);
    c.spend = *ParsePlainNumber(row.cells[14]);
    c.region = index(kRegions, row.cells[16]);
    c.audience_size = *ParsePlainNumber(row.cells[17]);
    c.device = index(kDevices, row.cells[18]);
    c.start_time = *ParseIsoTime(row.cells[19]);
    EXPECT_EQ(ExpectedRoi(c), campaigns[i - 1].true_roi);
    EXPECT_EQ(*ParsePlainNumber(row.cells[20]), c.revenue);
    EXPECT_NEAR(*ParsePlainNumber(row.cells[21]), c.true_roi, 5e-7);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(i, 300u);
}

TEST(CampaignCsv, OmitsTheTruthByDefault) {
  const std::string text = Csv(Generate(1), false);
  EXPECT_EQ(text.find("true_roi"), std::string::npos);
  EXPECT_THAT(text, ::testing::HasSubstr("device,start_time,revenue\n"));
}

TEST(GroundTruth, MoreSpendBringsMoreRevenueAndLessRoi) {
  for (GeneratedCampaign c : Generate(200)) {
    double last_roi = 1e9, last_revenue = 0;
    for (const double spend : {100.0, 1'000.0, 10'000.0, 100'000.0, 1'000'000.0}) {
      c.spend = spend;
      const double roi = ExpectedRoi(c);
      EXPECT_LT(roi, last_roi);
      EXPECT_GT((1 + roi) * spend, last_revenue);
      last_roi = roi;
      last_revenue = (1 + roi) * spend;
    }
  }
}

TEST(GroundTruth, ChannelsSuitCategoriesAndDevicesSuitDays) {
  GeneratedCampaign c = Generate(1)[0];
  c.spend = 1;  // far from saturation, where channels differ by their fit alone
  const auto log_ratio = [&](size_t channel, size_t category_a, size_t category_b) {
    c.channel = channel;
    c.product_category = category_a;
    const double a = ExpectedRoi(c);
    c.product_category = category_b;
    return std::log((1 + a) / (1 + ExpectedRoi(c)));
  };
  // Electronics against beauty: search favours the first, social the second. The rest of the law cancels out.
  EXPECT_NEAR(log_ratio(0, 0, 3) - log_ratio(1, 0, 3), (0.27 + 0.13) - (-0.14 - 0.32), 1e-3);

  const auto at = [&](size_t device, absl::string_view time) {
    c.device = device;
    c.start_time = *ParseIsoTime(time);
    return std::log(1 + ExpectedRoi(c));
  };
  // A Friday and the Saturday after it.
  EXPECT_NEAR(at(0, "2024-06-08") - at(0, "2024-06-07"), 0.20, 1e-9);
  EXPECT_NEAR(at(1, "2024-06-08") - at(1, "2024-06-07"), -0.34, 1e-9);
}

}  // namespace
}  // namespace roicast::client
