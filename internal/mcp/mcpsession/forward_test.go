package mcpsession

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestForward(t *testing.T) {
	var got *http.Request
	owner := task(t, secret, func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusTeapot)
	})
	store := newStore(t, Options{Self: "10.0.0.2:8080"})
	forward := func(address string, header http.Header) (status int, gone bool) {
		r := httptest.NewRequest("POST", "/mcp?x=1", strings.NewReader("{}"))
		r.Header = header
		w := httptest.NewRecorder()
		store.Forward(w, r, address, func() { gone = true })
		return w.Code, gone
	}
	address := strings.TrimPrefix(owner.URL, "http://")
	if status, gone := forward(address, http.Header{"X-Api-Key": {"k"}, "Mcp-Session-Id": {"s"}}); status != http.StatusTeapot || gone {
		t.Errorf("forwarded: %d, gone %v", status, gone)
	}
	if got.URL.String() != "/mcp?x=1" || got.Header.Get("X-Api-Key") != "k" || got.Header.Get("Mcp-Session-Id") != "s" {
		t.Errorf("the owner got %s with %v", got.URL, got.Header)
	}
	header := got.Header
	got = nil
	if _, gone := forward(address, header); !gone || got != nil {
		t.Errorf("forwarded a second time: gone %v, the owner got %v", gone, got)
	}
	owner.Close()
	if _, gone := forward(address, http.Header{}); !gone {
		t.Error("gone was not called for an owner that does not listen")
	}
}

// If the owner ends during a response, the client's connection breaks, and the standard log
// gets nothing: its lines would be plain text among JSON.
func TestForwardedResponseBreaks(t *testing.T) {
	var printed bytes.Buffer
	log.SetOutput(&printed)
	defer log.SetOutput(os.Stderr)
	owner := task(t, secret, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "data: half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	store, served := newStore(t, Options{Self: "10.0.0.2:8080"}), make(chan any, 1)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			served <- recover()
			panic(http.ErrAbortHandler)
		}()
		store.Forward(w, r, strings.TrimPrefix(owner.URL, "http://"), func() { t.Error("gone") })
	}))
	defer front.Close()
	response, err := http.Get(front.URL + "/mcp")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("%q is complete", text)
	}
	if got := <-served; got != http.ErrAbortHandler || printed.Len() > 0 {
		t.Errorf("panic %v, and the standard log has %q", got, &printed)
	}
}

// Both tasks write CORS headers; the client gets them once.
func TestForwardKeepsOneCORSHeader(t *testing.T) {
	cors := func(w http.ResponseWriter) {
		w.Header().Add("Vary", "Origin")
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
	}
	owner := task(t, secret, func(w http.ResponseWriter, _ *http.Request) {
		cors(w)
		w.Header().Set("Mcp-Session-Id", "s")
	})
	w := httptest.NewRecorder()
	cors(w)
	newStore(t, Options{Self: "10.0.0.2:8080"}).Forward(w, httptest.NewRequest("POST", "/mcp", nil), strings.TrimPrefix(owner.URL, "http://"), func() { t.Error("gone") })
	for name, want := range map[string]string{"Access-Control-Allow-Origin": "https://app.example", "Vary": "Origin", "Mcp-Session-Id": "s"} {
		if d := cmp.Diff([]string{want}, w.Header().Values(name)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// A host that vanished does not close its connections. No request may be sent on one of
// them, because it would wait forever.
func TestForwardToVanishedOwner(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	owner := newStore(t, Options{Self: listener.Addr().String()})
	go func() { // responds once
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		t.Cleanup(func() { connection.Close() })
		reader := bufio.NewReader(connection)
		for range 2 { // the challenge, and the request
			r, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			w := httptest.NewRecorder()
			owner.ServePeer(w, r)
			_, _ = fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", w.Body.Len(), w.Body)
		}
	}()
	store := newStore(t, Options{Self: "10.0.0.2:8080"})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	forward := func() (gone bool) {
		r := httptest.NewRequest("POST", "/mcp", strings.NewReader("{}")).WithContext(ctx)
		store.Forward(httptest.NewRecorder(), r, listener.Addr().String(), func() { gone = true })
		return gone
	}
	if forward() {
		t.Error("gone was called for an owner that responds")
	}
	listener.Close()
	if !forward() || ctx.Err() != nil {
		t.Errorf("Forward waited for an owner that vanished: %v", ctx.Err())
	}
}

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A transport in the options replaces the verifying one.
func TestForwardWithATransport(t *testing.T) {
	store := newStore(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusTeapot, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})})
	w := httptest.NewRecorder()
	store.Forward(w, httptest.NewRequest("POST", "/mcp", nil), "10.0.0.1:1", func() { t.Error("the task is gone") })
	if w.Code != http.StatusTeapot {
		t.Errorf("status %d", w.Code)
	}
}
