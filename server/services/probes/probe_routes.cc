#include "server/services/probes/probe_routes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "prometheus/text_serializer.h"
#include "server/transport/http/content_coding.h"

namespace roicast {
namespace {

constexpr char kIndex[] =
    "<!DOCTYPE html><title>roicast</title><h1>roicast</h1><ul>"
    "<li><a href=\"/metrics\">/metrics</a> metrics for Prometheus"
    "<li><a href=\"/healthz\">/healthz</a> whether the process is alive"
    "<li><a href=\"/readyz\">/readyz</a> whether calls are answered</ul>\n";
// Scrapes that wait; each holds a request only.
constexpr int kMaxWaitingScrapes = 64;

HttpResponse NotReady(const absl::Status& why) { return PlainText(503, absl::StrCat("not ready: ", why.message())); }

}  // namespace

ProbeRoutes::ProbeRoutes(const Parts& parts, HttpRoutes* routes)
    : parts_(parts), collector_({.threads = 1, .max_waiting = kMaxWaitingScrapes}) {
  routes->Add("GET", "/metrics",
              {.handler = [this](const HttpRequest&, const HttpResponder& responder) { Metrics(responder); }});
  routes->Add("GET", "/healthz", {.handler = [](const HttpRequest&, const HttpResponder& responder) {
                responder.Answer(PlainText(200, "ok"));
              }});
  routes->Add("GET", "/readyz",
              {.handler = [this](const HttpRequest&, const HttpResponder& responder) { Ready(responder); }});
  routes->Add("GET", "/", {.handler = [](const HttpRequest&, const HttpResponder& responder) {
                HttpResponse response;
                response.content_type = "text/html; charset=utf-8";
                response.body = kIndex;
                responder.Answer(std::move(response));
              }});
}

void ProbeRoutes::Metrics(const HttpResponder& responder) {
  const absl::Status submitted = collector_.Submit("", [this, responder] {
    if (responder.gone()) return;
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = prometheus::TextSerializer().Serialize(parts_.metrics->Collect());
    CompressIfAccepted(responder.request(), &response);
    responder.Answer(std::move(response));
  });
  if (!submitted.ok()) responder.Answer(PlainText(503, submitted.message()));
}

void ProbeRoutes::Ready(const HttpResponder& responder) const {
  if (const absl::Status ready = parts_.ready(); !ready.ok()) {
    responder.Answer(NotReady(ready));
    return;
  }
  parts_.grpc->Ask([responder](const absl::Status& answers) {
    responder.Answer(answers.ok() ? PlainText(200, "ready") : NotReady(answers));
  });
}

}  // namespace roicast
