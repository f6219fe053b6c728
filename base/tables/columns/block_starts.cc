#include "base/tables/columns/block_starts.h"

#include <functional>
#include <string_view>

namespace roicast {
namespace {

constexpr int64_t kFewestCells = 10;
// So many exceptions say nothing yet.
constexpr int64_t kMostEarly = 8;

}  // namespace

void BlockStarts::Add(absl::string_view cell) {
  if (!open_) return;
  ++cells_;
  if (cell.empty()) {
    below_value_ = false;
    open_ = filled_ > 0;
    return;
  }
  ++filled_;
  neighbours_ += below_value_ ? 1 : 0;
  const size_t hash = std::hash<std::string_view>{}(std::string_view(cell.data(), cell.size()));
  repeated_ += hash == previous_ ? 1 : 0;
  open_ = neighbours_ <= kMostEarly + filled_ / 5 && repeated_ <= kMostEarly + filled_ / 10;
  below_value_ = true;
  previous_ = hash;
}

bool BlockStarts::LookMerged() const {
  return open_ && cells_ >= kFewestCells && filled_ >= 2 && blank() * 5 >= cells_ * 3 && neighbours_ * 5 <= filled_ &&
         repeated_ * 10 <= filled_;
}

}  // namespace roicast
