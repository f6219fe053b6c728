#include "client/report/chart_axis.h"

#include <algorithm>
#include <cmath>

#include "client/report/number_words.h"

namespace roicast::client {
namespace {

constexpr int kRoundingTicks = 6;

}  // namespace

double TickStep(double range, int count) {
  const double rough = range / std::max(count, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (rough <= step * power * 1.0001) return step * power;
  }
  return 10.0 * power;
}

ChartAxis ChartAxis::Linear(double low, double high, std::string label, Format format) {
  if (!(high > low)) {
    const double room = std::max(std::abs(low) * 0.1, 0.5);
    low -= room;
    high = low + 2 * room;
  }
  return ChartAxis(Scale::kLinear, low, high, std::move(label), format != nullptr ? format : TickWords);
}

ChartAxis ChartAxis::Log(double low, double high, std::string label) {
  return ChartAxis(Scale::kLog, low, high > low ? high : low * 2, std::move(label), TickWords);
}

ChartAxis ChartAxis::Names(std::vector<std::string> names, std::string label) {
  ChartAxis axis(Scale::kNames, 0, static_cast<double>(std::max<size_t>(names.size(), 1)), std::move(label), TickWords);
  axis.names_ = std::move(names);
  return axis;
}

ChartAxis ChartAxis::Around(absl::Span<const double> values, std::string label, Format format) {
  double low = INFINITY, high = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high)) low = high = 0;
  if (high > low) {
    const double step = TickStep(high - low, kRoundingTicks);
    low = std::floor(low / step + 1e-9) * step;
    high = std::ceil(high / step - 1e-9) * step;
  }
  return Linear(low, high, std::move(label), format);
}

double ChartAxis::Position(double value) const {
  const double clamped = std::clamp(value, low_, high_);
  if (scale_ == Scale::kLog) return std::log(clamped / low_) / std::log(high_ / low_);
  return (clamped - low_) / (high_ - low_);
}

std::vector<ChartAxis::Tick> ChartAxis::Ticks(int count) const {
  std::vector<Tick> ticks;
  if (scale_ == Scale::kNames) {
    for (size_t i = 0; i < names_.size(); ++i) {
      ticks.push_back({Position(static_cast<double>(i) + 0.5), names_[i]});
    }
    return ticks;
  }
  // Over less than a decade and a half, the ticks of a linear axis are read more easily.
  if (scale_ == Scale::kLog && high_ / low_ > 30) {
    const double decades = std::log10(high_ / low_);
    const bool fives = decades < 2.5;
    const int every = std::max(1, static_cast<int>(std::ceil(decades / count)));
    for (int power = static_cast<int>(std::floor(std::log10(low_))); power <= std::ceil(std::log10(high_)); ++power) {
      if (power % every != 0) continue;
      for (const double step : {1.0, 2.0, 5.0}) {
        if (step != 1.0 && !fives) continue;
        const double value = step * std::pow(10.0, power);
        if (value >= low_ * 0.9999 && value <= high_ * 1.0001) ticks.push_back({Position(value), format_(value)});
      }
    }
    return ticks;
  }
  const double step = TickStep(high_ - low_, count);
  for (double k = std::ceil(low_ / step - 1e-6); k * step <= high_ + step * 1e-6; k += 1) {
    // −0 is 0, and so is what rounding left of it.
    const double value = k == 0 ? 0.0 : k * step;
    ticks.push_back({Position(value), format_(value)});
  }
  return ticks;
}

}  // namespace roicast::client
