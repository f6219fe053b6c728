// Counts the enumerators of an enum class at compile time, so that a table over all of them can assert that it is
// complete: static_assert(std::size(kNames) == kEnumerators<Colour>).
#pragma once

#include <string_view>

namespace roicast {
namespace internal {

// GCC and Clang print a value with a name as "Colour::kRed", and one without as the cast "(Colour)7".
template <auto value>
consteval bool IsEnumerator() {
  return std::string_view(__PRETTY_FUNCTION__).find("value = (") == std::string_view::npos;
}

template <typename Enum, int from = 0>
consteval int CountEnumerators() {
  if constexpr (IsEnumerator<static_cast<Enum>(from)>()) {
    return CountEnumerators<Enum, from + 1>();
  } else {
    return from;
  }
}

}  // namespace internal

// The number of enumerators of an enum class whose values are 0, 1, 2 …
template <typename Enum>
inline constexpr int kEnumerators = internal::CountEnumerators<Enum>();

}  // namespace roicast
