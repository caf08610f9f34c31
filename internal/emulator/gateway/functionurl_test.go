package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/test/golden"
)

const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00"

// stream is a StreamInvoker whose response is a pipe.
type stream struct {
	contentType string
	err         error
	started     chan started
}

type started struct {
	ctx   context.Context
	event []byte
	w     *io.PipeWriter
}

func newStream() *stream {
	return &stream{contentType: integrationResponse, started: make(chan started, 1)}
}

func (s *stream) InvokeStream(ctx context.Context, event []byte) (string, io.ReadCloser, error) {
	r, w := io.Pipe()
	s.started <- started{ctx, event, w}
	if s.err != nil {
		return "", nil, s.err // as lambdahost does
	}
	return s.contentType, r, nil
}

// respond writes the whole response of the stream's next call.
func respond(s *stream, response string, end error) {
	go func() {
		w := (<-s.started).w
		io.WriteString(w, response)
		w.CloseWithError(end)
	}()
}

// TestStreamsChunkByChunk: each chunk arrives before the next one is written.
func TestStreamsChunkByChunk(t *testing.T) {
	s := newStream()
	srv := httptest.NewServer(NewFunctionURL(FunctionURL{Function: s}))
	defer srv.Close()
	head := make(chan *http.Response, 1)
	go func() {
		res, err := http.Get(srv.URL)
		if err != nil {
			t.Error(err)
		}
		head <- res
	}()
	f := <-s.started
	io.WriteString(f.w, `{"statusCode":201,"headers":{"content-type":"text/event-stream","x-a":"1"},"cookies":["c=1","d=2"]}`+zeros)
	res := <-head // arrives with the prelude alone
	defer res.Body.Close()
	if res.StatusCode != 201 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("X-A") != "1" ||
		len(res.Header.Values("Set-Cookie")) != 2 || res.Header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("got %d %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewReader(res.Body)
	for _, want := range []string{"one\n", "two\x00\n", "three\n"} {
		io.WriteString(f.w, want)
		if got, err := lines.ReadString('\n'); got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	f.w.Close()
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v after the end", rest, err)
	}
}

// TestClientDisconnects: the function's context is not canceled, and its
// output is read until the connection is known to be closed.
func TestClientDisconnects(t *testing.T) {
	s := newStream()
	srv := httptest.NewServer(NewFunctionURL(FunctionURL{Function: s}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		r, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
		if res, err := http.DefaultClient.Do(r); err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	}()
	f := <-s.started
	io.WriteString(f.w, `{}`+zeros)
	cancel()
	<-gone
	for { // until the gateway has noticed and closed the body
		if _, err := io.WriteString(f.w, strings.Repeat("x", 64<<10)); err != nil {
			break
		}
	}
	if err := f.ctx.Err(); err != nil {
		t.Errorf("the function was canceled: %v", err)
	}
}

func TestFunctionURLResponses(t *testing.T) {
	noCapacity := errors.New("busy")
	tests := []struct {
		name        string
		contentType string
		response    string
		end         error // instead of io.EOF
		err         error // of the invoke
		status      int   // zero means a broken connection
		body        string
		header      string // content type
	}{
		{"empty prelude", integrationResponse, `{}` + zeros + "x", nil, nil, 200, "x", "application/octet-stream"},
		{"the function's length is ignored", integrationResponse, `{"headers":{"content-length":"99"}}` + zeros + "x", nil, nil, 200, "x", "application/octet-stream"},
		{"no body", integrationResponse, `{"statusCode":204}` + zeros, nil, nil, 204, "", "application/octet-stream"},
		{"plain stream", "text/plain", "hello", nil, nil, 200, "hello", "text/plain"},
		{"no end of prelude", integrationResponse, `{"statusCode":200}`, nil, nil, 502, `{"message":"Internal Server Error"}`, "application/json"},
		{"endless prelude", integrationResponse, `{}` + strings.Repeat(" ", maxPrelude) + zeros, nil, nil, 502, `{"message":"Internal Server Error"}`, "application/json"},
		{"prelude is not JSON", integrationResponse, `<html>` + zeros, nil, nil, 502, `{"message":"Internal Server Error"}`, "application/json"},
		{"prelude with a bad status", integrationResponse, `{"statusCode":99}` + zeros, nil, nil, 502, `{"message":"Internal Server Error"}`, "application/json"},
		{"function fails immediately", integrationResponse, "", nil, errors.New("secret stack"), 502, `{"message":"Internal Server Error"}`, "application/json"},
		{"no capacity", integrationResponse, "", nil, noCapacity, 429, `{"message":"Too Many Requests"}`, "application/json"},
		{"function fails midway", integrationResponse, `{}` + zeros + "part", errors.New("secret stack"), nil, 0, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStream()
			s.contentType, s.err = tt.contentType, tt.err
			srv := httptest.NewServer(NewFunctionURL(FunctionURL{Function: s, Unavailable: func(err error) bool { return err == noCapacity }}))
			defer srv.Close()
			respond(s, tt.response, tt.end)
			res, err := http.Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if tt.status == 0 {
				if err == nil {
					t.Errorf("the client took a truncated response for a complete one: %q", body)
				}
				return
			}
			if err != nil || res.StatusCode != tt.status || string(body) != tt.body || res.Header.Get("Content-Type") != tt.header {
				t.Errorf("got %d %s %q, %v", res.StatusCode, res.Header.Get("Content-Type"), body, err)
			}
		})
	}
}

// TestFunctionURLErrors: a function without a response gets exactly one response of the
// Function URL, with a request id.
func TestFunctionURLErrors(t *testing.T) {
	busy := errors.New("busy")
	for err, want := range map[error]string{busy: `429 {"message":"Too Many Requests"}`, errors.New("failed"): `502 {"message":"Internal Server Error"}`} {
		s := newStream()
		s.err = err
		h := NewFunctionURL(FunctionURL{Function: s, Unavailable: func(err error) bool { return err == busy }, RequestID: func() string { return "the-id" }})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/mcp", strings.NewReader("{}"))) // panics if it uses the missing stream
		if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != want || w.Header().Get("X-Amzn-Requestid") != "the-id" {
			t.Errorf("%v: %s with the id %q, want %s", err, got, w.Header().Get("X-Amzn-Requestid"), want)
		}
	}
	w := httptest.NewRecorder()
	NewFunctionURL(FunctionURL{Function: newStream()}).ServeHTTP(w, httptest.NewRequest("POST", "/mcp", strings.NewReader(strings.Repeat("x", maxEventBytes+1))))
	if w.Code != http.StatusRequestEntityTooLarge || w.Header().Get("X-Amzn-Requestid") == "" {
		t.Errorf("a body over the limit: %d", w.Code)
	}
}

func TestFunctionURLEvent(t *testing.T) {
	s := newStream()
	answered := make(chan []byte, 1)
	go func() {
		f := <-s.started
		answered <- f.event
		io.WriteString(f.w, `{}`+zeros)
		f.w.Close()
	}()
	serve(NewFunctionURL(FunctionURL{
		Function:  s,
		ID:        "abc",
		RequestID: func() string { return "00000000-0000-4000-8000-000000000000" },
		Now:       func() time.Time { return time.Date(2026, 11, 21, 9, 20, 1, 0, time.UTC) },
	}), request("POST", "https://abc.lambda-url.us-east-1.on.aws/mcp/x%20y?a=1&a=2", "\x00",
		"Cookie", "session=1", "X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"))
	golden.CheckJSON(t, "testdata/functionurl.golden", json.RawMessage(<-answered))
}

func TestFunctionURLLimitAndCORS(t *testing.T) {
	s := newStream()
	h := NewFunctionURL(FunctionURL{Function: s, CORS: &CORS{AllowOrigins: []string{"https://a"}, AllowMethods: []string{"POST"}, ExposeHeaders: []string{"x"}}})
	if res := serve(h, request("POST", "/", strings.Repeat("a", 6<<20+1))); res.StatusCode != 413 {
		t.Errorf("body over 6 MB: got %d", res.StatusCode)
	}
	if res := serve(h, request("POST", "/", strings.Repeat("a", 5<<20))); res.StatusCode != 413 { // base64 makes it 6.7 MB
		t.Errorf("event over 6 MB: got %d", res.StatusCode)
	}
	res := serve(h, request("OPTIONS", "/", "", "Origin", "https://a", "Access-Control-Request-Method", "POST"))
	want := map[string]string{"Access-Control-Allow-Origin": "https://a", "Access-Control-Allow-Methods": "POST"}
	if diff := cmp.Diff(want, corsHeaders(res.Header)); res.StatusCode != 200 || diff != "" {
		t.Errorf("preflight: got %d (-want +got):\n%s", res.StatusCode, diff)
	}
	if len(s.started) != 0 {
		t.Error("the function was called")
	}
	respond(s, `{"headers":{"access-control-allow-origin":"*"}}`+zeros, nil)
	res = serve(h, request("GET", "/", "", "Origin", "https://a"))
	want = map[string]string{"Access-Control-Allow-Origin": "https://a", "Access-Control-Expose-Headers": "x"}
	if diff := cmp.Diff(want, corsHeaders(res.Header)); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
}
