#include "server/services/probes/probe_routes.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/transport/http/content_coding.h"

namespace roicast {
namespace {

constexpr char kIndex[] =
    "<!DOCTYPE html><title>roicast</title><h1>roicast</h1><ul>"
    "<li><a href=\"/metrics\">/metrics</a> metrics for Prometheus"
    "<li><a href=\"/healthz\">/healthz</a> whether the process is alive"
    "<li><a href=\"/readyz\">/readyz</a> whether calls are answered</ul>\n";

HttpResponse NotReady(const absl::Status& why) { return PlainText(503, absl::StrCat("not ready: ", why.message())); }

}  // namespace

ProbeRoutes::ProbeRoutes(const Parts& parts, HttpRoutes* routes)
    : parts_(parts), metrics_page_(parts.metrics, &parts.transport->http_bytes) {
  routes->Add("GET", "/metrics", {.handler = [this](const HttpRequest& request, const HttpResponder& responder) {
                Metrics(request, responder);
              }});
  routes->Add("GET", "/healthz", {.handler = [](const HttpRequest&, const HttpResponder& responder) {
                responder.Answer(PlainText(200, "ok"));
              }});
  routes->Add("GET", "/readyz", {.handler = [this](const HttpRequest& request, const HttpResponder& responder) {
                Ready(request, responder);
              }});
  routes->Add("GET", "/", {.handler = [](const HttpRequest&, const HttpResponder& responder) {
                HttpResponse response;
                response.content_type = "text/html; charset=utf-8";
                response.body = kIndex;
                responder.Answer(std::move(response));
              }});
}

void ProbeRoutes::Metrics(const HttpRequest& request, const HttpResponder& responder) {
  using Coding = MetricsPage::Coding;
  const bool gzip = AcceptsGzip(request.headers.Find("accept-encoding"));
  const auto answer = [responder](Coding coding, std::shared_ptr<const std::string> page) {
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.shared_body = std::move(page);
    response.headers.emplace_back("vary", "Accept-Encoding");
    if (coding == Coding::kGzip) response.headers.emplace_back("content-encoding", "gzip");
    responder.Answer(std::move(response));
  };
  if (!metrics_page_.Ask(request.host, {.coding = gzip ? Coding::kGzip : Coding::kPlain,
                                        .done = answer,
                                        .gone = [responder] { return responder.gone(); }})) {
    RefuseToWait(responder);
  }
}

void ProbeRoutes::Ready(const HttpRequest& request, const HttpResponder& responder) const {
  if (const absl::Status ready = parts_.ready(); !ready.ok()) {
    responder.Answer(NotReady(ready));
    return;
  }
  const auto answer = [responder](const absl::Status& answers) {
    responder.Answer(answers.ok() ? PlainText(200, "ready") : NotReady(answers));
  };
  if (!parts_.grpc->Ask(request.host, {.done = answer, .gone = [responder] { return responder.gone(); }})) {
    RefuseToWait(responder);
  }
}

void ProbeRoutes::RefuseToWait(const HttpResponder& responder) const {
  parts_.transport->Count(Cut::kPeerWaiting);
  responder.Answer(PlainText(503, absl::StrCat("expected at most ", WaitingLine<GrpcProbe::Asker>::kMaxOfHost,
                                               " requests of one address that wait: try again later")));
}

}  // namespace roicast
