package mcpsession

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// task starts a task whose store has this secret. handle gets all requests except
// challenges.
func task(t *testing.T, secret string, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	store := newStore(t, Options{Secret: secret, Self: server.Listener.Addr().String()})
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !store.ServePeer(w, r) {
			handle(w, r)
		}
	})
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func address(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }

// forwardKey forwards a request with a key and reports whether gone was called.
func forwardKey(t *testing.T, address string) (gone bool) {
	t.Helper()
	r := httptest.NewRequest("POST", "/mcp", strings.NewReader("{}")).WithContext(t.Context())
	r.Header.Set("X-Api-Key", "the-key")
	newStore(t, Options{Self: "10.0.0.2:8080"}).Forward(httptest.NewRecorder(), r, address, func() { gone = true })
	return gone
}

// TestForwardToAnImpostor: a program that listens where a task was does not get the
// request, whatever it does with the challenge.
func TestForwardToAnImpostor(t *testing.T) {
	living := task(t, secret, func(http.ResponseWriter, *http.Request) { t.Error("the living task got the request") })
	to, err := url.Parse(living.URL)
	if err != nil {
		t.Fatal(err)
	}
	var keys atomic.Int64
	var raw sync.WaitGroup
	impostor := func(handle http.HandlerFunc) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Api-Key") != "" {
				keys.Add(1)
			}
			handle(w, r)
		}))
		t.Cleanup(s.Close)
		return address(s)
	}
	relay := httputil.NewSingleHostReverseProxy(to)
	for name, at := range map[string]string{
		"anything":        impostor(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "yes") }),
		"nothing":         impostor(func(http.ResponseWriter, *http.Request) {}),
		"not found":       impostor(http.NotFound),
		"a living task's": impostor(relay.ServeHTTP),
		"another secret":  address(task(t, secret+"x", func(http.ResponseWriter, *http.Request) { keys.Add(1) })),
		"an endless body": impostor(func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, io.LimitReader(zeros{}, 1<<20)) }),
		"no HTTP":         rawImpostor(t, &raw, &keys, "220 ready\r\n\r\n"),
		"half a header":   rawImpostor(t, &raw, &keys, "HTTP/1.1 200 OK\r\nContent-Len"),
		"half a body":     rawImpostor(t, &raw, &keys, "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\nabc"),
	} {
		if !forwardKey(t, at) {
			t.Errorf("%s: the request was forwarded", name)
		}
	}
	raw.Wait()
	if n := keys.Load(); n > 0 {
		t.Errorf("%d requests with the key reached another program", n)
	}
	if forwardKey(t, address(task(t, secret, func(http.ResponseWriter, *http.Request) {}))) {
		t.Error("a task that has the secret is rejected")
	}
}

// rawImpostor listens at the address that it returns. It responds to the first connection
// with text and closes its side for writing. Then it reads until the other side closes the
// connection, and counts keys in the data.
func rawImpostor(t *testing.T, running *sync.WaitGroup, keys *atomic.Int64, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	running.Go(func() {
		conn, err := listener.Accept()
		if err != nil {
			return // the test has ended
		}
		defer conn.Close()
		buffer := make([]byte, 4<<10)
		conn.Read(buffer) // the challenge
		io.WriteString(conn, text)
		conn.(*net.TCPConn).CloseWrite()
		if rest, _ := io.ReadAll(conn); strings.Contains(string(rest), "the-key") {
			keys.Add(1)
		}
	})
	return listener.Addr().String()
}

// TestUnreadableProof: dialPeer returns no connection on which the other side has sent
// anything but a proof.
func TestUnreadableProof(t *testing.T) {
	store := newStore(t, Options{Self: "10.0.0.2:8080"})
	var running sync.WaitGroup
	var keys atomic.Int64
	for _, text := range []string{"", "220 ready\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\nabc"} {
		if conn, err := store.dialPeer(t.Context(), "tcp", rawImpostor(t, &running, &keys, text)); err == nil {
			conn.Close()
			t.Errorf("connected after %q", text)
		}
	}
	running.Wait()
}

