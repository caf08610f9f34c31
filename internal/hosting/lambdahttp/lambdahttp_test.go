package lambdahttp_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/hosting/lambdahttp"
)

// seen holds the parts of a request that a handler got.
type seen struct {
	Method, URL, Path, Query, Host, RemoteAddr, Body string
	Header                                           http.Header
	Length                                           int64
}

func seenOf(r *http.Request) seen {
	body, _ := io.ReadAll(r.Body)
	return seen{
		Method: r.Method, URL: r.RequestURI, Path: r.URL.Path, Query: r.URL.RawQuery, Host: r.Host,
		RemoteAddr: r.RemoteAddr, Body: string(body), Header: r.Header, Length: r.ContentLength,
	}
}

// event decodes an event as the Lambda runtime does.
func event(t *testing.T, text string) lambdahttp.Event {
	t.Helper()
	var e lambdahttp.Event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRequest(t *testing.T) {
	for name, test := range map[string]struct {
		event string
		want  seen
	}{
		"as API Gateway sends it": {
			`{"version":"2.0","rawPath":"/mcp","rawQueryString":"a=1&a=2&b=%20","cookies":["one=1","two=2"],
			"headers":{"content-type":"application/json","host":"x.example","mcp-name":"Paris, France","accept":"application/json,text/event-stream"},
			"requestContext":{"domainName":"y.example","http":{"method":"POST","sourceIp":"192.0.2.1"}},"body":"{\"a\":1}"}`,
			seen{
				Method: "POST", URL: "/mcp?a=1&a=2&b=%20", Path: "/mcp", Query: "a=1&a=2&b=%20", Host: "x.example",
				RemoteAddr: "192.0.2.1:0", Body: `{"a":1}`, Length: 7,
				Header: http.Header{
					"Content-Type": {"application/json"}, "Mcp-Name": {"Paris, France"},
					"Accept": {"application/json,text/event-stream"}, "Cookie": {"one=1; two=2"},
				},
			},
		},
		"base64 body": {
			`{"rawPath":"/mcp","body":"AP/+","isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}}}`,
			seen{Method: "POST", URL: "/mcp", Path: "/mcp", Body: "\x00\xff\xfe", Length: 3, Header: http.Header{}},
		},
		"escaped path, IPv6, no Host header": {
			`{"rawPath":"/a%2Fb/c%20d","requestContext":{"domainName":"y.example","http":{"method":"GET","sourceIp":"2001:db8::1"}}}`,
			seen{Method: "GET", URL: "/a%2Fb/c%20d", Path: "/a/b/c d", Host: "y.example", RemoteAddr: "[2001:db8::1]:0", Header: http.Header{}},
		},
		"path that is not escaped": {
			`{"rawPath":"/100%/ü","requestContext":{"http":{"method":"GET"}}}`,
			seen{Method: "GET", URL: "/100%25/%C3%BC", Path: "/100%/ü", Header: http.Header{}},
		},
		"empty event": {
			`{}`,
			seen{Method: "GET", URL: "/", Path: "/", Header: http.Header{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got seen
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = seenOf(r) })
			if _, err := lambdahttp.Buffered(h, nil)(t.Context(), event(t, test.event)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", test.event, diff)
			}
		})
	}
}

