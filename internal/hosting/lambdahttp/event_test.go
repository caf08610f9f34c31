package lambdahttp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
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

// eventTexts are events of payload format 2.0 with every member that the decoder reads or
// skips.
var eventTexts = []string{
	`{"version":"2.0","routeKey":"POST /mcp","rawPath":"/mcp","rawQueryString":"a=1","cookies":["a=b"],"headers":{"x":"y,z"},
		"queryStringParameters":{"a":"1"},"pathParameters":{"p":"q"},"stageVariables":{"s":"t"},"body":"e30=","isBase64Encoded":true,
		"requestContext":{"accountId":"1","apiId":"2","domainName":"a.example","requestId":"id-1","stage":"$default","timeEpoch":5,
			"http":{"method":"POST","path":"/mcp","protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"u"},
			"authorizer":{"lambda":{"keyId":"ci","tools":"*","expires":1}}}}`,
	`{"rawPath":"/","requestContext":{"http":{"method":"GET"},"authorizer":{"iam":{"accountId":"1"}}}}`,
	`{"requestContext":{"authorizer":null}}`,
	`{}`,
	" {\t\"rawPath\" :\r\n\"/a\" , \"headers\" : { } , \"cookies\" : [ ] , \"isBase64Encoded\" : false , \"body\" : \"\" }\n",
	`{"extra":{"a":"}","b":["]",{"c":"\\"}],"d":"\"{"},"rawPath":"/after"}`,
	`{"timeEpoch":-1.5e3,"a":true,"b":false,"c":null,"d":[],"e":{},"f":[1,[2]],"rawPath":"/after"}`,
	`{"headers":{"x-é":"é","mcp-name":"a\"b\\c\/\t\u00e9\ud83d\ude00","\u0061":"1","empty":"","none":null},"rawPath":"/\u006d"}`,
	"{\"headers\":{\"a\":\"\xff\"},\"rawPath\":\"\xff\",\"body\":\"\xff\"}",
	`{"requestContext":{"http":null,"requestId":null,"domainName":null},"rawPath":null,"rawQueryString":null,"cookies":null,"headers":null,"body":null,"isBase64Encoded":null}`,
	`{"requestContext":{"authorizer":{"lambda":{"text":"\u0041","yes":true,"list":[1,"x"],"none":null,"object":{"a":1}}}}}`,
	`{"requestContext":{"authorizer":{"lambda":null,"jwt":{"claims":{"sub":"}"}}}}}`,
	`null`,
}

// An event is decoded as aws-lambda-go decodes it.
func TestEvent(t *testing.T) {
	for _, text := range eventTexts {
		var complete events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal([]byte(text), &complete); err != nil {
			t.Fatal(err)
		}
		var got lambdahttp.Event
		if err := got.UnmarshalJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		want := lambdahttp.NewEvent(complete)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s is decoded differently (-aws-lambda-go +ours):\n%s", text, diff)
		}
	}
}

// A text that is not an event is an error, which does not quote the text.
func TestNoEvent(t *testing.T) {
	for _, text := range []string{
		``, ` `, `{`, `}`, `[]`, `"secret"`, `1`, `nul`, `{"secret"`, `{"secret":`, `{"secret":}`, `{"secret" 1}`, `{"a":"secret`, `{"a":"secret\`, `{"a":[`, `{"a":{"b":"secret"}`,
		`{"a":1`, `{"a":1,`, `{1:2}`, `{} {}`, `{}secret`, `{,}`, `{"rawPath":secret}`, `{"rawPath":5}`, `{"rawPath":{}}`, `{"cookies":["a",1]}`, `{"cookies":"secret"}`,
		`{"headers":[]}`, `{"headers":{"a":1}}`, `{"headers":{"a"}}`, `{"body":1}`, `{"isBase64Encoded":"true"}`, `{"requestContext":"secret"}`,
		`{"requestContext":{"http":1}}`, `{"requestContext":{"http":{"method":1}}}`, `{"requestContext":{"authorizer":1}}`, `{"requestContext":{"authorizer":{"lambda":"secret"}}}`,
		`{"requestContext":{"authorizer":{"lambda":{"a":secret}}}}`, `{"requestContext":{"requestId":1}}`,
	} {
		var e lambdahttp.Event
		if err := e.UnmarshalJSON([]byte(text)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %+v, %v", text, e, err)
		}
	}
}

// The decoder never panics, and it decodes what encoding/json accepts in the same way.
// Texts with a repeated name, a name in another case or an escape are left out, because
// encoding/json may decode them differently.
func FuzzEvent(f *testing.F) {
	for _, text := range append(eventTexts, `{"body":"\u12"}`, `{"body":"\ud83d\u"}`, `{"body":"\`, `{"body":"\ud83d\udcz0"}`) {
		f.Add([]byte(text))
	}
	names := []string{"rawPath", "rawQueryString", "cookies", "headers", "body", "isBase64Encoded", "requestContext", "requestId", "domainName", "http", "method", "sourceIp", "authorizer", "lambda"}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got lambdahttp.Event
		err := got.UnmarshalJSON(text)
		lower := strings.ToLower(string(text))
		for _, name := range names {
			if n := strings.Count(lower, strings.ToLower(name)); n > 1 || n != strings.Count(string(text), name) {
				return
			}
		}
		if !json.Valid(text) || strings.Contains(lower, `\u`) || strings.ContainsAny(lower, "ſK") {
			return
		}
		var plain struct {
			RawPath, RawQueryString, Body string
			Cookies                       []string
			Headers                       map[string]string
			IsBase64Encoded               bool
			RequestContext                lambdahttp.RequestContext
		}
		wantErr := json.Unmarshal(text, &plain)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: error %v; encoding/json: %v", text, err, wantErr)
		}
		want := lambdahttp.NewEvent(events.APIGatewayV2HTTPRequest{
			RawPath: plain.RawPath, RawQueryString: plain.RawQueryString, Body: plain.Body, Cookies: plain.Cookies, Headers: plain.Headers, IsBase64Encoded: plain.IsBase64Encoded,
		})
		want.RequestContext = plain.RequestContext
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err == nil && diff != "" {
			t.Errorf("%q is decoded differently (-encoding/json +ours):\n%s", text, diff)
		}
	})
}

// A body is a copy, because the runtime reuses the payload's memory for the next event.
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

// Garbage is collected before a large event, and more often while it is handled.
func TestCollectionOfLargeEvents(t *testing.T) {
	read := func() int {
		percent := debug.SetGCPercent(100)
		debug.SetGCPercent(percent)
		return percent
	}
	forced := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	before := read()
	for size, want := range map[int]int{1000: before, 300 << 10: 30} {
		during, collections := 0, forced()
		h := lambdahttp.Handler(func(context.Context, lambdahttp.Event) (events.APIGatewayV2HTTPResponse, error) {
			during = read()
			return events.APIGatewayV2HTTPResponse{}, nil
		})
		if _, err := h.Invoke(t.Context(), []byte(`{"body":"`+strings.Repeat("x", size)+`"}`)); err != nil || during != want || read() != before {
			t.Errorf("%d bytes: %v, GOGC %d and %d afterwards, want %d and %d", size, err, during, read(), want, before)
		}
		if collected := forced() > collections; collected != (size > 1000) {
			t.Errorf("%d bytes: collected before: %v", size, collected)
		}
	}
}

// Invoke is what the Lambda runtime calls: JSON in, JSON out.
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