// TestUnusableConnection: if a task proves its identity but closes the connection or sends
// more data, no request is sent on the connection.
func TestUnusableConnection(t *testing.T) {
	for name, test := range map[string]struct {
		header, rest string
		usable       bool
	}{
		"usable": {"", "", true}, "closes": {"Connection: close\r\n", "", false}, "sends more": {"", "HTTP/1.1 200 OK\r\n", false},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		store := newStore(t, Options{Self: listener.Addr().String()})
		served := make(chan struct{})
		go func() {
			defer close(served)
			conn, err := listener.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			r, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				t.Error(err)
				return
			}
			proof := store.prover.prove(store.o.Self, r.URL.Query().Get("challenge"))
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s%s", test.header, len(proof), proof, test.rest)
			io.Copy(io.Discard, conn) // until the other side closes it
		}()
		conn, err := store.dialPeer(t.Context(), "tcp", listener.Addr().String())
		if (err == nil) != test.usable {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			conn.Close()
		}
		<-served
		listener.Close()
	}
}

// TestInterruptedVerification: a call that ends while the other task proves its
// identity gets an error, not a connection.
func TestInterruptedVerification(t *testing.T) {
	var interrupt atomic.Pointer[context.CancelFunc]
	server := httptest.NewUnstartedServer(nil)
	store := newStore(t, Options{Self: server.Listener.Addr().String()})
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*interrupt.Load())()
		store.ServePeer(w, r)
	})
	server.Start()
	defer server.Close()
	for range 50 { // because the proof and the interruption race
		ctx, cancel := context.WithCancel(t.Context())
		interrupt.Store(&cancel)
		conn, err := store.dialPeer(ctx, "tcp", address(server))
		cancel()
		if err == nil {
			conn.Close()
			t.Fatal("connected after the call was interrupted")
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestProofBindsAddressAndChallenge: a proof is valid for one address and one challenge.
func TestProofBindsAddressAndChallenge(t *testing.T) {
	p, err := newProver(secret)
	if err != nil {
		t.Fatal(err)
	}
	first := p.prove("10.0.0.1:80", "abc")
	for _, other := range [][2]string{{"10.0.0.1:8", "0 abc"}, {"10.0.0.1:80 abc", ""}, {"10.0.0.2:80", "abc"}, {"10.0.0.1:80", "abd"}} {
		if p.prove(other[0], other[1]) == first {
			t.Errorf("%q has the same proof", other)
		}
	}
}

// TestServePeer: a store responds only to challenges, even while the task is draining.
func TestServePeer(t *testing.T) {
	s := newStore(t, Options{Self: "10.0.0.1:80"})
	for target, want := range map[string]int{
		"GET /.mcp-session-peer?challenge=abc":                        http.StatusOK,
		"GET /.mcp-session-peer":                                      http.StatusNotFound,
		"GET /.mcp-session-peer?challenge=":                           http.StatusNotFound,
		"POST /.mcp-session-peer?challenge=abc":                       http.StatusNotFound,
		"GET /.mcp-session-peer?challenge=" + strings.Repeat("x", 65): http.StatusNotFound,
		"GET /.mcp-session-peer?challenge=" + strings.Repeat("x", 64): http.StatusOK,
	} {
		method, path, _ := strings.Cut(target, " ")
		w := httptest.NewRecorder()
		w.Header().Set("Connection", "close") // as httpserver sets it
		if !s.ServePeer(w, httptest.NewRequest(method, path, nil)) || w.Code != want {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
		if w.Code == http.StatusOK && w.Header().Get("Connection") != "" {
			t.Errorf("%s: closes the connection", target)
		}
	}
	if s.ServePeer(httptest.NewRecorder(), httptest.NewRequest("GET", "/mcp", nil)) {
		t.Error("took another request")
	}
}

// TestSilentPeer: a request to a task that does not respond to the challenge ends with the
// request's context.
func TestSilentPeer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan net.Conn, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := listener.Accept(); err == nil {
			accepted <- conn
			cancel()
		}
	}()
	began := time.Now()
	r := httptest.NewRequest("POST", "/mcp", strings.NewReader("{}")).WithContext(ctx)
	gone := false
	newStore(t, Options{Self: "10.0.0.2:8080"}).Forward(httptest.NewRecorder(), r, listener.Addr().String(), func() { gone = true })
	if !gone || time.Since(began) > peerTimeout {
		t.Errorf("gone %v after %v; want the canceled request to end", gone, time.Since(began))
	}
	(<-accepted).Close()
}

// TestSilentPeerIsGivenUp: the connection to a task that does not respond is closed when
// the call ends.
func TestSilentPeerIsGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			closed <- err
			return
		}
		defer conn.Close()
		cancel()
		_, err = io.Copy(io.Discard, conn) // until the other side closes it
		closed <- err
	}()
	if conn, err := newStore(t, Options{}).dialPeer(ctx, "tcp", listener.Addr().String()); err == nil {
		conn.Close()
		t.Error("connected to a task that proved nothing")
	}
	<-closed
}
