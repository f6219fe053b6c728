#include "server/telemetry/transport_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "prometheus/text_serializer.h"
#include "server/telemetry/metrics.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

TEST(TransportMetrics, AreExportedWithTheServers) {
  prometheus::Registry registry;
  ServerMetrics metrics(registry, {"1.2.3", "g++ 12", "avx2"});
  TransportMetrics& transport = metrics.transport();
  transport.connections = 1;
  transport.accepted = 2;
  transport.tls_connections = 8;
  transport.streams = 3;
  transport.bytes_received = 4;
  transport.bytes_sent = 5;
  transport.bytes_held = 6;
  transport.write_stalls = 7;
  transport.loop_lag_nanoseconds = 250000000;
  transport.Count(Cut::kPreface);
  transport.Count(Cut::kPreface);
  const std::string text = prometheus::TextSerializer().Serialize(metrics.Collect());
  for (const char* line :
       {"# TYPE roicast_transport_connections gauge\nroicast_transport_connections 1\n",
        "# TYPE roicast_transport_accepted_total counter\nroicast_transport_accepted_total 2\n",
        "# TYPE roicast_transport_tls_connections gauge\nroicast_transport_tls_connections 8\n",
        "# TYPE roicast_transport_streams gauge\nroicast_transport_streams 3\n",
        "# TYPE roicast_transport_bytes_received_total counter\nroicast_transport_bytes_received_total 4\n",
        "# TYPE roicast_transport_bytes_sent_total counter\nroicast_transport_bytes_sent_total 5\n",
        "# TYPE roicast_transport_bytes_held gauge\nroicast_transport_bytes_held 6\n",
        "# TYPE roicast_transport_write_stalls_total counter\nroicast_transport_write_stalls_total 7\n",
        "# TYPE roicast_transport_loop_lag_seconds gauge\nroicast_transport_loop_lag_seconds 0.25\n",
        "# TYPE roicast_transport_cut_total counter\n", "roicast_transport_cut_total{cause=\"preface\"} 2\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(TransportMetrics, EveryCauseExistsFromTheStartUnderItsOwnName) {
  std::vector<prometheus::MetricFamily> families;
  CollectTransport(TransportMetrics(), families);
  const std::string text = prometheus::TextSerializer().Serialize(families);
  std::set<std::string> names;
  for (size_t i = 0; i < kCuts; ++i) {
    const std::string name(CutName(static_cast<Cut>(i)));
    EXPECT_FALSE(name.empty()) << i;
    names.insert(name);
    EXPECT_THAT(text, HasSubstr(absl::StrCat("roicast_transport_cut_total{cause=\"", name, "\"} 0\n")));
  }
  EXPECT_EQ(names.size(), kCuts);
}

}  // namespace
}  // namespace roicast
