// Command line parsing: values of flags, help and usage errors.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/number_range.h"

namespace roicast::client {

// Validators whose errors say what was expected and what came.
CLI::Validator Above(double low);
CLI::Validator Within(const NumberRange& range);
CLI::Validator AtLeastAndBelow(double low, double high);
CLI::Validator AboveAndBelow(double low, double high);
// One of the words; a near miss gets the word that was probably meant.
CLI::Validator OneOf(std::vector<std::string> words);
// The name of a model to be.
CLI::Validator ModelName();

// Completes the tree of commands once all are added: numbers are decimal, finite and in the range of their type, and
// each command's help names the global flags.
void FinishCommands(CLI::App& app);
// Prints help or the release if requested, otherwise the error and where to find help. Returns the exit code.
int ReportParseError(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv);

}  // namespace roicast::client
