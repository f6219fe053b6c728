// Predicts as clients in Go do: `client DESCRIPTORS`, ROICAST_PORT. The checks of python_client.py, without generated code.
package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const (
	service  = "/roicast.v1.PredictionService/"
	campaign = `{"channel": "search", "device": "mobile", "price": 30, "spend": 500, "audienceSize": 10000}`
	predict  = `{"campaign": ` + campaign + `}`
)

var types *protoregistry.Files

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(holds bool, got ...any) {
	if !holds {
		panic(fmt.Sprint(got...))
	}
}

func ok(name string) { fmt.Println("ok " + name) }

func newMessage(name string) *dynamicpb.Message {
	found, err := types.FindDescriptorByName(protoreflect.FullName(name))
	must(err)
	return dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor))
}

func parse(name, json string) *dynamicpb.Message {
	message := newMessage("roicast.v1." + name)
	must(protojson.Unmarshal([]byte(json), message))
	return message
}

func field(message protoreflect.Message, name string) protoreflect.Value {
	return message.Get(message.Descriptor().Fields().ByName(protoreflect.Name(name)))
}

func short() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 10*time.Second)
}

func call(connection *grpc.ClientConn, method, request string, options ...grpc.CallOption) (protoreflect.Message, error) {
	ctx, cancel := short()
	defer cancel()
	answer := newMessage("roicast.v1." + method + "Response")
	err := connection.Invoke(ctx, service+method, parse(method+"Request", request), answer, options...)
	return answer, err
}

func campaigns(count int) string {
	return `{"campaigns": {"campaigns": [` + strings.TrimSuffix(strings.Repeat(campaign+",", count), ",") + `]}}`
}

func openStream(ctx context.Context, connection *grpc.ClientConn) grpc.ClientStream {
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true},
		service+"StreamPredict")
	must(err)
	return stream
}

func answers(connection *grpc.ClientConn, requests ...string) []protoreflect.Message {
	ctx, cancel := short()
	defer cancel()
	stream := openStream(ctx, connection)
	go func() {
		for _, request := range requests {
			must(stream.SendMsg(parse("StreamPredictRequest", `{"predict": `+request+`}`)))
		}
		must(stream.CloseSend())
	}()
	var all []protoreflect.Message
	for {
		answer := newMessage("roicast.v1.StreamPredictResponse")
		err := stream.RecvMsg(answer)
		if err == io.EOF {
			return all
		}
		must(err)
		all = append(all, answer)
	}
}

// The status with which a stream ends after one answer: it stays open until then.
func endOf(ctx context.Context, connection *grpc.ClientConn, afterFirst func()) codes.Code {
	stream := openStream(ctx, connection)
	must(stream.SendMsg(parse("StreamPredictRequest", `{"predict": `+predict+`}`)))
	answer := newMessage("roicast.v1.StreamPredictResponse")
	must(stream.RecvMsg(answer))
	afterFirst()
	return status.Code(stream.RecvMsg(answer))
}

func main() {
	bytes, err := os.ReadFile(os.Args[1])
	must(err)
	var files descriptorpb.FileDescriptorSet
	must(proto.Unmarshal(bytes, &files))
	types, err = protodesc.NewFiles(&files)
	must(err)
	connection, err := grpc.NewClient("127.0.0.1:"+os.Getenv("ROICAST_PORT"),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(err)

	answer, err := call(connection, "Predict", predict)
	must(err)
	roi := field(answer, "roi").Float()
	expect(roi > -1 && roi < 3, roi)
	ok("predict")

	_, err = call(connection, "Predict", `{"campaign": {"spend": -5}}`)
	expect(status.Code(err) == codes.InvalidArgument && strings.Contains(err.Error(), "spend"), err)
	ok("invalid_argument")

	_, err = call(connection, "Predict", `{"model": {"name": "nobody"}, "campaign": `+campaign+`}`)
	details := status.Convert(err).Details()
	expect(status.Code(err) == codes.NotFound && len(details) == 1, err)
	expect(details[0].(*errdetails.ErrorInfo).GetReason() == "MODEL_NOT_FOUND", details)
	ok("details")

	answer, err = call(connection, "BatchPredict", campaigns(1000))
	must(err)
	rois := field(answer, "roi").List()
	expect(rois.Len() == 1000 && math.Abs(rois.Get(999).Float()-roi) < 1e-5, rois)
	ok("batch")

	answer, err = call(connection, "BatchPredict", campaigns(1000), grpc.UseCompressor(gzip.Name))
	must(err)
	expect(field(answer, "roi").List().Len() == 1000, answer)
	ok("compressed")

	var requests []string
	for range 200 {
		requests = append(requests, predict)
	}
	all := answers(connection, requests...)
	expect(len(all) == 200, len(all))
	for _, one := range all {
		expect(math.Abs(field(field(one, "predict").Message(), "roi").Float()-roi) < 1e-5, one)
	}
	ok("stream")

	all = answers(connection, predict, `{"campaign": {"spend": -5}}`, predict)
	expect(len(all) == 3, all)
	expect(field(field(all[1], "status").Message(), "code").Int() == int64(codes.InvalidArgument), all[1])
	expect(field(field(all[2], "status").Message(), "code").Int() == 0, all[2])
	ok("stream_item_error")

	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	expect(endOf(ctx, connection, func() {}) == codes.DeadlineExceeded)
	cancel()
	ok("deadline")

	ctx, cancel = context.WithCancel(context.Background())
	expect(endOf(ctx, connection, cancel) == codes.Canceled)
	_, err = call(connection, "Predict", predict)
	must(err)
	ok("cancel")

	ctx, cancel = short()
	err = connection.Invoke(ctx, service+"NoSuchMethod", newMessage("roicast.v1.PredictRequest"),
		newMessage("roicast.v1.PredictResponse"))
	cancel()
	expect(status.Code(err) == codes.Unimplemented, err)
	ok("unimplemented")

	ctx, cancel = short()
	health := newMessage("grpc.health.v1.HealthCheckResponse")
	must(connection.Invoke(ctx, "/grpc.health.v1.Health/Check", newMessage("grpc.health.v1.HealthCheckRequest"), health))
	cancel()
	expect(field(health, "status").Enum() == 1, health)
	ok("health")

	answer, err = call(connection, "BatchPredict", campaigns(60000))
	must(err)
	expect(field(answer, "roi").List().Len() == 60000, "rows")
	ok("large_batch")
}
