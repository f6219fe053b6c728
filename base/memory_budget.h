// One budget of memory for a process: everything large takes its bytes here before it allocates them, and gives them
// back. Who asks for too much is refused, rather than the process killed.
//
//   ROICAST_ASSIGN_OR_RETURN(MemoryClaim claim, budget.Claim(MemoryUse::kTables, bytes));
//   … the table lives as long as the claim …
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/enumerators.h"

namespace roicast {

// What memory is held for.
enum class MemoryUse {
  kMessages,  // Requests, and answers that are not yet written.
  kBatches,   // What predictions need beside their messages.
  kStreams,   // Connections and calls as such.
  kHttp,      // What the HTTP port holds: requests, answers and pages of metrics.
  kRequests,  // Requests of other services than predictions, while they are worked on.
  kUploads,   // Parts of files that are being uploaded.
  kImports,   // Artifacts that are being imported.
  kTables,    // Tables that are read, and encoded rows.
  kTraining,  // Parameters and the optimiser's state.
  kModels,    // Artifacts that are loaded.
  kAnswers,   // Artifacts that are read to be described, or exported and not yet read by the client.
};
inline constexpr size_t kMemoryUses = kEnumerators<MemoryUse>;

// Such as "tables"; a literal, for errors and metrics.
absl::string_view MemoryUseName(MemoryUse use);

// Whether predictions need it: messages, batches and streams.
bool ServesPredictions(MemoryUse use);

// Such as "999 bytes", "1.2 kB", "800 MB" or "2 GB", with powers of 1000.
std::string BytesText(uint64_t bytes);

// Whether it says that a budget had no room; also of a refusal that got a context (WithContext).
bool IsMemoryRefusal(const absl::Status& status);

class MemoryBudget;

// Bytes that are held for one purpose, and are given back when it is destroyed. Not thread-safe.
class MemoryClaim {
 public:
  // Of no budget: it may grow without limit, and nobody counts it.
  MemoryClaim() = default;
  ~MemoryClaim() { Clear(); }
  MemoryClaim(MemoryClaim&& other) noexcept
      : budget_(other.budget_), use_(other.use_), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryClaim& operator=(MemoryClaim&& other) noexcept;
  MemoryClaim(const MemoryClaim&) = delete;
  MemoryClaim& operator=(const MemoryClaim&) = delete;

  uint64_t bytes() const { return bytes_; }
  // Takes so many more. Errors: ResourceExhausted, and then it holds what it held.
  absl::Status Grow(uint64_t more);
  // Gives so many back; at most all.
  void Shrink(uint64_t less);
  // Grows or shrinks to so many. Errors: as of Grow.
  absl::Status SetTo(uint64_t total);
  // Gives all of them back.
  void Clear() { Shrink(bytes_); }

 private:
  friend class MemoryBudget;
  MemoryClaim(MemoryBudget* budget, MemoryUse use) : budget_(budget), use_(use) {}

  MemoryBudget* budget_ = nullptr;
  MemoryUse use_ = MemoryUse::kTables;
  uint64_t bytes_ = 0;
};

// Thread-safe, but for Follow. Outlives its claims. Meant for what has 4 KiB and more: a claim costs a lock.
class MemoryBudget {
 public:
  // prediction_reserve: how much of `bytes` only predictions may take (see ServesPredictions); at most all of it.
  MemoryBudget(uint64_t bytes, uint64_t prediction_reserve);
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // For tools, tests and benchmarks: refuses nothing.
  static MemoryBudget* Unlimited();

  // Also counts `gauge` times unit_bytes for `use`, as it is whenever somebody asks: for what is counted already where
  // it happens. It is not refused here; whoever counts it asks HasRoomFor. Before other threads use the budget.
  void Follow(MemoryUse use, const std::atomic<int64_t>* gauge, uint64_t unit_bytes = 1);

  // Errors: ResourceExhausted, which says what is needed, what is free, and what holds the rest.
  absl::StatusOr<MemoryClaim> Claim(MemoryUse use, uint64_t bytes);

  // Holds nothing yet, and can grow.
  MemoryClaim EmptyClaim(MemoryUse use) { return MemoryClaim(this, use); }

  // Whether predictions could hold `bytes` more. What is followed and not refused takes nothing of their reserve,
  // however much it is, unless it serves them. Takes no lock.
  bool HasRoomFor(uint64_t bytes) const { return bytes <= bytes_ && HeldBesideReserve() <= bytes_ - bytes; }

  uint64_t bytes() const { return bytes_; }
  uint64_t prediction_reserve() const { return reserve_; }
  // Held now, in all and for one use.
  uint64_t held() const;
  uint64_t held(MemoryUse use) const;
  // Claims that were refused since the start.
  int64_t refusals(MemoryUse use) const { return refusals_[static_cast<size_t>(use)].load(std::memory_order_relaxed); }
  // The most that was held at once since the last call, as seen by claims and by this call.
  uint64_t TakePeak();

 private:
  friend class MemoryClaim;
  struct Followed {
    MemoryUse use;
    const std::atomic<int64_t>* gauge;
    uint64_t unit_bytes;
    uint64_t bytes() const;
  };

  // Held in all, but no more of others than they may have beside the reserve of predictions.
  uint64_t HeldBesideReserve() const;
  // Held of all that serves predictions, or of all that does not.
  uint64_t HeldOf(bool predictions) const;
  // How much `use` may take now.
  uint64_t Free(MemoryUse use) const;
  absl::Status Take(MemoryUse use, uint64_t bytes);
  void GiveBack(MemoryUse use, uint64_t bytes);
  absl::Status Refusal(MemoryUse use, uint64_t bytes, uint64_t free) const;

  const uint64_t bytes_;
  const uint64_t reserve_;
  // Held while something is taken, so that two who ask at once are not both refused.
  absl::Mutex take_mutex_;
  std::vector<Followed> followed_;
  std::array<std::atomic<uint64_t>, kMemoryUses> claimed_{};
  std::atomic<uint64_t> peak_{0};
  std::array<std::atomic<int64_t>, kMemoryUses> refusals_{};
};

}  // namespace roicast
