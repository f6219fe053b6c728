#include "server/telemetry/transport_metrics.h"

namespace roicast {

absl::string_view CutName(Cut cut) {
  switch (cut) {
    case Cut::kConnections:
      return "connections";
    case Cut::kPeerConnections:
      return "peer_connections";
    case Cut::kPeerStreams:
      return "peer_streams";
    case Cut::kPeerCalls:
      return "peer_calls";
    case Cut::kDescriptors:
      return "descriptors";
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
    case Cut::kBytesHeld:
      return "bytes_held";
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
    case Cut::kProtocol:
      return "protocol";
  }
  return "";
}

}  // namespace roicast
