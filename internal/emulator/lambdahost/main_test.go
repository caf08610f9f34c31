package lambdahost_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/emulator/lambdahost"
)

// timeout is how long a test waits for an event; only failing tests reach it.
const timeout = 2 * time.Minute

// binary is testdata/function, built once with the flags of a deployment, for
// this machine.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	switch {
	case os.Getenv("LAMBDAHOST_TEST_PARENT") != "":
		return parent()
	case os.Getenv("LAMBDAHOST_TEST_ATTACK") != "":
		return attack(strings.Fields(os.Getenv("LAMBDAHOST_TEST_ATTACK")))
	}
	dir, err := os.MkdirTemp("", "lambdahost")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Stat("testdata/function/main.go") // so that a change invalidates the test cache
	o := bundle.Options{
		Root: "../../..", Folder: "internal/emulator/lambdahost/testdata", Names: []string{"function"},
		Out: dir, GOOS: runtime.GOOS, GOARCH: runtime.GOARCH,
	}
	if err := bundle.Run(context.Background(), o); err != nil {
		fmt.Fprintf(os.Stderr, "build the test function: %v\n", err)
		return 1
	}
	binary = o.Path("function")
	return m.Run()
}

// do is an event for the test function.
type do struct {
	Do   string `json:"do"`
	Text string `json:"text,omitempty"`
	Dial string `json:"dial,omitempty"`
	Size int    `json:"size,omitempty"`
}

// response is what the test function returns.
type response struct {
	Text     string
	Calls    int
	Binary   string
	PID      int
	Context  map[string]string
	Environ  []string
	Deadline int64
}

func (d do) event() []byte {
	b, _ := json.Marshal(d) // strings and a number always marshal
	return b
}

// start returns a function that runs the test binary until the test ends.
func start(t testing.TB, o lambdahost.Options) *lambdahost.Function {
	t.Helper()
	o.Name = "echo"
	if o.Binary == "" {
		o.Binary = binary
	}
	if o.Timeout == 0 {
		o.Timeout = timeout
	}
	f := lambdahost.New(o)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return f
}

// call invokes the function, which must succeed. A failure does not stop the test,
// so call may run in goroutines.
func call(t testing.TB, f *lambdahost.Function, d do) (a response) {
	t.Helper()
	out, err := f.Invoke(context.Background(), d.event())
	if err != nil {
		t.Errorf("Invoke(%s): %v", d.event(), err)
		return a
	}
	if err := json.Unmarshal(out, &a); err != nil {
		t.Errorf("Invoke(%s) = %q: %v", d.event(), out, err)
	}
	return a
}

// line is a listener that test functions connect to. They keep the connection
// open until they exit.
type line struct {
	t *testing.T
	net.Listener
}

func listen(t *testing.T) line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	l.(*net.TCPListener).SetDeadline(time.Now().Add(timeout))
	return line{t, l}
}

func (l line) address() string { return l.Addr().String() }

// accept waits for a connection.
func (l line) accept() net.Conn {
	l.t.Helper()
	conn, err := l.Accept()
	if err != nil {
		l.t.Fatalf("the function did not connect: %v", err)
	}
	l.t.Cleanup(func() { conn.Close() })
	return conn
}

// waitForEnd waits until the process at the other end has exited.
func (l line) waitForEnd(conn net.Conn) {
	l.t.Helper()
	conn.SetReadDeadline(time.Now().Add(timeout))
	_, err := io.Copy(io.Discard, conn)
	if err, ok := err.(net.Error); ok && err.Timeout() {
		l.t.Fatal("the process survives")
	}
}

// journal is a log that tests can wait on.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan struct{}
}

func newJournal() *journal { return &journal{news: make(chan struct{}, 1)} }

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	select {
	case j.news <- struct{}{}:
	default:
	}
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// waitFor waits until the log contains text.
func (j *journal) waitFor(t *testing.T, text string) {
	t.Helper()
	limit := time.After(timeout)
	for !strings.Contains(j.String(), text) {
		select {
		case <-j.news:
		case <-limit:
			t.Fatalf("log lacks %q:\n%s", text, j)
		}
	}
}

// parent is the test program in a child process: it hosts a function that hangs
// until TestKilledParent kills it.
func parent() int {
	f := lambdahost.New(lambdahost.Options{Name: "echo", Binary: os.Getenv("LAMBDAHOST_TEST_BINARY"), Timeout: timeout})
	f.Invoke(context.Background(), do{Do: "hang", Dial: os.Getenv("LAMBDAHOST_TEST_PARENT")}.event())
	return 1
}
