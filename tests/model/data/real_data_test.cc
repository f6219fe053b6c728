// Public files, where they are present: see ROICAST_TEST_DATA.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "model/data/cleaning.h"
#include "model/data/schema_inference.h"
#include "model/data/target.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

std::string DataFile(const std::string& name) {
  const char* folder = std::getenv("ROICAST_TEST_DATA");
  return std::string(folder != nullptr ? folder : ROICAST_DEFAULT_TEST_DATA) + "/" + name;
}

#define SKIP_WITHOUT(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there; set ROICAST_TEST_DATA to its folder"

std::string ReasonOf(const InferredSchema& inferred, const std::string& column) {
  for (const LeftOutColumn& left_out : inferred.left_out) {
    if (left_out.column == column) return left_out.reason;
  }
  return "";
}

TEST(OnlineAdvertising, IsReadWithItsMissingPlacementsAndRowsWithoutCost) {
  const std::string path = DataFile("online_advertising/online_advertising.csv");
  SKIP_WITHOUT(path);
  const auto csv = ReadCsvFile(path, {});
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_EQ(csv->rows_in, 15'403);
  EXPECT_EQ(csv->malformed_rows, 0);
  EXPECT_EQ(csv->issue_count, 0);
  const Column* placement = csv->table.Find("placement");
  ASSERT_NE(placement, nullptr);
  EXPECT_EQ(std::count(placement->codes.begin(), placement->codes.end(), kMissingCode), 413);
  const auto target = ComputeTarget(csv->table, {"", "revenue", "cost"});
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->spend_not_positive, 64);
  EXPECT_EQ(target->missing, 0);
  const auto inferred = InferSchema(csv->table, target->spec, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_EQ(inferred->schema.features[inferred->schema.IndexOf("month")].kind, FeatureKind::kCategorical);
  EXPECT_EQ(inferred->schema.features[inferred->schema.IndexOf("day")].kind, FeatureKind::kNumeric);
  EXPECT_EQ(ReasonOf(*inferred, "revenue"), "revenue");
}

TEST(TelcoChurn, LeavesTheCustomerIdOut) {
  const std::string path = DataFile("telco_churn/telco_churn.csv");
  SKIP_WITHOUT(path);
  const auto csv = ReadCsvFile(path, {});
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_EQ(csv->rows_in, 7'043);
  const Column* charges = csv->table.Find("TotalCharges");
  ASSERT_EQ(charges->kind, FeatureKind::kNumeric);
  EXPECT_EQ(std::count_if(charges->numbers.begin(), charges->numbers.end(), [](double x) { return x != x; }), 11);
  const auto inferred = InferSchema(csv->table, {"Churn", "", ""}, {});
  ASSERT_TRUE(inferred.ok()) << inferred.status();
  EXPECT_EQ(ReasonOf(*inferred, "customerID"), "identifier-like");
  EXPECT_EQ(inferred->schema.size(), 19);
}

TEST(OnlineShoppers, KeepsMonthsAndFlagsAsCategories) {
  const std::string path = DataFile("online_shoppers/online_shoppers.csv");
  SKIP_WITHOUT(path);
  const auto csv = ReadCsvFile(path, {});
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_EQ(csv->rows_in, 12'330);
  EXPECT_EQ(csv->table.Find("Weekend")->kind, FeatureKind::kCategorical);
  EXPECT_EQ(csv->table.Find("Month")->kind, FeatureKind::kCategorical);
  EXPECT_EQ(csv->table.Find("BounceRates")->kind, FeatureKind::kNumeric);
  EXPECT_EQ(csv->issue_count, 0);
}

}  // namespace
}  // namespace roicast
