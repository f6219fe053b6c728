#include "client/report/svg_chart.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/utf8.h"

namespace roicast::client {
namespace {

// In units of the picture, which is as wide as its figure; on a phone about a pixel each.
constexpr double kWidth = 440, kHeight = 270;
constexpr double kTop = 12, kRight = 14, kLeft = 52, kBottom = 44, kBottomOfRotated = 88;
constexpr double kLetter = 6.2, kSpreadWidth = 9;
constexpr size_t kMostNameBytes = 16;

std::string Coordinate(double value) { return absl::StrFormat("%.1f", value); }

std::string ShortName(const std::string& name) {
  if (name.size() <= kMostNameBytes) return name;
  return absl::StrCat(std::string(Utf8Start(name, kMostNameBytes - 1)), "…");
}

// Letters of UTF-8.
size_t LetterCount(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// May be broken behind underscores, which no browser does by itself.
Markup Breakable(absl::string_view name) {
  return Markup::Raw(absl::StrReplaceAll(EscapeHtml(name), {{"_", "_<wbr/>"}}));
}

std::string TipOf(absl::string_view tip) {
  return tip.empty() ? "" : absl::StrCat("<title>", EscapeHtml(tip), "</title>");
}

}  // namespace

SvgChart::SvgChart(ChartAxis x, ChartAxis y, std::string description)
    : x_(std::move(x)), y_(std::move(y)), description_(std::move(description)), bottom_(kBottom), left_(kLeft) {
  if (x_.named()) {
    const std::vector<ChartAxis::Tick> ticks = x_.Ticks(0);
    const double room = (kWidth - kLeft - kRight) / static_cast<double>(ticks.size());
    for (const ChartAxis::Tick& tick : ticks) {
      rotated_ |= static_cast<double>(LetterCount(ShortName(tick.text))) * kLetter > room;
    }
    if (rotated_) bottom_ = kBottomOfRotated;
  }
  size_t widest = 0;
  for (const ChartAxis::Tick& tick : y_.Ticks(5)) widest = std::max(widest, LetterCount(tick.text));
  left_ = std::max(kLeft, 28 + kLetter * static_cast<double>(widest));
}

double SvgChart::X(double value) const { return left_ + (kWidth - left_ - kRight) * x_.Position(value); }
double SvgChart::Y(double value) const { return kHeight - bottom_ - (kHeight - bottom_ - kTop) * y_.Position(value); }

void SvgChart::AddPath(absl::Span<const ChartPoint> points, absl::string_view classes) {
  std::string path;
  bool drawing = false;
  for (const ChartPoint& point : points) {
    if (std::isnan(point.x) || std::isnan(point.y)) {
      drawing = false;
      continue;
    }
    absl::StrAppend(&path, drawing ? "L" : "M", Coordinate(X(point.x)), " ", Coordinate(Y(point.y)));
    drawing = true;
  }
  if (!path.empty()) absl::StrAppend(&marks_, "<path class=\"", classes, "\" d=\"", path, "\"/>");
}

SvgChart& SvgChart::Line(absl::Span<const ChartPoint> points, absl::string_view colour, absl::string_view name) {
  absl::StrAppend(&marks_, "<g>", TipOf(name));
  AddPath(points, absl::StrCat("line ", colour));
  marks_ += "</g>";
  return *this;
}

SvgChart& SvgChart::DashedLine(absl::Span<const ChartPoint> points, absl::string_view colour) {
  AddPath(points, absl::StrCat("line dashed ", colour));
  return *this;
}

SvgChart& SvgChart::FaintLine(absl::Span<const ChartPoint> points, absl::string_view colour) {
  AddPath(points, absl::StrCat("line faint ", colour));
  return *this;
}

SvgChart& SvgChart::Band(absl::Span<const double> x, absl::Span<const double> low, absl::Span<const double> high,
                         absl::string_view colour) {
  std::string path;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(high[i]) || std::isnan(low[i])) continue;
    absl::StrAppend(&path, path.empty() ? "M" : "L", Coordinate(X(x[i])), " ", Coordinate(Y(high[i])));
  }
  if (path.empty()) return *this;
  for (size_t i = x.size(); i-- > 0;) {
    if (std::isnan(high[i]) || std::isnan(low[i])) continue;
    absl::StrAppend(&path, "L", Coordinate(X(x[i])), " ", Coordinate(Y(low[i])));
  }
  absl::StrAppend(&marks_, "<path class=\"band ", colour, "\" d=\"", path, "Z\"/>");
  return *this;
}

