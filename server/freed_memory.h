// When memory that was freed is given back to the system. The C library keeps it for later, in case of a burst for
// ever.
#pragma once

#include <cstdint>

namespace roicast {

// Asked about once a second by one thread. Not thread-safe.
class FreedMemory {
 public:
  // budget: beyond which nothing may be resident that is not in use.
  explicit FreedMemory(uint64_t budget = UINT64_MAX) : budget_(budget) {}

  // All in bytes. resident: of the process. held: what the memory budget counts now; recent: the most that it counted
  // since the last call. True: what is resident beyond that is far more than what comes and goes, and has been so for
  // some calls: give it back, and then say so with GaveBack. Giving back takes milliseconds in which allocations wait,
  // and the next burst pays for its pages again; so a steady load keeps what it uses, within the budget, and where
  // next to nothing comes and goes any more, less is worth it, once.
  bool Due(uint64_t resident, uint64_t held, uint64_t recent);
  // resident, held: afterwards. If little came back, it is in use by someone whom the budget does not count, who may
  // free it at any time: it is due again after a while.
  void GaveBack(uint64_t resident, uint64_t held);

 private:
  // What is worth the trouble.
  static constexpr uint64_t kWorthwhile = uint64_t{64} << 20;
  // Calls in a row.
  static constexpr int kCalm = 2;
  // In a time of rest, which is so many calls with no more than so much in use by what comes and goes.
  static constexpr uint64_t kWorthwhileAtRest = uint64_t{16} << 20;
  static constexpr uint64_t kLittle = uint64_t{4} << 20;
  static constexpr int kRest = 3;
  // Calls between two attempts that bring little.
  static constexpr int kPatience = 5;
  static constexpr int kMostPatience = 15;

  const uint64_t budget_;
  // What is resident and not counted, at least: code, small things, what cannot be given back. Since the start, and
  // since memory was given back.
  uint64_t least_ = UINT64_MAX;
  uint64_t least_since_ = UINT64_MAX;
  uint64_t beyond_ = 0;
  int calm_ = 0;
  int rest_ = 0;
  int since_ = 0;
  int patience_ = kPatience;
};

}  // namespace roicast
