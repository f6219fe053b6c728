#include "model/data/word_list.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace roicast {

void WordList::push_back(absl::string_view word) {
  if (size_ % kBlockWords == 0) blocks_.emplace_back();
  Block& block = blocks_.back();
  ROICAST_CHECK(word.size() <= std::numeric_limits<uint32_t>::max() - block.text.size());
  block.text.append(word.data(), word.size());
  block.ends.push_back(static_cast<uint32_t>(block.text.size()));
  text_bytes_ += word.size();
  // Nothing is added to a full block.
  if (++size_ % kBlockWords == 0) block.text.shrink_to_fit();
}

bool operator==(const WordList& a, const WordList& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

}  // namespace roicast
