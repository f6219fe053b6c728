// Command go_load calls a unary gRPC method with fixed bytes, a number of calls in flight, and prints calls per second
// and the median and 99th percentile of their time in microseconds: the load of grpc-go's client.
//
//	go_load TARGET METHOD REQUEST_FILE IN_FLIGHT CONNECTIONS SECONDS
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// bytesCodec sends and receives bytes as they are.
type bytesCodec struct{}

func (bytesCodec) Marshal(v any) ([]byte, error) { return *(v.(*[]byte)), nil }
func (bytesCodec) Unmarshal(data []byte, v any) error {
	*(v.(*[]byte)) = append([]byte(nil), data...)
	return nil
}
func (bytesCodec) Name() string { return "proto" }

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 {
		log.Fatalf("expected a whole number of at least 1, got %q", text)
	}
	return value
}

func main() {
	if len(os.Args) != 7 {
		log.Fatal("usage: go_load TARGET METHOD REQUEST_FILE IN_FLIGHT CONNECTIONS SECONDS")
	}
	request, err := os.ReadFile(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	inFlight, connections, seconds := number(os.Args[4]), number(os.Args[5]), number(os.Args[6])
	var channels []*grpc.ClientConn
	for i := 0; i < connections; i++ {
		channel, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.ForceCodec(bytesCodec{})))
		if err != nil {
			log.Fatal(err)
		}
		channels = append(channels, channel)
	}
	var wait sync.WaitGroup
	times := make([][]time.Duration, inFlight)
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	begin := time.Now()
	for i := 0; i < inFlight; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			channel := channels[i%connections]
			for time.Now().Before(end) {
				var answer []byte
				start := time.Now()
				if err := channel.Invoke(context.Background(), os.Args[2], &request, &answer); err != nil {
					log.Fatal(err)
				}
				times[i] = append(times[i], time.Since(start))
			}
		}(i)
	}
	wait.Wait()
	elapsed := time.Since(begin).Seconds()
	var all []time.Duration
	for _, some := range times {
		all = append(all, some...)
	}
	sort.Slice(all, func(a, b int) bool { return all[a] < all[b] })
	fmt.Printf("%.0f %.1f %.1f\n", float64(len(all))/elapsed, float64(all[len(all)/2].Nanoseconds())/1e3,
		float64(all[len(all)*99/100].Nanoseconds())/1e3)
}
