// Training takes what serving leaves over.
#pragma once

namespace roicast {

// Puts the calling thread under SCHED_IDLE, or to nice 19 where that is not allowed. Does not fail: at worst the thread
// stays as it is, and the name of what was reached ("SCHED_IDLE", "nice 19", "normal") says so.
const char* EnterIdlePriority();

}  // namespace roicast