SvgChart& SvgChart::Dots(absl::Span<const ChartPoint> points, absl::string_view colour, double radius) {
  absl::StrAppend(&marks_, "<g class=\"dots ", colour, "\">");
  for (const ChartPoint& point : points) {
    if (std::isnan(point.x) || std::isnan(point.y)) continue;
    absl::StrAppend(&marks_, "<circle cx=\"", Coordinate(X(point.x)), "\" cy=\"", Coordinate(Y(point.y)), "\" r=\"",
                    Coordinate(radius), "\"/>");
  }
  marks_ += "</g>";
  return *this;
}

SvgChart& SvgChart::Marker(const ChartPoint& point, absl::string_view colour, absl::string_view tip) {
  if (std::isnan(point.x) || std::isnan(point.y)) return *this;
  absl::StrAppend(&marks_, "<circle class=\"marker ", colour, "\" cx=\"", Coordinate(X(point.x)), "\" cy=\"",
                  Coordinate(Y(point.y)), "\" r=\"4.5\">", TipOf(tip), "</circle>");
  return *this;
}

SvgChart& SvgChart::Bar(double x0, double x1, double y, absl::string_view colour, absl::string_view tip) {
  if (std::isnan(y)) return *this;
  const double base = Y(0.0), end = Y(y);
  absl::StrAppend(&marks_, "<rect class=\"bar ", colour, "\" x=\"", Coordinate(X(x0)), "\" y=\"",
                  Coordinate(std::min(base, end)), "\" width=\"", Coordinate(std::max(X(x1) - X(x0), 0.5)),
                  "\" height=\"", Coordinate(std::max(std::abs(base - end), 0.8)), "\">", TipOf(tip), "</rect>");
  return *this;
}

SvgChart& SvgChart::Whisker(double x, double low, double high) {
  if (std::isnan(low) || std::isnan(high)) return *this;
  const double at = X(x);
  absl::StrAppend(&marks_, "<path class=\"whisker\" d=\"M", Coordinate(at), " ", Coordinate(Y(low)), "V",
                  Coordinate(Y(high)), "M", Coordinate(at - 4), " ", Coordinate(Y(low)), "h8M", Coordinate(at - 4), " ",
                  Coordinate(Y(high)), "h8\"/>");
  return *this;
}

SvgChart& SvgChart::Spread(double x, double low, double high, absl::string_view colour) {
  if (std::isnan(low) || std::isnan(high)) return *this;
  absl::StrAppend(&marks_, "<rect class=\"spread ", colour, "\" x=\"", Coordinate(X(x) - kSpreadWidth / 2), "\" y=\"",
                  Coordinate(Y(high)), "\" width=\"", kSpreadWidth, "\" height=\"",
                  Coordinate(std::max(Y(low) - Y(high), 0.5)), "\" rx=\"2\"/>");
  return *this;
}

SvgChart& SvgChart::HorizontalRule(double y, absl::string_view text) {
  if (!y_.Contains(y)) return *this;
  const std::string at = Coordinate(Y(y));
  absl::StrAppend(&marks_, "<path class=\"rule\" d=\"M", Coordinate(left_), " ", at, "H", Coordinate(kWidth - kRight),
                  "\"/>");
  if (!text.empty()) {
    absl::StrAppend(&marks_, "<text class=\"rule-text\" text-anchor=\"end\" x=\"", Coordinate(kWidth - kRight - 2),
                    "\" y=\"", Coordinate(Y(y) - 4), "\">", EscapeHtml(text), "</text>");
  }
  return *this;
}

SvgChart& SvgChart::VerticalRule(double x, absl::string_view text) {
  if (!x_.Contains(x)) return *this;
  const double at = X(x);
  const bool right = at > kWidth * 0.65;
  absl::StrAppend(&marks_, "<path class=\"rule\" d=\"M", Coordinate(at), " ", Coordinate(kTop), "V",
                  Coordinate(kHeight - bottom_), "\"/>");
  if (!text.empty()) {
    absl::StrAppend(&marks_, "<text class=\"rule-text\" text-anchor=\"", right ? "end" : "start", "\" x=\"",
                    Coordinate(right ? at - 4 : at + 4), "\" y=\"", Coordinate(kTop + 9), "\">", EscapeHtml(text),
                    "</text>");
  }
  return *this;
}

SvgChart& SvgChart::Rug(absl::Span<const double> xs) {
  std::string path;
  for (const double x : xs) {
    if (!x_.Contains(x)) continue;
    absl::StrAppend(&path, "M", Coordinate(X(x)), " ", Coordinate(kHeight - bottom_), "v-6");
  }
  if (!path.empty()) absl::StrAppend(&marks_, "<path class=\"rug\" d=\"", path, "\"/>");
  return *this;
}