func TestResponse(t *testing.T) {
	large := strings.Repeat(`"`, 300<<10)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    events.APIGatewayV2HTTPResponse
	}{
		"nothing written": {
			func(http.ResponseWriter, *http.Request) {},
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{}},
		},
		"text": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(202)
				w.WriteHeader(500)            // too late
				w.Header().Set("X-Late", "1") // too late
				_, _ = io.WriteString(w, `{"ü":1}`)
			},
			events.APIGatewayV2HTTPResponse{StatusCode: 202, Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"ü":1}`},
		},
		"status only after an informational one": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(204) },
			events.APIGatewayV2HTTPResponse{StatusCode: 204, Headers: map[string]string{}},
		},
		"cookies separate, other headers joined": {
			func(w http.ResponseWriter, _ *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
				http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
				w.Header().Add("Vary", "Origin")
				w.Header().Add("Vary", "Accept")
			},
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Vary": "Origin, Accept"}, Cookies: []string{"a=1", "b=2"}},
		},
		"binary": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("\x89PNG\r\n\x1a\n")) },
			events.APIGatewayV2HTTPResponse{
				StatusCode: 200, Headers: map[string]string{"Content-Type": "image/png"},
				Body: "iVBORw0KGgo=", IsBase64Encoded: true,
			},
		},
		"large text, which JSON encoding would double": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				_, _ = io.WriteString(w, large)
			},
			events.APIGatewayV2HTTPResponse{
				StatusCode: 200, Headers: map[string]string{"Content-Type": "text/plain"},
				Body: base64.StdEncoding.EncodeToString([]byte(large)), IsBase64Encoded: true,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := lambdahttp.Buffered(test.handler, nil)(t.Context(), lambdahttp.Event{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A handler must see that a buffered response cannot stream.
func TestWriterIsNotAFlusher(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, ok := w.(http.Flusher); ok {
			t.Error("the writer is an http.Flusher")
		}
		if err := http.NewResponseController(w).Flush(); err == nil {
			t.Error("the writer can be flushed")
		}
	})
	_, _ = lambdahttp.Buffered(h, nil)(t.Context(), lambdahttp.Event{})
}

func TestRejectedEvents(t *testing.T) {
	for name, text := range map[string]string{
		"body is not base64": `{"body":"%","isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}}}`,
		"invalid method":     `{"requestContext":{"http":{"method":"PO ST"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
			got, err := lambdahttp.Buffered(h, nil)(t.Context(), event(t, text))
			if err != nil || got.StatusCode != 400 || got.Body != `{"message":"Bad Request"}` {
				t.Errorf("%s: got %+v, %v; want 400", text, got, err)
			}
		})
	}
}

// A panic is logged with its stack; the client gets no details.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half an answer")
		panic("hunter2")
	})
	got, err := lambdahttp.Buffered(h, slog.New(slog.NewJSONHandler(&log, nil)))(t.Context(), lambdahttp.Event{})
	if err != nil || got.StatusCode != 500 || got.Body != `{"message":"Internal Server Error"}` {
		t.Errorf("got %+v, %v; want a plain 500", got, err)
	}
	if !strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), "lambdahttp_test.go") {
		t.Errorf("the log has no panic with its stack: %s", &log)
	}
}

func TestEventFrom(t *testing.T) {
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if e, ok := lambdahttp.EventFrom(r.Context()); !ok || e.RequestContext.RequestID != "id-1" {
			t.Errorf("got event %+v, %t", e, ok)
		}
	})
	_, _ = lambdahttp.Buffered(h, nil)(t.Context(), event(t, `{"requestContext":{"requestId":"id-1"}}`))
	if _, ok := lambdahttp.EventFrom(t.Context()); ok {
		t.Error("EventFrom returns an event outside Lambda")
	}
}

// FuzzBuffered checks that every event gets a status and that the body arrives as the
// handler wrote it.
func FuzzBuffered(f *testing.F) {
	f.Add("POST", "/mcp", "a=b", "x-name", "one, two", "one=1", "body", false, []byte("answer"))
	f.Add("GET", "/%zz", "%", "host", "\x00", "", "AP/+", true, []byte{0xff, 0})
	f.Fuzz(func(t *testing.T, method, path, query, name, value, cookie, body string, encoded bool, answer []byte) {
		e := events.APIGatewayV2HTTPRequest{
			RawPath: path, RawQueryString: query, Headers: map[string]string{name: value},
			Cookies: []string{cookie}, Body: body, IsBase64Encoded: encoded,
		}
		e.RequestContext.HTTP.Method = method
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header[http.CanonicalHeaderKey(name)]; http.CanonicalHeaderKey(name) != "Host" && http.CanonicalHeaderKey(name) != "Cookie" && (len(got) != 1 || got[0] != value) {
				t.Errorf("header %q is %q, want %q", name, got, value)
			}
			_, _ = w.Write(answer)
		})
		got, err := lambdahttp.Buffered(h, nil)(t.Context(), lambdahttp.NewEvent(e))
		if err != nil || got.StatusCode != 200 && got.StatusCode != 400 {
			t.Fatalf("got %+v, %v", got, err)
		}
		if got.StatusCode == 400 {
			return
		}
		arrived := []byte(got.Body)
		if got.IsBase64Encoded {
			if arrived, err = base64.StdEncoding.DecodeString(got.Body); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(arrived, answer) {
			t.Errorf("body %q arrived as %q", answer, arrived)
		}
	})
}

func BenchmarkBuffered(b *testing.B) {
	h := lambdahttp.Buffered(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }), nil)
	e := events.APIGatewayV2HTTPRequest{RawPath: "/mcp", Headers: map[string]string{"content-type": "application/json"}, Body: `{"a":1}`}
	e.RequestContext.HTTP.Method = http.MethodPost
	b.ReportAllocs()
	for b.Loop() {
		if got, _ := h(b.Context(), lambdahttp.NewEvent(e)); got.Body != e.Body {
			b.Fatal(got)
		}
	}
}
