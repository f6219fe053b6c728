// What the rows of a table have that the model cannot take into account, as text and JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "client/cli/terminal.h"
#include "client/scoring/table_findings.h"

namespace roicast::client {

// `currency was "EUR" in all rows, and is "USD" here`, with what `where` adds, such as " (12 rows)".
std::string ChangedConstantText(const ChangedConstant& changed, const std::string& where);
// A line for each; empty if there are none.
std::string FindingsText(const TableFindings& findings, const Terminal& terminal);
// Sets unseen_words, more_unseen_words and changed_constants.
void AddFindings(const TableFindings& findings, nlohmann::ordered_json& json);

}  // namespace roicast::client
