// Words one behind the other, with four bytes each beside their own: a std::string has 32, and an allocation if it is
// longer than fifteen bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/data/value_iterator.h"

namespace roicast {

// Reads as a vector of words. What it gives out refers to it, until a word is added or it is moved or gone. Const
// methods are safe to call concurrently.
class WordList {
 public:
  using value_type = absl::string_view;
  using const_iterator = ValueIterator<WordList>;
  using iterator = const_iterator;

  WordList() = default;
  WordList(std::initializer_list<absl::string_view> words) {
    for (const absl::string_view word : words) push_back(word);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  absl::string_view operator[](size_t i) const {
    const Block& block = blocks_[i / kBlockWords];
    const size_t at = i % kBlockWords;
    const size_t begin = at == 0 ? 0 : block.ends[at - 1];
    return absl::string_view(block.text).substr(begin, block.ends[at] - begin);
  }
  absl::string_view front() const { return (*this)[0]; }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, size_}; }

  // Up to a megabyte or so long, as cells are.
  void push_back(absl::string_view word);

  // Of the words, and of where they are.
  size_t memory_bytes() const { return text_bytes_ + size_ * sizeof(uint32_t) + blocks_.size() * sizeof(Block); }

  friend bool operator==(const WordList& a, const WordList& b);

 private:
  // Blocks, so that a list that grows is never copied as a whole.
  static constexpr size_t kBlockWords = 1024;
  struct Block {
    std::string text;
    std::vector<uint32_t> ends;
  };

  std::vector<Block> blocks_;
  size_t size_ = 0;
  size_t text_bytes_ = 0;
};

}  // namespace roicast
