#include "base/memory_limit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

class MemoryLimitTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_.File("root") + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  int64_t Limit() { return MemoryLimit(root_.File("root")); }

  testing::TempDir root_;
  const int64_t machine_ = MemoryLimit("/nowhere");
};

TEST_F(MemoryLimitTest, IsTheMachinesMemoryWithoutAControlGroup) {
  EXPECT_GT(machine_, int64_t{64} << 20);
  EXPECT_EQ(Limit(), machine_);
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(Limit(), machine_);
}

TEST_F(MemoryLimitTest, IsTheContainersIfThatIsLess) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/memory.max", "33554432\n");
  EXPECT_EQ(Limit(), 33554432);
  Write("/sys/fs/cgroup/memory.max", "9000000000000000000\n");
  EXPECT_EQ(Limit(), machine_);
}

TEST_F(MemoryLimitTest, IsTheTightestOfTheEnclosingGroups) {
  Write("/proc/self/cgroup", "0::/system.slice/roicast.service\n");
  Write("/sys/fs/cgroup/system.slice/roicast.service/memory.max", "max\n");
  Write("/sys/fs/cgroup/system.slice/memory.max", "50000000\n");
  EXPECT_EQ(Limit(), 50000000);
  Write("/sys/fs/cgroup/system.slice/roicast.service/memory.max", "40000000\n");
  EXPECT_EQ(Limit(), 40000000);
}

TEST_F(MemoryLimitTest, IsReadFromControlGroupsVersionOneToo) {
  Write("/proc/self/cgroup", "12:cpu,cpuacct:/a\n7:memory:/docker/abc\n1:name=systemd:/b\nnonsense\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "60000000\n");
  EXPECT_EQ(Limit(), 60000000);
}

}  // namespace
}  // namespace roicast
