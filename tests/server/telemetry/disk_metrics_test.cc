#include "server/telemetry/disk_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

class DiskMetricsTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, size_t bytes) { std::ofstream(folder_.File(name)) << std::string(bytes, 'x'); }
  void SampleAt(int second) {
    disk_.SampleIfDue(std::chrono::steady_clock::time_point(std::chrono::seconds(second)));
    disk_.Wait();
  }
  double Value(const std::string& name) const {
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name == name) return family.metric.at(0).gauge.value;
    }
    return -1;
  }

  const testing::TempDir folder_;
  prometheus::Registry registry_;
  DiskMetrics disk_{folder_.path(), registry_};
};

TEST_F(DiskMetricsTest, CountsTheDatabaseAndTheDatasetsApart) {
  std::filesystem::create_directory(folder_.File("datasets"));
  Write("roicast.db", 1000);
  Write("roicast.db-wal", 200);
  Write("datasets/a.csv", 30);
  Write("datasets/b.csv", 4);
  SampleAt(0);
  EXPECT_EQ(Value("roicast_store_database_bytes"), 1200);
  EXPECT_EQ(Value("roicast_store_datasets_bytes"), 34);
}

TEST_F(DiskMetricsTest, ReportsFreeAndTotalBytesOfTheFileSystem) {
  SampleAt(0);
  EXPECT_GT(Value("roicast_store_filesystem_free_bytes"), 0);
  EXPECT_GE(Value("roicast_store_filesystem_size_bytes"), Value("roicast_store_filesystem_free_bytes"));
}

TEST_F(DiskMetricsTest, SamplesEveryFifteenSeconds) {
  Write("roicast.db", 1);
  SampleAt(100);
  Write("roicast.db", 2);
  SampleAt(114);
  EXPECT_EQ(Value("roicast_store_database_bytes"), 1);
  SampleAt(115);
  EXPECT_EQ(Value("roicast_store_database_bytes"), 2);
}

TEST_F(DiskMetricsTest, KeepsTheLastValuesIfTheFolderIsMissing) {
  Write("roicast.db", 7);
  SampleAt(0);
  std::filesystem::remove_all(folder_.path());
  SampleAt(60);
  EXPECT_EQ(Value("roicast_store_database_bytes"), 7);
}

}  // namespace
}  // namespace roicast
