#include "base/memory_budget.h"

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// How a refusal ends, whatever context is put before it.
constexpr absl::string_view kRefusal = " (the server's --memory_budget)";

uint64_t Difference(uint64_t from, uint64_t less) { return from - std::min(from, less); }

}  // namespace

absl::string_view MemoryUseName(MemoryUse use) {
  switch (use) {
    case MemoryUse::kMessages:
      return "messages";
    case MemoryUse::kBatches:
      return "batches";
    case MemoryUse::kStreams:
      return "streams";
    case MemoryUse::kHttp:
      return "http";
    case MemoryUse::kRequests:
      return "requests";
    case MemoryUse::kUploads:
      return "uploads";
    case MemoryUse::kImports:
      return "imports";
    case MemoryUse::kTables:
      return "tables";
    case MemoryUse::kTraining:
      return "training";
    case MemoryUse::kModels:
      return "models";
    case MemoryUse::kAnswers:
      return "answers";
  }
  return "";
}

bool ServesPredictions(MemoryUse use) {
  return use == MemoryUse::kMessages || use == MemoryUse::kBatches || use == MemoryUse::kStreams;
}

std::string BytesText(uint64_t bytes) {
  constexpr absl::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return absl::StrCat(bytes, bytes == 1 ? " byte" : " bytes");
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  // What would be written as 1000 of a unit is 1 of the next.
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  std::string text = value < 9.95 ? absl::StrFormat("%.1f", value) : absl::StrFormat("%.0f", value);
  if (text.size() > 2 && text.substr(text.size() - 2) == ".0") text.resize(text.size() - 2);
  return absl::StrCat(text, " ", kUnits[unit]);
}

bool IsMemoryRefusal(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && absl::EndsWith(status.message(), kRefusal);
}

MemoryClaim& MemoryClaim::operator=(MemoryClaim&& other) noexcept {
  if (this == &other) return *this;
  Clear();
  budget_ = other.budget_;
  use_ = other.use_;
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

absl::Status MemoryClaim::Grow(uint64_t more) {
  if (budget_ != nullptr) ROICAST_RETURN_IF_ERROR(budget_->Take(use_, more));
  bytes_ += more;
  return absl::OkStatus();
}

void MemoryClaim::Shrink(uint64_t less) {
  less = std::min(less, bytes_);
  if (budget_ != nullptr) budget_->GiveBack(use_, less);
  bytes_ -= less;
}

absl::Status MemoryClaim::SetTo(uint64_t total) {
  if (total > bytes_) return Grow(total - bytes_);
  Shrink(bytes_ - total);
  return absl::OkStatus();
}

uint64_t MemoryBudget::Followed::bytes() const {
  return static_cast<uint64_t>(std::max<int64_t>(0, gauge->load(std::memory_order_relaxed))) * unit_bytes;
}

MemoryBudget::MemoryBudget(uint64_t bytes, uint64_t prediction_reserve)
    : bytes_(bytes), reserve_(std::min(bytes, prediction_reserve)) {}

MemoryBudget* MemoryBudget::Unlimited() {
  static MemoryBudget* const budget = new MemoryBudget(std::numeric_limits<uint64_t>::max(), 0);
  return budget;
}

void MemoryBudget::Follow(MemoryUse use, const std::atomic<int64_t>* gauge, uint64_t unit_bytes) {
  followed_.push_back({use, gauge, unit_bytes});
}

absl::StatusOr<MemoryClaim> MemoryBudget::Claim(MemoryUse use, uint64_t bytes) {
  MemoryClaim claim = EmptyClaim(use);
  ROICAST_RETURN_IF_ERROR(claim.Grow(bytes));
  return claim;
}

uint64_t MemoryBudget::held() const {
  uint64_t all = 0;
  for (const auto& claimed : claimed_) all += claimed.load(std::memory_order_relaxed);
  for (const Followed& followed : followed_) all += followed.bytes();
  return all;
}

uint64_t MemoryBudget::held(MemoryUse use) const {
  uint64_t bytes = claimed_[static_cast<size_t>(use)].load(std::memory_order_relaxed);
  for (const Followed& followed : followed_) {
    if (followed.use == use) bytes += followed.bytes();
  }
  return bytes;
}

uint64_t MemoryBudget::TakePeak() {
  const uint64_t now = held();
  return std::max(now, peak_.exchange(now, std::memory_order_relaxed));
}

uint64_t MemoryBudget::HeldOf(bool predictions) const {
  uint64_t bytes = 0;
  for (size_t i = 0; i < kMemoryUses; ++i) {
    const auto use = static_cast<MemoryUse>(i);
    if (ServesPredictions(use) == predictions) bytes += held(use);
  }
  return bytes;
}

uint64_t MemoryBudget::HeldBesideReserve() const { return HeldOf(true) + std::min(HeldOf(false), bytes_ - reserve_); }

uint64_t MemoryBudget::Free(MemoryUse use) const {
  const uint64_t free = Difference(bytes_, HeldBesideReserve());
  return ServesPredictions(use) ? free : std::min(free, Difference(bytes_ - reserve_, HeldOf(false)));
}

absl::Status MemoryBudget::Take(MemoryUse use, uint64_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  {
    absl::MutexLock lock(&take_mutex_);
    const uint64_t free = Free(use);
    if (bytes <= free) {
      claimed_[static_cast<size_t>(use)].fetch_add(bytes, std::memory_order_relaxed);
      const uint64_t now = held();
      if (now > peak_.load(std::memory_order_relaxed)) peak_.store(now, std::memory_order_relaxed);
      return absl::OkStatus();
    }
  }
  refusals_[static_cast<size_t>(use)].fetch_add(1, std::memory_order_relaxed);
  return Refusal(use, bytes, Free(use));
}

void MemoryBudget::GiveBack(MemoryUse use, uint64_t bytes) {
  claimed_[static_cast<size_t>(use)].fetch_sub(bytes, std::memory_order_relaxed);
}

absl::Status MemoryBudget::Refusal(MemoryUse use, uint64_t bytes, uint64_t free) const {
  std::string message = absl::StrCat("memory for ", MemoryUseName(use), ": ", BytesText(bytes), " more are needed, ",
                                     BytesText(free), " of the budget of ", BytesText(bytes_), " are free");
  absl::string_view separator = "; held: ";
  for (size_t i = 0; i < kMemoryUses; ++i) {
    const auto one = static_cast<MemoryUse>(i);
    const uint64_t held_for = held(one);
    if (held_for < 1000) continue;
    absl::StrAppend(&message, separator, MemoryUseName(one), " ", BytesText(held_for));
    separator = ", ";
  }
  if (!ServesPredictions(use) && reserve_ > 0) {
    absl::StrAppend(&message, "; kept for predictions: ", BytesText(reserve_));
  }
  return absl::ResourceExhaustedError(absl::StrCat(message, kRefusal));
}

}  // namespace roicast
