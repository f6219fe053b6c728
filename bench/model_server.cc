#include "bench/model_server.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/check.h"
#include "prometheus/registry.h"
#include "server/process_settings.h"
#include "server/services/prediction/model_binding.h"
#include "server/services/prediction/prediction_service.h"
#include "server/serving/lifecycle.h"
#include "server/store/sqlite_store.h"
#include "server/telemetry/log.h"
#include "server/transport/transport_server.h"

namespace roicast::bench {

void RunModelServer(const std::string& artifact, const std::string& folder, int port_fd) {
  KeepFreedMemory();
  DisableDeadlockDetection();
  SqliteStoreOptions store_options;
  store_options.folder = folder;
  auto store = OpenSqliteStore(store_options);
  ROICAST_CHECK(store.ok());
  PublishRequest publish;
  publish.model = "default";
  publish.artifact = artifact;
  ROICAST_CHECK((*store)->Publish(publish).ok());

  prometheus::Registry registry;
  ServerMetrics metrics(registry, {});
  ModelRegistry models({.attach = ModelBinding::Make}, store->get(), &metrics);
  ROICAST_CHECK(models.LoadAll().ok());
  const Logger logger({});
  AccessLog access_log(logger, {});
  ComputePool pool({});
  InFlightLimit in_flight(4096);
  TransportMetrics transport_metrics;
  TransportServer server({.listen = {"127.0.0.1:0"}}, &transport_metrics);
  Lifecycle lifecycle;
  PredictionService service({}, {&models, &pool, &lifecycle, &in_flight, &metrics, &access_log},
                            {.max_request_bytes = defaults::kMaxMessageBytes}, &server.grpc(), &server.loops());
  const absl::Status started = server.Start();
  if (!started.ok()) {
    std::fprintf(stderr, "%s\n", started.ToString().c_str());
    std::exit(1);
  }
  lifecycle.Enter(Lifecycle::Phase::kServing);
  const int port = server.port();
  ROICAST_CHECK(write(port_fd, &port, sizeof(port)) == sizeof(port));
  while (true) pause();
}

}  // namespace roicast::bench
