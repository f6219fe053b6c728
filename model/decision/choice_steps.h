// States of the dynamic programme of split_search.h, and the way back through them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace roicast {

// A choice for the campaigns so far.
struct ChoiceState {
  int64_t spend = 0;
  int64_t room = 0;  // that campaigns with any_up_to have above their levels
  double value = 0.0;
  double loss = 0.0;   // against the prices
  int32_t parent = 0;  // index of the state before
  int32_t choice = 0;  // a level, or the state of a group
};

// States after each step, for the way back.
class ChoiceSteps {
 public:
  void Push(const std::vector<ChoiceState>& states) {
    std::vector<Choice>& step = steps_.emplace_back();
    step.reserve(states.size());
    for (const ChoiceState& state : states) step.push_back({state.parent, state.choice});
  }
  // The choices that led to a state of the last step, the first step's first.
  std::vector<int32_t> Trace(int32_t state) const {
    std::vector<int32_t> choices(steps_.size());
    for (size_t i = steps_.size(); i-- > 0;) {
      const Choice& choice = steps_[i][static_cast<size_t>(state)];
      choices[i] = choice.choice;
      state = choice.parent;
    }
    return choices;
  }

 private:
  struct Choice {
    int32_t parent, choice;
  };

  std::vector<std::vector<Choice>> steps_;
};

}  // namespace roicast
