// What a split is worth that a model chose, in worlds whose law is known.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "bench/report.h"

namespace roicast::bench {

struct DecisionWorldsOptions {
  int worlds = 200;
  int first = 0;          // number of the first one
  int rows = 0;           // of the past campaigns; 0: as the world says
  bool accurate = false;  // the preset accurate instead of compact
  int campaigns = 20;     // whose budget is what they were drawn to spend
  std::string cache;      // folder that keeps trained artifacts; empty: trains anew
  bool verbose = false;   // a line per world on stderr
};

// In each world: a table of past campaigns, a model of it, and the split of new campaigns' money for the most
// profit, by the model. Worlds are those of the generator (docs/generator.md) and of bench/worlds.h in turns, with few
// rows and many, and less and more noise; each campaign may get a quarter of its spend up to four times as much, or
// anything that training saw.
absl::Status MeasureDecisionWorlds(const DecisionWorldsOptions& options, Report& report);

}  // namespace roicast::bench
