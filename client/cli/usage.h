// Command line parsing: ranges of flags, help and usage errors.
#pragma once

#include <CLI/CLI.hpp>

#include "base/number_range.h"

namespace roicast::client {

// Validators whose errors say what was expected and what came.
CLI::Validator Above(double low);
CLI::Validator Within(const NumberRange& range);

// Appends the global flags to each command's help.
void AddFooters(CLI::App& app);
// Prints help or the release if requested, otherwise the error and where to find help. Returns the exit code.
int ReportParseError(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv);

}  // namespace roicast::client
