#include "server/telemetry/transport_metrics.h"

#include <string>
#include <utility>

namespace roicast {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily TransportFamily(const char* name, const char* help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

}  // namespace

absl::string_view CutName(Cut cut) {
  switch (cut) {
    case Cut::kConnections:
      return "connections";
    case Cut::kPeerConnections:
      return "peer_connections";
    case Cut::kPeerStreams:
      return "peer_streams";
    case Cut::kStreams:
      return "streams";
    case Cut::kPeerCalls:
      return "peer_calls";
    case Cut::kSlowCalls:
      return "slow_calls";
    case Cut::kPeerWaiting:
      return "peer_waiting";
    case Cut::kDescriptors:
      return "descriptors";
    case Cut::kHandshake:
      return "handshake";
    case Cut::kTls:
      return "tls";
    case Cut::kRecord:
      return "record";
    case Cut::kPreface:
      return "preface";
    case Cut::kHeaders:
      return "headers";
    case Cut::kBody:
      return "body";
    case Cut::kIdle:
      return "idle";
    case Cut::kWrite:
      return "write";
    case Cut::kKeepalive:
      return "keepalive";
    case Cut::kAge:
      return "age";
    case Cut::kHeaderBytes:
      return "header_bytes";
    case Cut::kMessageBytes:
      return "message_bytes";
    case Cut::kBrokenMessage:
      return "broken_message";
    case Cut::kBytesHeld:
      return "bytes_held";
    case Cut::kConnectionBytes:
      return "connection_bytes";
    case Cut::kFloodSettings:
      return "flood_settings";
    case Cut::kFloodPing:
      return "flood_ping";
    case Cut::kFloodReset:
      return "flood_reset";
    case Cut::kFloodPriority:
      return "flood_priority";
    case Cut::kFloodEmptyData:
      return "flood_empty_data";
    case Cut::kFloodWindowUpdate:
      return "flood_window_update";
    case Cut::kFloodContinuation:
      return "flood_continuation";
    case Cut::kFloodKeyUpdate:
      return "flood_key_update";
    case Cut::kProtocol:
      return "protocol";
  }
  return "";
}

void CollectTransport(const TransportMetrics& metrics, std::vector<MetricFamily>& families) {
  const auto append = [&families](const char* name, const char* help, MetricType type, double value) {
    MetricFamily family = TransportFamily(name, help, type);
    ClientMetric metric;
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
    families.push_back(std::move(family));
  };
  const auto now = [](const std::atomic<int64_t>& value) {
    return static_cast<double>(value.load(std::memory_order_relaxed));
  };
  append("roicast_transport_connections", "Open connections.", MetricType::Gauge, now(metrics.connections));
  append("roicast_transport_accepted_total", "Connections that were accepted.", MetricType::Counter,
         now(metrics.accepted));
  append("roicast_transport_streams", "Requests of HTTP/2 under way.", MetricType::Gauge, now(metrics.streams));
  append("roicast_transport_tls_connections", "Open connections over TLS.", MetricType::Gauge,
         now(metrics.tls_connections));
  append("roicast_transport_tls_handshakes_total", "Handshakes of TLS that succeeded.", MetricType::Counter,
         now(metrics.handshakes));
  append("roicast_transport_tls_resumed_total", "Handshakes of TLS that went on with an earlier session.",
         MetricType::Counter, now(metrics.resumed_handshakes));
  append("roicast_transport_tls_certificate_expiry_timestamp_seconds",
         "When the certificate of new connections expires; 0: there is no TLS.", MetricType::Gauge,
         now(metrics.certificate_expires));
  append("roicast_transport_bytes_received_total", "Bytes that came from clients.", MetricType::Counter,
         now(metrics.bytes_received));
  append("roicast_transport_bytes_sent_total", "Bytes that went to clients.", MetricType::Counter,
         now(metrics.bytes_sent));
  append("roicast_transport_bytes_held", "Bytes of requests and answers in memory.", MetricType::Gauge,
         now(metrics.bytes_held));
  append("roicast_transport_write_stalls_total", "How often a client's receive buffer was full.", MetricType::Counter,
         now(metrics.write_stalls));
  append("roicast_transport_loop_lag_seconds", "What the slowest loop took to begin a task, in seconds.",
         MetricType::Gauge, now(metrics.loop_lag_nanoseconds) * 1e-9);
  MetricFamily cuts =
      TransportFamily("roicast_transport_cut_total", "What was refused or cut off, by cause.", MetricType::Counter);
  for (size_t i = 0; i < kCuts; ++i) {
    ClientMetric metric;
    metric.label = {{"cause", std::string(CutName(static_cast<Cut>(i)))}};
    metric.counter.value = now(metrics.cuts[i]);
    cuts.metric.push_back(std::move(metric));
  }
  families.push_back(std::move(cuts));
}

}  // namespace roicast
