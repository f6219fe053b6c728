// What is left of a number of each row once the row's words and its spend have told what they can.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/table.h"

namespace roicast {

// Columns of more words tell rows apart, and nothing of rows like them.
inline constexpr size_t kMostWordsOfKind = 50;

// values: one of each of the rows, in their order, all finite. The mean of each word of `features` and a line by ln of
// the spend are taken away, one after the other, until they are small (backfitting: Hastie and Tibshirani, Generalized
// Additive Models, 1990). spend: null: there is none. Once `stop` says so, less is taken away.
std::vector<double> BesideWordsAndSpend(const Table& features, absl::Span<const int64_t> rows, const Column* spend,
                                        std::vector<double> values, const StopCheck& stop = nullptr);

// ln of revenue / spend of each of the rows, in their order. roi: per row of the table, finite. Rows that bring back
// next to nothing have the value of 2 % of the median, because ln of less says nothing.
std::vector<double> LogReturns(absl::Span<const int64_t> rows, absl::Span<const double> roi);

// Whether a numeric feature has almost the same course as the values, or as their logarithms: then a model can see
// them. values: one of each of the rows, in their order; NaN: none. Once `stop` says so: false.
bool IsSeenByFeatures(const Table& features, absl::Span<const int64_t> rows, absl::Span<const double> values,
                      const StopCheck& stop = nullptr);

}  // namespace roicast
