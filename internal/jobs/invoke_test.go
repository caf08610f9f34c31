package jobs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
)

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:My-Job"

// seen holds the parts of a request that Lambda got.
type seen struct {
	method, path, body, kind, contentType string
	credential                            string // of the signature, without the time
	headers                               string // that are signed
}

func seenOf(r *http.Request) seen {
	body, _ := io.ReadAll(r.Body)
	parts := strings.Split(r.Header.Get("Authorization"), ",")
	credential := strings.Split(strings.TrimPrefix(parts[0], "AWS4-HMAC-SHA256 Credential="), "/")
	return seen{
		method: r.Method, path: r.URL.EscapedPath(), body: string(body),
		kind: r.Header.Get("X-Amz-Invocation-Type"), contentType: r.Header.Get("Content-Type"),
		credential: credential[0] + " " + strings.Join(credential[2:], " "), headers: strings.TrimSpace(parts[1]),
	}
}

// The invoker sends what the SDK's client for Lambda sends.
func TestInvokeAsTheSDK(t *testing.T) {
	var got []seen
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, seenOf(r))
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	config := aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "token")}
	if err := NewInvoker(config, functionARN).Invoke(t.Context(), "job-id"); err != nil {
		t.Fatal(err)
	}
	_, err := lambda.NewFromConfig(config).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String(functionARN), InvocationType: types.InvocationTypeEvent, Payload: []byte(`{"id":"job-id"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	// The SDK also signs headers that only describe itself.
	got[1].headers = strings.Replace(got[1].headers, "amz-sdk-invocation-id;amz-sdk-request;", "", 1)
	if diff := cmp.Diff(got[1], got[0], cmp.AllowUnexported(seen{})); diff != "" {
		t.Errorf("requests (-SDK +ours):\n%s", diff)
	}
}

func TestInvokeErrors(t *testing.T) {
	for _, tt := range []struct {
		name     string
		statuses []int // of the attempts; 0 hangs up
		want     string
	}{
		{"accepted", []int{202}, ""},
		{"throttled, then accepted", []int{429, 202}, ""},
		{"fails, then accepted", []int{500, 503, 202}, ""},
		{"hangs up, then accepted", []int{0, 202}, ""},
		{"hangs up", []int{0, 0, 0}, "invoke a function: "},
		{"fails", []int{500, 500, 500}, "invoke a function: status 500 ServiceException"},
		{"denied", []int{403}, "invoke a function: status 403 ServiceException"},
		{"another status", []int{200}, "status 200"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				status := tt.statuses[min(int(calls.Add(1)), len(tt.statuses))-1]
				if status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("X-Amzn-Errortype", "ServiceException")
				w.WriteHeader(status)
			}))
			defer server.Close()
			invoker := NewInvoker(aws.Config{Region: "r", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}, "f")
			invoker.backoff = time.Microsecond
			err := invoker.Invoke(t.Context(), "x")
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) || int(calls.Load()) != len(tt.statuses) {
				t.Errorf("error %v after %d attempts, want %q after %d", err, calls.Load(), tt.want, len(tt.statuses))
			}
		})
	}
}

// TestInvokeInterrupted: the first attempt is made at once, and a caller that gives up
// before the second gets the error of the first.
func TestInvokeInterrupted(t *testing.T) {
	ctx, giveUp := context.WithCancel(t.Context())
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusInternalServerError)
		time.AfterFunc(50*time.Millisecond, giveUp) // after the response
	}))
	defer server.Close()
	invoker := NewInvoker(aws.Config{Region: "r", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}, "f")
	invoker.backoff = time.Hour
	if err := invoker.Invoke(ctx, "x"); err == nil || !strings.Contains(err.Error(), "status 500") || calls != 1 {
		t.Errorf("error %v after %d attempts, want that of the only one", err, calls)
	}
}

// endpoints is a configuration source with an endpoint for Lambda.
type endpoints string

func (e endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	return string(e), service == "Lambda", nil
}

// noEndpoint is a configuration source without an endpoint for Lambda, or with one that
// it cannot read.
type noEndpoint struct{ err error }

func (n noEndpoint) GetServiceBaseEndpoint(context.Context, string) (string, bool, error) {
	return "http://127.0.0.1:3", n.err != nil, n.err
}

func TestEndpoint(t *testing.T) {
	for want, config := range map[string]aws.Config{
		"https://lambda.eu-west-1.amazonaws.com":     {Region: "eu-west-1"},
		"https://lambda.cn-north-1.amazonaws.com.cn": {Region: "cn-north-1"},
		"http://127.0.0.1:1":                         {Region: "eu-west-1", BaseEndpoint: aws.String("http://127.0.0.1:1/")},
		"https://lambda.eu-west-2.amazonaws.com":     {Region: "eu-west-2", ConfigSources: []any{noEndpoint{}, noEndpoint{errors.New("x")}}},
		"http://127.0.0.1:2/secret":                  {Region: "eu-west-1", ConfigSources: []any{1, endpoints("http://127.0.0.1:2/secret/")}},
	} {
		if got := endpoint(config); got != want {
			t.Errorf("endpoint(%+v) is %s, want %s", config, got, want)
		}
	}
}
