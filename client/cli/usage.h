// How the command line is taken: ranges of flags, help, and what is said where it is wrong.
#pragma once

#include <CLI/CLI.hpp>

namespace roicast::client {

// Checks of a flag's value whose errors say what was expected and what came.
CLI::Validator Above(double low);
CLI::Validator AtLeast(double low);
// Whole numbers where both are whole.
CLI::Validator Between(double low, double high);

// Puts the flags that every command has at the end of each command's help.
void AddFooters(CLI::App& app);
// Prints help or release where they were asked for, else what is wrong and where help is; gives the exit code.
int TellParseError(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv);

}  // namespace roicast::client
