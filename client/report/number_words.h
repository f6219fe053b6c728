// Numbers as a report says them.
#pragma once

#include <cstdint>
#include <string>

namespace roicast::client {

// "1,234".
std::string CountWords(int64_t count);
// Three digits, two below 1, with thousands separated and a minus sign (−): "0.012", "0.12", "1.23", "12.3", "1,230",
// "1.23 M". "–" for NaN.
std::string ValueWords(double value);
// The same with a plus sign: "+0.12".
std::string SignedWords(double value);
// A share of 1: "83 %", "0.4 %", ">99 %" for what is not quite all.
std::string PercentWords(double share);
// Short, for axes: "0.5", "20k", "1.5M".
std::string TickWords(double value);
// "3 rows", "1 row".
std::string Counted(int64_t count, const char* one, const char* many);

}  // namespace roicast::client
