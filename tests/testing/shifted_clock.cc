// Preloaded into a server by a test: its wall clock is an hour behind as long as the file that ROICAST_TEST_CLOCK names
// exists. Clocks that do not jump are as they are.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  const char* const file = std::getenv("ROICAST_TEST_CLOCK");
  if (result == 0 && clock == CLOCK_REALTIME && file != nullptr && ::access(file, F_OK) == 0) time->tv_sec -= 3600;
  return result;
}
