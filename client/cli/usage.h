// How the command line is taken: ranges of flags, help, and what is said where it is wrong.
#pragma once

#include <CLI/CLI.hpp>

#include "base/number_range.h"

namespace roicast::client {

// Checks of a flag's value whose errors say what was expected and what came.
CLI::Validator Above(double low);
CLI::Validator Within(const NumberRange& range);

// Puts the flags that every command has at the end of each command's help.
void AddFooters(CLI::App& app);
// Prints help or release where they were asked for, else what is wrong and where help is; gives the exit code.
int TellParseError(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv);

}  // namespace roicast::client
