#include "server/training/idle_priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace roicast {

const char* EnterIdlePriority() {
  const sched_param parameters{};
  // On Linux, process id 0 is the calling thread.
  if (::sched_setscheduler(0, SCHED_IDLE, &parameters) == 0) return "SCHED_IDLE";
  const id_t thread = static_cast<id_t>(::syscall(SYS_gettid));
  if (::setpriority(PRIO_PROCESS, thread, 19) == 0) return "nice 19";
  return "normal";
}

}  // namespace roicast
