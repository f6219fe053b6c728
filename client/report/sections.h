// The sections of a report. Each says what it shows, what it means, and what is left out and why.
#pragma once

#include "client/report/markup.h"
#include "client/report/report_input.h"

namespace roicast::client {

Markup SummarySection(const ReportInput& input);
// Predicted against actual, lift, errors, intervals, and the metrics on each part of the data.
Markup AccuracySection(const ReportInput& input);
// Importances, dependence, interaction, rules.
Markup DriversSection(const ReportInput& input);
// Response curves.
Markup SpendSection(const ReportInput& input);
// How the file was read, and what cleaning did.
Markup DataSection(const ReportInput& input);
// Learning curves and what was tried.
Markup TrainingSection(const ReportInput& input);
// Beside the serving version.
Markup ComparisonSection(const ReportInput& input);
Markup GlossarySection(const ReportInput& input);

// A remark that something is left out, and how to get it.
Markup LeftOutNote(const Markup& why);

}  // namespace roicast::client
