// The report's words for people who do not use them every day.
#include "client/report/sections.h"
#include "client/report/target_words.h"

namespace roicast::client {

Markup GlossarySection(const ReportInput& input) {
  const TargetWords target = WordsOfTarget(input.model);
  Markup list;
  const auto add = [&](const char* word, const char* meaning) {
    list.Add(Element("dt", {word}));
    list.Add(Element("dd", {meaning}));
  };
  if (target.roi || (!target.probability && input.curves.has_value())) {
    add("ROI",
        "Return on investment: (revenue − spend) / spend. −1: all is lost; 0: the spend came back; 1: twice the spend "
        "came back.");
    add("Marginal ROI",
        "The ROI of one more unit of spend. At 0 the next unit just pays for itself, even if the whole still earns.");
  }
  add("Held back", "Rows that the model did not learn from. Only they show how good it is on what comes next.");
  if (target.probability) {
    add("AUC",
        "How often the model gives the higher chance to the right one of two rows. 0.5 is a coin toss, 1 is perfect.");
  } else {
    add("R², differences explained",
        "How much of the differences between rows the prediction accounts for. 0 % is what guessing the average does, "
        "100 % is perfect, below 0 is worse than the average.");
    add("Mean error",
        "The average distance between a prediction and what came true, in the unit of what is predicted.");
  }
  add("Range of 90 %",
      "From low to high, made so that 90 of 100 outcomes lie inside. Ranges are wide where the model knows little.");
  add("Lift", "How much more the rows with high predictions bring than the average row.");
  add("90 % sure", "Another set of rows like these would give a number in this range nine times out of ten.");
  add("Cause",
      "A prediction says what usually goes together, not what makes what. If spend was always raised before a holiday, "
      "the model cannot tell the spend from the holiday. A lift test can.");
  return Element("dl", {list});
}

}  // namespace roicast::client
