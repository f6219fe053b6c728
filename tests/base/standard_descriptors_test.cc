#include "base/standard_descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace roicast {
namespace {

// In a process of its own, whose exit code says what was wrong.
TEST(StandardDescriptors, ClosedOnesAreNotGivenToTheNextFile) {
  EXPECT_EXIT(
      {
        for (const int fd : {0, 1, 2}) close(fd);
        OccupyStandardDescriptors();
        char byte = 0;
        if (open("/dev/zero", O_RDWR) <= STDERR_FILENO) _exit(1);
        if (write(STDERR_FILENO, &byte, 1) != -1 || errno != EBADF) _exit(2);
        if (write(STDOUT_FILENO, &byte, 1) != -1 || errno != EBADF) _exit(3);
        if (read(STDIN_FILENO, &byte, 1) != -1 || errno != EBADF) _exit(4);
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(StandardDescriptors, OpenOnesAreLeftAlone) {
  const int next = dup(STDERR_FILENO);
  close(next);
  OccupyStandardDescriptors();
  const int same = dup(STDERR_FILENO);
  EXPECT_EQ(same, next);
  close(same);
}

}  // namespace
}  // namespace roicast
