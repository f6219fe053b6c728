// Lowers the priority of training below that of serving.
#pragma once

namespace roicast {

// Puts the calling thread under SCHED_IDLE, or to nice 19 where that is not allowed. Does not fail: at worst the
// priority does not change. Returns the priority that it has set: "SCHED_IDLE", "nice 19" or "normal".
const char* EnterIdlePriority();

}  // namespace roicast
