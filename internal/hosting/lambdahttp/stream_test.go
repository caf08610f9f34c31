package lambdahttp_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/hosting/lambdahttp"
)

// stream responds to one event and removes the head from the response.
func stream(t *testing.T, h http.HandlerFunc, log *slog.Logger) *events.LambdaFunctionURLStreamingResponse {
	t.Helper()
	got, err := lambdahttp.Streaming(h, log)(t.Context(), lambdahttp.Event{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestStreamedResponse(t *testing.T) {
	type answer struct {
		Status  int
		Headers map[string]string
		Cookies []string
		Body    string
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    answer
	}{
		"nothing written": {
			func(http.ResponseWriter, *http.Request) {},
			answer{Status: 200, Headers: map[string]string{}},
		},
		"status only, after an informational one": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(103)
				w.WriteHeader(204)
				w.WriteHeader(500)
			},
			answer{Status: 204, Headers: map[string]string{}},
		},
		"later headers are ignored": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				w.(http.Flusher).Flush()
				w.Header().Set("X-Late", "1")
				_, _ = io.WriteString(w, "one ")
				_, _ = io.WriteString(w, "two")
			},
			answer{Status: 200, Headers: map[string]string{"Content-Type": "text/event-stream"}, Body: "one two"},
		},
		"cookies separate, other headers joined": {
			func(w http.ResponseWriter, _ *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
				http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
				w.Header().Add("Vary", "Origin")
				w.Header().Add("Vary", "Accept")
			},
			answer{Status: 200, Headers: map[string]string{"Vary": "Origin, Accept"}, Cookies: []string{"a=1", "b=2"}},
		},
		"binary, unchanged": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("\x89PNG\r\n\x1a\n")) },
			answer{Status: 200, Headers: map[string]string{"Content-Type": "image/png"}, Body: "\x89PNG\r\n\x1a\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			response := stream(t, test.handler, nil)
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			got := answer{response.StatusCode, response.Headers, response.Cookies, string(body)}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The request is the same as that of a buffered function, cookies included.
func TestStreamedRequest(t *testing.T) {
	const text = `{"rawPath":"/mcp","rawQueryString":"a=1","cookies":["one=1","two=2"],"body":"AP/+","isBase64Encoded":true,
		"headers":{"host":"x.example","mcp-name":"Paris, France"},"requestContext":{"http":{"method":"POST","sourceIp":"192.0.2.1"}}}`
	var want, got seen
	_, _ = lambdahttp.Buffered(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { want = seenOf(r) }), nil)(t.Context(), event(t, text))
	response, err := lambdahttp.Streaming(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = seenOf(r) }), nil)(t.Context(), event(t, text))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(response.Body)
	if diff := cmp.Diff(want, got); diff != "" || got.Header.Get("Cookie") != "one=1; two=2" {
		t.Errorf("(-buffered +streamed)\n%s", diff)
	}
}

// Each part can be read before the handler writes the next one.
func TestStreamsAtOnce(t *testing.T) {
	next := make(chan struct{})
	response := stream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		for _, part := range []string{"one", "two"} {
			<-next
			_, _ = io.WriteString(w, part)
		}
		<-next
	}, nil)
	if response.StatusCode != http.StatusAccepted {
		t.Errorf("status %d before the body, want 202", response.StatusCode)
	}
	for _, want := range []string{"one", "two"} {
		next <- struct{}{}
		part := make([]byte, len(want))
		if _, err := io.ReadFull(response.Body, part); err != nil || string(part) != want {
			t.Fatalf("part %q, %v; want %q", part, err, want)
		}
	}
	next <- struct{}{}
	if n, err := response.Body.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the handler's end: %d bytes, %v; want io.EOF", n, err)
	}
}

// A runtime that stops reading does not block the handler.
func TestStreamReaderGone(t *testing.T) {
	ended := make(chan error)
	response := stream(t, func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, "unread")
		ended <- err
	}, nil)
	if err := response.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the write succeeded")
	}
}

func TestStreamPanics(t *testing.T) {
	for name, test := range map[string]struct {
		before string
		with   any
		status int
		body   string
		end    error
		logged bool
	}{
		"before the head":      {"", "hunter2", 500, `{"message":"Internal Server Error"}`, nil, true},
		"in the middle":        {"half", "hunter2", 200, "half", lambdahttp.ErrTruncated, true},
		"http.ErrAbortHandler": {"half", http.ErrAbortHandler, 200, "half", lambdahttp.ErrTruncated, false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			response := stream(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.before != "" {
					_, _ = io.WriteString(w, test.before)
				}
				panic(test.with)
			}, slog.New(slog.NewJSONHandler(&log, nil)))
			body, err := io.ReadAll(response.Body)
			if response.StatusCode != test.status || string(body) != test.body || !errors.Is(err, test.end) {
				t.Errorf("got %d %q, %v; want %d %q, %v", response.StatusCode, body, err, test.status, test.body, test.end)
			}
			if logged := strings.Contains(log.String(), "stream_test.go"); logged != test.logged {
				t.Errorf("the panic with its stack is in the log: %t, want %t: %s", logged, test.logged, &log)
			}
		})
	}
}

func TestStreamRejectsEvents(t *testing.T) {
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
	got, err := lambdahttp.Streaming(h, nil)(t.Context(), event(t, `{"body":"%","isBase64Encoded":true}`))
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(got.Body); got.StatusCode != 400 || string(body) != `{"message":"Bad Request"}` {
		t.Errorf("got %d %s; want 400", got.StatusCode, body)
	}
}
