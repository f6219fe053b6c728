// Which of several times have come, and when the next of the others will.
#pragma once

#include <algorithm>

#include "server/transport/loop/event_loop.h"

namespace roicast {

class DueTimes {
 public:
  using TimePoint = EventLoop::Clock::time_point;

  // next: the earliest time that was asked for and has not come; it is far in the future if there is none.
  DueTimes(TimePoint now, TimePoint* next) : now_(now), next_(*next) { next_ = TimePoint::max(); }

  TimePoint now() const { return now_; }
  // Whether it has come. If not, it is one of those to ask at again.
  bool HasCome(TimePoint due) {
    if (now_ >= due) return true;
    AskAt(due);
    return false;
  }
  void AskAt(TimePoint when) { next_ = std::min(next_, when); }

 private:
  const TimePoint now_;
  TimePoint& next_;
};

}  // namespace roicast
