// What more or less spend is expected to bring.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/report/curve_findings.h"
#include "client/report/number_words.h"
#include "client/report/sections.h"
#include "client/report/svg_chart.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

constexpr const char* kColours[] = {"one", "two", "three", "four"};
constexpr double kLogSpan = 30;

const char* ColourOf(int curve) { return kColours[curve % 4]; }

using BandOfCurve = const v1::Band& (v1::ResponseCurve::*)() const;

class CurveFigure {
 public:
  CurveFigure(const v1::ResponseCurveResponse& response, const std::vector<std::string>& names)
      : response_(response), names_(names), values_(response.values().begin(), response.values().end()) {}

  // A loss beyond the largest gain is cut off: at spends far from the best ones it would squeeze all else.
  Markup Draw(const std::string& title, const std::string& y_label, BandOfCurve band, const char* zero,
              const std::string& note) const {
    std::vector<double> ends = {0};
    for (const v1::ResponseCurve& curve : response_.curves()) {
      const v1::Band& numbers = (curve.*band)();
      ends.insert(ends.end(), numbers.value().begin(), numbers.value().end());
    }
    const double peak = *std::max_element(ends.begin(), ends.end());
    const double floor = peak > 0 ? -peak : -INFINITY;
    for (double& end : ends) end = std::max(end, floor);
    SvgChart chart(XAxis(), ChartAxis::Around(ends, y_label), absl::StrCat(title, " along spend"));
    chart.HorizontalRule(0, zero);
    for (int c = 0; c < response_.curves_size(); ++c) AddCurve((response_.curves(c).*band)(), c, floor, chart);
    return Figure(title, chart.ToMarkup(), note);
  }

  Markup LegendOfCurves() const {
    std::vector<LegendEntry> entries;
    for (int c = 0; c < response_.curves_size(); ++c) {
      entries.push_back(
          {ColourOf(c), static_cast<size_t>(c) < names_.size() ? names_[static_cast<size_t>(c)] : absl::StrCat(c + 1)});
    }
    return Legend(entries);
  }

 private:
  ChartAxis XAxis() const {
    const double low = values_.front(), high = values_.back();
    return low > 0 && high / low >= kLogSpan ? ChartAxis::Log(low, high, response_.feature())
                                             : ChartAxis::Linear(low, high, response_.feature());
  }
  bool Outside(size_t k) const {
    return static_cast<int>(k) < response_.outside_size() && response_.outside(static_cast<int>(k));
  }

  void AddCurve(const v1::Band& numbers, int curve, double floor, SvgChart& chart) const {
    if (numbers.value_size() != static_cast<int>(values_.size())) return;
    // The band of one curve alone: several would hide each other.
    if (response_.curves_size() == 1 && numbers.low_size() == numbers.value_size()) {
      chart.Band(values_, std::vector<double>(numbers.low().begin(), numbers.low().end()),
                 std::vector<double>(numbers.high().begin(), numbers.high().end()), ColourOf(curve));
    }
    std::vector<ChartPoint> inside, outside;
    for (size_t k = 0; k < values_.size(); ++k) {
      const ChartPoint gap{values_[k], NAN};
      const double value = numbers.value(static_cast<int>(k));
      const ChartPoint point = value < floor ? gap : ChartPoint{values_[k], value};
      inside.push_back(Outside(k) ? gap : point);
      const bool joins = Outside(k) || (k > 0 && Outside(k - 1)) || (k + 1 < values_.size() && Outside(k + 1));
      outside.push_back(joins ? point : gap);
    }
    const std::string name = static_cast<size_t>(curve) < names_.size() ? names_[static_cast<size_t>(curve)] : "";
    chart.Line(inside, ColourOf(curve), name).DashedLine(outside, ColourOf(curve));
  }

  const v1::ResponseCurveResponse& response_;
  const std::vector<std::string>& names_;
  const std::vector<double> values_;
};

}  // namespace

Markup SpendSection(const ReportInput& input) {
  if (!input.curves.has_value() || input.curves->values_size() < 2 || input.curves->curves_size() == 0) {
    return LeftOutNote(Join({"Response curves are left out: ", input.no_curves}));
  }
  const v1::ResponseCurveResponse& response = *input.curves;
  const CurveFigure figure(response, input.curve_names);
  Markup section = Element("p", {absl::StrCat("What the model expects of ", input.curve_row, " as its spend changes",
                                              input.curves_of_rows ? ", over the spends of 98 in 100 of them" : "",
                                              ". Beyond the spends of the training data, lines are dashed: there it "
                                              "knows nothing and repeats the nearest it knows.")});
  section.Add(figure.LegendOfCurves());
  section.Add(Element(
      "div", "class=\"grid\"",
      {figure.Draw("Profit", "profit", &v1::ResponseCurve::profit, "break-even",
                   "Revenue less spend. Where the line is highest, more spend begins to cost more than it brings."),
       figure.Draw("ROI", "ROI", &v1::ResponseCurve::roi, "break-even",
                   "Profit per unit of spend, over the whole of it."),
       figure.Draw("Revenue", "revenue", &v1::ResponseCurve::revenue, "",
                   "A line that flattens: the channel saturates."),
       figure.Draw(
           "The next unit of money", "marginal ROI", &v1::ResponseCurve::marginal_roi, "pays for itself",
           "What one more unit of spend brings beyond itself: this, not the ROI, decides where the next unit of "
           "budget goes.")}));
  Markup findings;
  for (int c = 0; c < response.curves_size() && static_cast<size_t>(c) < input.curve_names.size(); ++c) {
    const std::string sentence = CurveSentence(response, c, input.curve_names[static_cast<size_t>(c)]);
    if (!sentence.empty()) findings.Add(Element("li", {sentence}));
  }
  if (!findings.empty()) section.Add(Element("ul", "class=\"plain\"", {findings}));
  for (const v1::Caveat& caveat : response.caveats()) {
    section.Add(Element("div", "class=\"warning\"", {Element("p", {caveat.message()})}));
  }
  section.Add(Element("p", "class=\"note\"",
                      {"To split a budget by such curves: ", Element("code", {"roicast optimize"}), " and ",
                       Element("code", {"roicast plan"}), "."}));
  return section;
}

}  // namespace roicast::client
