package awsfake

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/test/direct"
)

// invokeInBubble invokes a function with the SDK, but without a network.
func invokeInBubble(ctx context.Context, h http.Handler, in lambda.InvokeInput) (int32, error) {
	client := lambda.New(lambda.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://lambda.test"), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  direct.Client{Handler: h},
	})
	out, err := client.Invoke(ctx, &in)
	if err != nil {
		return 0, err
	}
	return out.StatusCode, nil
}

// TestAsyncInvoke: an event is delivered as often as Times returns. If the function fails,
// each delivery is retried after one minute and then after two minutes.
func TestAsyncInvoke(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name    string
		results []error
		times   func() int
		want    []time.Duration // of the deliveries
	}{
		{"succeeds", []error{nil}, nil, []time.Duration{0}},
		{"fails once", []error{broken, nil}, nil, []time.Duration{0, time.Minute}},
		{"fails always", []error{broken, broken, broken}, nil, []time.Duration{0, time.Minute, 3 * time.Minute}},
		{"dropped", nil, func() int { return 0 }, nil},
		{"doubled", []error{nil, nil}, func() int { return 2 }, []time.Duration{0, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			var mu sync.Mutex
			var got []time.Duration
			a := NewAsyncInvoke(Options{}, func(name string) (Deliver, bool) {
				return func(_ context.Context, payload []byte) error {
					if string(payload) != `{"id":"1"}` {
						t.Errorf("payload %s", payload)
					}
					mu.Lock()
					defer mu.Unlock()
					got = append(got, time.Since(began))
					return tt.results[len(got)-1]
				}, name == "f"
			})
			a.Times = tt.times
			status, err := invokeInBubble(t.Context(), a, lambda.InvokeInput{
				FunctionName: aws.String("arn:aws:lambda:us-east-1:123456789012:function:f"), InvocationType: types.InvocationTypeEvent, Payload: []byte(`{"id":"1"}`),
			})
			if status != http.StatusAccepted || err != nil {
				t.Errorf("%s: status %d, %v", tt.name, status, err)
			}
			time.Sleep(time.Hour)
			a.Close() // and waits for the deliveries
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: deliveries (-want +got):\n%s", tt.name, diff)
			}
		})
	}
}

func TestAsyncInvokeRefuses(t *testing.T) {
	a := NewAsyncInvoke(Options{}, func(name string) (Deliver, bool) {
		return func(context.Context, []byte) error { t.Error("delivered"); return nil }, name == "f"
	})
	defer a.Close()
	for want, in := range map[string]lambda.InvokeInput{
		"ResourceNotFoundException":      {FunctionName: aws.String("g"), InvocationType: types.InvocationTypeEvent},
		"InvalidParameterValueException": {FunctionName: aws.String("f")},
		"RequestTooLargeException":       {FunctionName: aws.String("f"), InvocationType: types.InvocationTypeEvent, Payload: []byte(strings.Repeat(" ", maxAsyncPayload+1))},
	} {
		if _, err := invokeInBubble(t.Context(), a, in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestAsyncInvokeClose: Close interrupts deliveries and the pauses between them.
func TestAsyncInvokeClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		a := NewAsyncInvoke(Options{}, func(string) (Deliver, bool) {
			return func(ctx context.Context, _ []byte) error { <-ctx.Done(); return ctx.Err() }, true
		})
		event := lambda.InvokeInput{FunctionName: aws.String("f"), InvocationType: types.InvocationTypeEvent}
		if _, err := invokeInBubble(t.Context(), a, event); err != nil {
			t.Fatal(err)
		}
		if a.Close(); time.Since(began) > 0 {
			t.Errorf("Close took %v", time.Since(began))
		}
		if _, err := invokeInBubble(t.Context(), a, event); err != nil {
			t.Errorf("after Close: %v", err)
		}
	})
}
