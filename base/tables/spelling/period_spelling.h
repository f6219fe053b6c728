// Months, weeks and quarters as people write them. Thread-safe. All functions give the days since 1970-01-01 of the
// period's first day, and take the cell without blanks around it.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace roicast {

// 2024-05, 2024/05, 05/2024, 5-2024, 2024年5月, 2024년 5월; dotted: 05.2024 and 2024.05, too, which are numbers as
// well.
std::optional<int64_t> ParseMonth(absl::string_view text, bool dotted);
// 2024-W20, 2024W20, 2024-W20-5 (the day); KW 20/2024, CW20 2024, Week 20, 2024, 2024 KW 20, 2024年第20周. ISO 8601:
// weeks begin on Monday, and week 1 has the year's first Thursday.
std::optional<int64_t> ParseIsoWeek(absl::string_view text);
// 2024-Q2, 2024 Q2, 2024Q2, Q2 2024, Q2/2024, Q2-2024.
std::optional<int64_t> ParseQuarter(absl::string_view text);

}  // namespace roicast
