package lambdahttp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"serverless-mcp/internal/hosting/lambdahttp"
)

// FuzzBody compares how a body is decoded with encoding/json.
func FuzzBody(f *testing.F) {
	for _, text := range []string{
		`""`, `"{\"a\":1}"`, `"\\\/\b\f\n\r\t"`, `"\u00e9\u20ac"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\n"`,
		`"\ud83d\ud83d\ude00"`, `"\ude00\ud83d"`, `"\uD83D\u0041"`, "\"\xff\"", "\"é\u2028\"", `null`, `1`, `{}`, `"`, ` "a" `, `"\u0000"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want string
		var got lambdahttp.Body
		wantErr, err := json.Unmarshal(text, &want), json.Unmarshal(text, &got)
		if string(got) != want || (err == nil) != (wantErr == nil) {
			t.Errorf("%q is decoded to %q, %v; encoding/json: %q, %v", text, got, err, want, wantErr)
		}
	})
}

// An event is decoded as aws-lambda-go decodes it.
func TestEvent(t *testing.T) {
	for _, text := range []string{
		`{"version":"2.0","routeKey":"POST /mcp","rawPath":"/mcp","rawQueryString":"a=1","cookies":["a=b"],"headers":{"x":"y,z"},
			"queryStringParameters":{"a":"1"},"pathParameters":{"p":"q"},"stageVariables":{"s":"t"},"body":"e30=","isBase64Encoded":true,
			"requestContext":{"accountId":"1","apiId":"2","domainName":"a.example","requestId":"id-1","stage":"$default","timeEpoch":5,
				"http":{"method":"POST","path":"/mcp","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"u"},
				"authorizer":{"lambda":{"keyId":"ci","tools":"*","expires":1}}}}`,
		`{"rawPath":"/","requestContext":{"http":{"method":"GET"},"authorizer":{"iam":{"accountId":"1"}}}}`,
		`{"requestContext":{"authorizer":null}}`,
		`{}`,
	} {
		var complete events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal([]byte(text), &complete); err != nil {
			t.Fatal(err)
		}
		var got lambdahttp.Event
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		want := lambdahttp.NewEvent(complete)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s is decoded differently (-aws-lambda-go +ours):\n%s", text, diff)
		}
	}
}

// A body has memory of its own: the runtime uses that of the payload for the next event.
func TestBodyIsCopied(t *testing.T) {
	payload := []byte(`{"body":"abc"}`)
	var e lambdahttp.Event
	if err := json.Unmarshal(payload, &e); err != nil {
		t.Fatal(err)
	}
	copy(payload, strings.Repeat("x", len(payload)))
	if string(e.Body) != "abc" {
		t.Errorf("the body became %q", e.Body)
	}
}

// Invoke is what the Lambda runtime calls: JSON in, JSON out.
// A large event is collected sooner, for as long as it is handled.
func TestCollectionOfLargeEvents(t *testing.T) {
	read := func() int {
		percent := debug.SetGCPercent(100)
		debug.SetGCPercent(percent)
		return percent
	}
	before := read()
	for size, want := range map[int]int{1000: before, 300 << 10: 30} {
		during := 0
		h := lambdahttp.Handler(func(context.Context, lambdahttp.Event) (events.APIGatewayV2HTTPResponse, error) {
			during = read()
			return events.APIGatewayV2HTTPResponse{}, nil
		})
		if _, err := h.Invoke(t.Context(), []byte(`{"body":"`+strings.Repeat("x", size)+`"}`)); err != nil || during != want || read() != before {
			t.Errorf("%d bytes: %v, GOGC %d and %d afterwards, want %d and %d", size, err, during, read(), want, before)
		}
	}
}

func TestInvoke(t *testing.T) {
	h := lambdahttp.Buffered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		_, _ = fmt.Fprintf(w, "<%s %s>", r.Method, body)
	}), nil)
	got, err := h.Invoke(t.Context(), []byte(`{"rawPath":"/mcp","body":"\"é\" \ud83d\ude00","requestContext":{"http":{"method":"POST"}}}`))
	want := `{"statusCode":200,"headers":{"Content-Type":"text/plain"},"multiValueHeaders":null,"body":"<POST \"é\" 😀>","cookies":null}` + "\n"
	if string(got) != want || err != nil {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	for _, text := range []string{`{"body":1}`, `[]`, `{`} {
		if got, err := h.Invoke(t.Context(), []byte(text)); err == nil || !strings.Contains(err.Error(), "decode the event") {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
}

// lambda.Start uses Invoke.
var _ lambda.Handler = lambdahttp.Handler(nil)
