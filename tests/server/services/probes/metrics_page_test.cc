#include "server/services/probes/metrics_page.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "prometheus/metric_family.h"

namespace roicast {
namespace {

// A gauge that says how often it was collected.
class Counting : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    prometheus::MetricFamily family;
    family.name = "collected";
    family.type = prometheus::MetricType::Gauge;
    family.metric.emplace_back();
    family.metric.back().gauge.value = ++times_;
    return {family};
  }
  int times() const { return times_; }

 private:
  mutable int times_ = 0;
};

HttpRequest Scrape(bool gzip) {
  HttpRequest request;
  if (gzip) request.headers.Add("accept-encoding", "gzip");
  return request;
}

TEST(MetricsPage, ScrapesThatWaitedTogetherShareOneCollection) {
  Counting metrics;
  MetricsPage page(&metrics);
  const auto asked = MetricsPage::Clock::now();
  const std::string first = page.Answer(Scrape(false), asked).body;
  EXPECT_NE(first.find("\ncollected 1\n"), std::string::npos) << first;
  EXPECT_EQ(page.Answer(Scrape(false), asked).body, first);
  const std::string compressed = page.Answer(Scrape(true), asked).body;
  EXPECT_EQ(compressed.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(page.Answer(Scrape(true), asked).body, compressed);
  EXPECT_EQ(metrics.times(), 1);
}

TEST(MetricsPage, IsNeverOlderThanItsRequest) {
  Counting metrics;
  MetricsPage page(&metrics);
  page.Answer(Scrape(true), MetricsPage::Clock::now());
  const std::string later = page.Answer(Scrape(false), MetricsPage::Clock::now()).body;
  EXPECT_NE(later.find("\ncollected 2\n"), std::string::npos) << later;
  const std::string first = page.Answer(Scrape(true), MetricsPage::Clock::now()).body;
  EXPECT_NE(first, page.Answer(Scrape(true), MetricsPage::Clock::now()).body);
  EXPECT_EQ(metrics.times(), 4);
}

}  // namespace
}  // namespace roicast
