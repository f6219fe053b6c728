// Time that only goes forward, whatever happens to the wall clock: for how long something takes, and may take.
#pragma once

#include "base/clock.h"

namespace roicast {

// Only differences of its times mean something; never destroyed. Tests put a fake in its place.
const Clock& SteadyClock();

}  // namespace roicast
