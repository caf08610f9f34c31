package taskhost_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/taskhost"
)

// TestMain runs the test binary as the tasks' program if TASKHOST_TEST is set.
func TestMain(m *testing.M) {
	if what := os.Getenv("TASKHOST_TEST"); what != "" {
		serve(what)
		return
	}
	os.Exit(m.Run())
}

// serve responds with the process id and stops like mcpd.
func serve(what string) {
	if what == "exit" {
		fmt.Println("no such table")
		os.Exit(3)
	}
	if what == "deaf" {
		select {}
	}
	if gate := os.Getenv("GATE"); gate != "" {
		waitFor(gate)
	}
	listener, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/environ":
			fmt.Fprintln(w, strings.Join(os.Environ(), "\n"))
		case "/program":
			fmt.Fprint(w, os.Args[0], " ")
		case "/exit":
			os.Exit(4)
		case "/slow":
			time.Sleep(50 * time.Millisecond)
		case "/ticks":
			io.Copy(io.Discard, io.LimitReader(r.Body, 100))
			for range 5 {
				fmt.Fprintln(w, "tick")
				w.(http.Flusher).Flush()
			}
		case "/hold":
			w.(http.Flusher).Flush()
			<-r.Context().Done() // until the client disconnects
			fmt.Println("the client disconnected")
		}
		fmt.Fprint(w, os.Getpid(), " ", r.Host, " ", r.Header.Get("X-Forwarded-For"))
	})}
	fmt.Printf(`{"message":"listening","address":%q}`+"\n", listener.Addr())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go server.Serve(listener)
	<-stop
	server.Shutdown(context.Background())
}

// waitFor connects to an address and waits until the other side closes the connection.
func waitFor(address string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, conn)
	conn.Close()
}

// journal is a log that tests can read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// running is a service with its URL and log.
type running struct {
	*taskhost.Service
	url string
	log *journal
}

func start(t *testing.T, o taskhost.Options) *running {
	t.Helper()
	log := &journal{}
	o.Binary, o.Log, o.RestartDelay = os.Args[0], log, cmp.Or(o.RestartDelay, time.Millisecond)
	if o.Env == nil {
		o.Env = map[string]string{}
	}
	o.Env["TASKHOST_TEST"] = "serve"
	s, err := taskhost.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("log:\n%s", log)
		}
	})
	return &running{s, server.URL, log}
}