std::string SvgChart::Frame() const {
  std::string frame;
  const double floor = kHeight - bottom_;
  for (const ChartAxis::Tick& tick : y_.Ticks(5)) {
    const double y = floor - (floor - kTop) * tick.position;
    absl::StrAppend(&frame, "<path class=\"grid\" d=\"M", Coordinate(left_), " ", Coordinate(y), "H",
                    Coordinate(kWidth - kRight), "\"/><text text-anchor=\"end\" x=\"", Coordinate(left_ - 7), "\" y=\"",
                    Coordinate(y + 4), "\">", EscapeHtml(tick.text), "</text>");
  }
  for (const ChartAxis::Tick& tick : x_.Ticks(5)) {
    const double x = left_ + (kWidth - left_ - kRight) * tick.position;
    if (rotated_) {
      absl::StrAppend(&frame, "<text text-anchor=\"end\" transform=\"translate(", Coordinate(x + 3), " ",
                      Coordinate(floor + 14), ") rotate(-40)\">", EscapeHtml(ShortName(tick.text)), "</text>");
    } else {
      if (!x_.named()) {
        absl::StrAppend(&frame, "<path class=\"tick\" d=\"M", Coordinate(x), " ", Coordinate(floor), "v4\"/>");
      }
      absl::StrAppend(&frame, "<text text-anchor=\"middle\" x=\"", Coordinate(x), "\" y=\"", Coordinate(floor + 17),
                      "\">", EscapeHtml(tick.text), "</text>");
    }
  }
  absl::StrAppend(&frame, "<path class=\"axis\" d=\"M", Coordinate(left_), " ", Coordinate(floor), "H",
                  Coordinate(kWidth - kRight), "\"/>");
  if (!x_.label().empty()) {
    absl::StrAppend(&frame, "<text class=\"label\" text-anchor=\"middle\" x=\"",
                    Coordinate((left_ + kWidth - kRight) / 2), "\" y=\"", Coordinate(kHeight - 7), "\">",
                    EscapeHtml(x_.label()), "</text>");
  }
  if (!y_.label().empty()) {
    absl::StrAppend(&frame, "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(12 ",
                    Coordinate((kTop + floor) / 2), ") rotate(-90)\">", EscapeHtml(y_.label()), "</text>");
  }
  return frame;
}

Markup SvgChart::ToMarkup() const {
  return Markup::Raw(absl::StrCat("<svg class=\"chart\" viewBox=\"0 0 ", kWidth, " ", kHeight, "\" role=\"img\" ",
                                  Attribute("aria-label", description_), ">", Frame(), marks_, "</svg>"));
}

Markup Legend(const std::vector<LegendEntry>& entries) {
  Markup items;
  for (const LegendEntry& entry : entries) {
    items.Add(Element("span", {Element("i", absl::StrCat("class=\"key ", entry.colour, "\""), {}), entry.name}));
  }
  return Element("div", "class=\"legend\"", {items});
}

Markup Figure(absl::string_view title, const Markup& chart, const Markup& note) {
  return Element("figure", {Element("figcaption", {title}), chart,
                            note.empty() ? Markup() : Element("p", "class=\"note\"", {note})});
}

Markup BarList(const std::vector<BarRow>& rows, absl::string_view description) {
  double low = 0, high = 0;
  for (const BarRow& row : rows) {
    for (const double value : {row.value, row.low, row.high}) {
      if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
    }
  }
  if (!(high > low)) high = low + 1;
  const auto at = [&](double value) { return 200 * (value - low) / (high - low); };
  Markup list;
  for (const BarRow& row : rows) {
    const double begin = std::min(at(0), at(row.value));
    const double width = std::max(std::abs(at(row.value) - at(0)), 0.6);
    std::string svg = absl::StrCat("<svg viewBox=\"0 0 200 18\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                                   "<rect class=\"bar ", row.colour, "\" x=\"", Coordinate(begin),
                                   "\" y=\"3\" width=\"", Coordinate(width), "\" height=\"12\"/>");
    if (std::isfinite(row.low) && std::isfinite(row.high) && row.low < row.high) {
      absl::StrAppend(&svg, "<path class=\"whisker\" d=\"M", Coordinate(at(row.low)), " 9H", Coordinate(at(row.high)),
                      "M", Coordinate(at(row.low)), " 5v8M", Coordinate(at(row.high)), " 5v8\"/>");
    }
    if (low < 0) absl::StrAppend(&svg, "<path class=\"axis\" d=\"M", Coordinate(at(0)), " 0v18\"/>");
    svg += "</svg>";
    list.Add(Element("li", {Element("span", "class=\"name\"", {Breakable(row.name)}), Markup::Raw(svg),
                            Element("span", "class=\"value\"", {row.text})}));
  }
  return Element("ul", absl::StrCat("class=\"bars\" ", Attribute("aria-label", description)), {list});
}

}  // namespace roicast::client
