#include "server/services/probes/metrics_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "prometheus/metric_family.h"

namespace roicast {
namespace {

using Coding = MetricsPage::Coding;
using Page = std::shared_ptr<const std::string>;

// One metric: how often it was collected.
class Collected final : public prometheus::Collectable {
 public:
  explicit Collected(
      std::function<void(int)> collecting = [](int) {}, std::string help = "")
      : collecting_(std::move(collecting)), help_(std::move(help)) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    const int times = ++times_;
    collecting_(times);
    prometheus::MetricFamily family;
    family.name = "collected_total";
    family.help = help_;
    family.type = prometheus::MetricType::Counter;
    family.metric.resize(1);
    family.metric[0].counter.value = times;
    return {family};
  }
  int times() const { return times_; }

 private:
  const std::function<void(int)> collecting_;
  const std::string help_;
  mutable std::atomic<int> times_{0};
};

constexpr char kFirst[] = "# TYPE collected_total counter\ncollected_total 1\n";

MetricsPage::Reader ReaderOf(Coding coding, std::function<void(Coding, Page)> done) {
  return {.coding = coding, .done = std::move(done), .gone = [] { return false; }};
}

// One client that asked again and again had all the places in the queue, and Prometheus got 503.
TEST(MetricsPage, HostsThatAskAtTheSameTimeShareAPage) {
  absl::Notification collecting, go;
  const Collected metrics([&](int times) {
    if (times > 1) return;
    collecting.Notify();
    go.WaitForNotification();
  });
  MetricsPage page(&metrics);
  page.Ask("first", ReaderOf(Coding::kPlain, [](Coding, const Page& first) { EXPECT_EQ(*first, kFirst); }));
  collecting.WaitForNotification();
  constexpr int kMany = 100;
  std::latch left(kMany);
  std::vector<Page> pages(kMany);
  for (int i = 0; i < kMany; ++i) {
    const Coding asked = i % 2 == 0 ? Coding::kPlain : Coding::kGzip;
    page.Ask(absl::StrCat(i), ReaderOf(asked, [&left, &pages, i, asked](Coding coding, Page got) {
               EXPECT_EQ(coding, asked);
               pages[static_cast<size_t>(i)] = std::move(got);
               left.count_down();
             }));
  }
  go.Notify();
  left.wait();
  EXPECT_EQ(metrics.times(), 2) << "what was collected before they asked is not theirs";
  EXPECT_NE(*pages[0], kFirst);
  EXPECT_NE(*pages[0], *pages[1]);
  for (size_t i = 2; i < pages.size(); ++i) EXPECT_EQ(pages[i], pages[i % 2]);
}

// While one asks, so many more ask, of whom one has gone, and one of another host. Who is answered with which page, in
// the alphabet's order.
std::vector<std::string> Answers(int greedy, const std::string& help) {
  absl::Notification collecting, go;
  const Collected metrics(
      [&](int times) {
        if (times > 1) return;
        collecting.Notify();
        go.WaitForNotification();
      },
      help);
  MetricsPage page(&metrics);
  std::vector<std::string> order;
  std::latch left(greedy + 2);
  const auto reader = [&](const std::string& name) {
    return ReaderOf(Coding::kPlain, [&, name](Coding, const Page&) {
      order.push_back(absl::StrCat(name, " ", metrics.times()));
      left.count_down();
    });
  };
  page.Ask("greedy", reader("first"));
  collecting.WaitForNotification();
  MetricsPage::Reader gone = reader("gone");
  gone.gone = [] { return true; };
  page.Ask("greedy", std::move(gone));
  for (int i = 0; i < greedy; ++i) page.Ask("greedy", reader("greedy"));
  page.Ask("modest", reader("modest"));
  go.Notify();
  left.wait();
  std::sort(order.begin(), order.end());
  return order;
}

TEST(MetricsPage, AHostThatAsksForMuchWaitsForItself) {
  const std::string large(MetricsPage::kBytesPerHost, 'h');
  EXPECT_EQ(Answers(3, large), (std::vector<std::string>{"first 1", "greedy 2", "greedy 3", "greedy 4", "modest 2"}));
}

TEST(MetricsPage, SmallPagesAreForManyOfAHost) {
  EXPECT_EQ(Answers(3, "small"), (std::vector<std::string>{"first 1", "greedy 2", "greedy 2", "greedy 2", "modest 2"}));
}

// They stayed until the live ones before them had their pages: one client that reset its requests had the server hold
// a gigabyte for it in seconds.
TEST(MetricsPage, ThoseWhoAreGoneAreLetGoOfBehindThoseWhoAreNot) {
  absl::Notification collecting, go, second;
  const std::string large(MetricsPage::kBytesPerHost, 'h');
  const Collected metrics(
      [&](int times) {
        if (times == 3) second.Notify();
        if (times > 1) return;
        collecting.Notify();
        go.WaitForNotification();
      },
      large);
  MetricsPage page(&metrics);
  const auto nobody = [](Coding, const Page&) {};
  page.Ask("host", ReaderOf(Coding::kPlain, nobody));
  collecting.WaitForNotification();
  for (int i = 0; i < 3; ++i) page.Ask("host", ReaderOf(Coding::kPlain, nobody));
  const auto held = std::make_shared<int>(0);
  MetricsPage::Reader gone = ReaderOf(Coding::kPlain, [held](Coding, const Page&) {});
  gone.gone = [] { return true; };
  page.Ask("host", std::move(gone));
  go.Notify();
  second.WaitForNotification();  // One of the three has its page, and another one is being made.
  EXPECT_EQ(held.use_count(), 1);
}

TEST(MetricsPage, NoMoreOfAHostWaitThanMayBe) {
  absl::Notification collecting, go;
  const Collected metrics([&](int times) {
    if (times > 1) return;
    collecting.Notify();
    go.WaitForNotification();
  });
  constexpr size_t kMost = WaitingLine<MetricsPage::Reader>::kMaxOfHost;
  std::atomic<size_t> answered{0};
  bool gone = false;
  {
    MetricsPage page(&metrics);
    const auto ask = [&](const char* host) {
      MetricsPage::Reader reader = ReaderOf(Coding::kPlain, [&](Coding, const Page&) { ++answered; });
      reader.gone = [&gone] { return gone; };
      return page.Ask(host, std::move(reader));
    };
    EXPECT_TRUE(ask("host"));
    collecting.WaitForNotification();
    for (size_t i = 0; i < kMost; ++i) EXPECT_TRUE(ask("host"));
    EXPECT_FALSE(ask("host"));
    EXPECT_TRUE(ask("another"));
    gone = true;
    EXPECT_TRUE(ask("host")) << "those who are gone hold no place";
    gone = false;
    go.Notify();
  }
  EXPECT_EQ(answered.load(), 3u);
}

TEST(MetricsPage, APageIsCountedOnceForAsLongAsAnybodyHasIt) {
  absl::Notification collecting, go;
  const Collected metrics([&](int times) {
    if (times > 1) return;
    collecting.Notify();
    go.WaitForNotification();
  });
  std::atomic<int64_t> held{0};
  constexpr int kReaders = 10;
  std::vector<Page> pages(kReaders);
  {
    MetricsPage page(&metrics, &held);
    page.Ask("first", ReaderOf(Coding::kPlain, [](Coding, const Page&) {}));
    collecting.WaitForNotification();
    for (int i = 0; i < kReaders; ++i) {
      page.Ask(absl::StrCat(i), ReaderOf(Coding::kPlain, [&pages, i](Coding, Page got) {
                 pages[static_cast<size_t>(i)] = std::move(got);
               }));
    }
    go.Notify();
  }
  ASSERT_NE(pages[0], nullptr);
  EXPECT_EQ(held.load(), static_cast<int64_t>(pages[0]->size()));
  const Page last = pages[0];
  pages.clear();
  EXPECT_EQ(held.load(), static_cast<int64_t>(last->size()));
}

TEST(MetricsPage, TheEndAnswersThoseWhoWait) {
  std::atomic<int> answered{0};
  const Collected metrics;
  {
    MetricsPage page(&metrics);
    for (int i = 0; i < 3; ++i) page.Ask("host", ReaderOf(Coding::kPlain, [&](Coding, const Page&) { ++answered; }));
  }
  EXPECT_EQ(answered.load(), 3);
}

}  // namespace
}  // namespace roicast
