// Iterators over containers that keep their values in another form.
#pragma once

#include <cstddef>
#include <iterator>

namespace roicast {

// Over container[i], by value; random access. Valid as long as the container is neither changed nor moved.
template <typename Container>
class ValueIterator {
 public:
  using iterator_category = std::random_access_iterator_tag;
  using value_type = typename Container::value_type;
  using difference_type = std::ptrdiff_t;
  using pointer = const value_type*;
  using reference = value_type;

  ValueIterator() = default;
  ValueIterator(const Container* container, size_t i) : container_(container), i_(i) {}

  reference operator*() const { return (*container_)[i_]; }
  reference operator[](difference_type n) const { return (*container_)[i_ + static_cast<size_t>(n)]; }
  ValueIterator& operator++() { return *this += 1; }
  ValueIterator& operator--() { return *this += -1; }
  ValueIterator operator++(int) {
    const ValueIterator before = *this;
    ++*this;
    return before;
  }
  ValueIterator operator--(int) {
    const ValueIterator before = *this;
    --*this;
    return before;
  }
  ValueIterator& operator+=(difference_type n) {
    i_ += static_cast<size_t>(n);
    return *this;
  }
  ValueIterator& operator-=(difference_type n) { return *this += -n; }
  friend ValueIterator operator+(ValueIterator a, difference_type n) { return a += n; }
  friend ValueIterator operator+(difference_type n, ValueIterator a) { return a += n; }
  friend ValueIterator operator-(ValueIterator a, difference_type n) { return a -= n; }
  friend difference_type operator-(const ValueIterator& a, const ValueIterator& b) {
    return static_cast<difference_type>(a.i_) - static_cast<difference_type>(b.i_);
  }
  friend bool operator==(const ValueIterator& a, const ValueIterator& b) { return a.i_ == b.i_; }
  friend auto operator<=>(const ValueIterator& a, const ValueIterator& b) { return a.i_ <=> b.i_; }

 private:
  const Container* container_ = nullptr;
  size_t i_ = 0;
};

}  // namespace roicast
