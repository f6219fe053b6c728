"""Predicts as clients in Python do: `python_client.py FOLDER_OF_STUBS`, ROICAST_PORT; prints what went well. Clients in
the other languages do the same, in this order."""

import os
import sys

import grpc

sys.path.insert(0, sys.argv[1])
from roicast.v1 import common_pb2  # pylint: disable=wrong-import-position
from roicast.v1 import prediction_pb2 as pb  # pylint: disable=wrong-import-position
from roicast.v1 import prediction_pb2_grpc  # pylint: disable=wrong-import-position

SERVICE = "/roicast.v1.PredictionService/"
SECONDS = 10


def ok(name):
    print("ok", name, flush=True)


def failure(call):
    """The RpcError that the call ends with."""
    try:
        answer = call()
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"expected an error, got {answer}")


def main():
    channel = grpc.insecure_channel(f"127.0.0.1:{os.environ['ROICAST_PORT']}")
    stub = prediction_pb2_grpc.PredictionServiceStub(channel)
    campaign = pb.Campaign(channel="search", device="mobile", price=30, spend=500, audience_size=10000)
    request = pb.PredictRequest(campaign=campaign)

    predicted = stub.Predict(request, timeout=SECONDS)
    assert predicted.served_by.model == "default" and -1 < predicted.roi < 3, predicted
    ok("predict")

    error = failure(lambda: stub.Predict(pb.PredictRequest(campaign=pb.Campaign(spend=-5)), timeout=SECONDS))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
    assert "spend" in error.details(), error
    ok("invalid_argument")

    error = failure(lambda: stub.Predict(pb.PredictRequest(model=common_pb2.ModelRef(name="nobody"), campaign=campaign),
                                         timeout=SECONDS))
    assert error.code() == grpc.StatusCode.NOT_FOUND, error
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    for part in ("type.googleapis.com/google.rpc.ErrorInfo", "MODEL_NOT_FOUND", error.details()):
        assert part.encode() in details, details
    ok("details")

    batch = pb.BatchPredictRequest(campaigns=pb.CampaignList(campaigns=[campaign] * 1000))
    rois = stub.BatchPredict(batch, timeout=SECONDS).roi
    assert len(rois) == 1000 and all(abs(roi - predicted.roi) < 1e-5 for roi in rois), rois[:5]
    ok("batch")

    again = stub.BatchPredict(batch, timeout=SECONDS, compression=grpc.Compression.Gzip).roi
    assert list(again) == list(rois)
    ok("compressed")

    items = [pb.StreamPredictRequest(predict=request)] * 200
    answers = list(stub.StreamPredict(iter(items), timeout=SECONDS))
    assert [abs(answer.predict.roi - predicted.roi) < 1e-5 for answer in answers] == [True] * 200, answers[:3]
    ok("stream")

    wrong = pb.StreamPredictRequest(predict=pb.PredictRequest(campaign=pb.Campaign(spend=-5)))
    codes = [answer.status.code for answer in stub.StreamPredict(iter([items[0], wrong, items[0]]), timeout=SECONDS)]
    assert codes == [0, grpc.StatusCode.INVALID_ARGUMENT.value[0], 0], codes
    ok("stream_item_error")

    def waiting():
        yield items[0]
        release.result(SECONDS)

    release = grpc.channel_ready_future(grpc.insecure_channel("127.0.0.1:1"))  # Never ready.
    call = stub.StreamPredict(waiting(), timeout=0.3)
    next(call)
    assert failure(lambda: next(call)).code() == grpc.StatusCode.DEADLINE_EXCEEDED
    ok("deadline")

    call = stub.StreamPredict(waiting())
    next(call)
    call.cancel()
    assert failure(lambda: next(call)).code() == grpc.StatusCode.CANCELLED
    assert stub.Predict(request, timeout=SECONDS).roi == predicted.roi
    release.cancel()
    ok("cancel")

    raw = channel.unary_unary(SERVICE + "NoSuchMethod", lambda sent: sent, lambda came: came)
    assert failure(lambda: raw(b"", timeout=SECONDS)).code() == grpc.StatusCode.UNIMPLEMENTED
    ok("unimplemented")

    # Without stubs: HealthCheckResponse{status: SERVING}.
    health = channel.unary_unary("/grpc.health.v1.Health/Check", lambda sent: sent, lambda came: came)
    assert health(b"", timeout=SECONDS) == b"\x08\x01"
    ok("health")

    batch = pb.BatchPredictRequest(campaigns=pb.CampaignList(campaigns=[campaign] * 60000))
    assert batch.ByteSize() > 2 << 20
    assert len(stub.BatchPredict(batch, timeout=SECONDS).roi) == 60000
    ok("large_batch")


if __name__ == "__main__":
    main()
