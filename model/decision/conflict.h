// Why no split can meet what is wanted.
#pragma once

#include <string>
#include <vector>

namespace roicast {

enum class ConflictKind {
  kMinimaOverBudget,   // what campaigns and groups need at least is more than the budget
  kMaximaUnderBudget,  // spend_all: what campaigns and groups may get at most is less than the budget
  kMinimaOverGroup,    // a group's campaigns need more than its maximum
  kMaximaUnderGroup,   // a group's campaigns may get less than its minimum
  kSteps,              // no combination of steps makes the sum; needed: the nearest sum that can be made
  kGoal,               // the goal is out of reach: allowed is the best that can be reached
};

struct Conflict {
  ConflictKind kind;
  std::string group;     // of kMinimaOverGroup, kMaximaUnderGroup, and of kSteps within a group
  double needed = 0.0;   // what one side asks for …
  double allowed = 0.0;  // … and what the other side allows. Money; an ROI for kGoal of an ROI
  double by = 0.0;       // |needed − allowed|
  // The campaigns and groups whose limits make the sum, the largest contribution first, up to 10.
  std::vector<std::string> who;
  std::string message;  // the whole in a sentence
};

}  // namespace roicast
