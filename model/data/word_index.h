// The distinct words of a column, each with its code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "model/data/word_list.h"

namespace roicast {

// Each word is stored once; the index beside them has five bytes or so a word. Not thread-safe.
class WordIndex {
 public:
  WordIndex() : words_(std::make_unique<WordList>()), index_(0, Hash{words_.get()}, Equal{words_.get()}) {}

  static constexpr int32_t kNone = -1;

  size_t size() const { return words_->size(); }
  // kNone: it is not there.
  int32_t Find(absl::string_view word) const {
    const auto found = index_.find(word);
    return found == index_.end() ? kNone : *found;
  }
  // Adds it if it is not there. The codes are 0, 1, 2 …
  int32_t FindOrAdd(absl::string_view word) {
    if (const int32_t found = Find(word); found != kNone) return found;
    const auto code = static_cast<int32_t>(words_->size());
    words_->push_back(word);
    index_.insert(code);
    return code;
  }
  const WordList& words() const { return *words_; }
  // They are gone from here.
  WordList TakeWords() {
    WordList words = std::move(*words_);
    *this = WordIndex();
    return words;
  }
  // Of words and index.
  size_t memory_bytes() const { return words_->memory_bytes() + index_.capacity() * (sizeof(int32_t) + 1); }

 private:
  // By the word that a code stands for.
  struct Hash {
    using is_transparent = void;
    const WordList* words;
    size_t operator()(absl::string_view word) const { return absl::Hash<absl::string_view>()(word); }
    size_t operator()(int32_t code) const { return (*this)((*words)[static_cast<size_t>(code)]); }
  };
  struct Equal {
    using is_transparent = void;
    const WordList* words;
    absl::string_view Word(absl::string_view word) const { return word; }
    absl::string_view Word(int32_t code) const { return (*words)[static_cast<size_t>(code)]; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Word(a) == Word(b);
    }
  };

  // Stays where it is when this is moved.
  std::unique_ptr<WordList> words_;
  absl::flat_hash_set<int32_t, Hash, Equal> index_;
};

}  // namespace roicast
