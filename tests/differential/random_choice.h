// Random choices that a seed repeats.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace roicast {

// True once in `times`, on average.
inline bool Once(std::mt19937_64& random, size_t times) { return random() % times == 0; }

template <typename T>
T OneOf(std::mt19937_64& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

inline std::string RandomText(std::mt19937_64& random, size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

}  // namespace roicast
