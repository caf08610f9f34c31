package lambdahost_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/lambdahost"
)

// patience is how long a test waits for what must happen; it is reached only by
// a test that fails.
const patience = 30 * time.Second

// binary is testdata/function, built once as functions are built for
// deployment, but for this machine.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv("LAMBDAHOST_TEST_PARENT") != "" {
		return parent()
	}
	dir, err := os.MkdirTemp("", "lambdahost")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "first")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	os.Stat("testdata/function/main.go") // so that go test notes a change
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc",
		"-ldflags", "-s -w -buildid=", "-o", binary, "./testdata/function")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the test function: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// do is an event for the test function.
type do struct {
	Do   string `json:"do"`
	Text string `json:"text,omitempty"`
	Dial string `json:"dial,omitempty"`
	Size int    `json:"size,omitempty"`
}

// answer is what the test function answers.
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

// start makes a function from the test binary and closes it with the test.
func start(t testing.TB, o lambdahost.Options) *lambdahost.Function {
	t.Helper()
	o.Name = "echo"
	if o.Binary == "" {
		o.Binary = binary
	}
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	f := lambdahost.New(o)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return f
}

// call must succeed. It may be called in goroutines, so a failure does not end
// the test.
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

// line is a place that test functions dial: they hold on to the connection
// until they die.
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
	l.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	return line{t, l}
}

func (l line) address() string { return l.Addr().String() }

// accept waits for a call.
func (l line) accept() net.Conn {
	l.t.Helper()
	conn, err := l.Accept()
	if err != nil {
		l.t.Fatalf("the function did not call: %v", err)
	}
	l.t.Cleanup(func() { conn.Close() })
	return conn
}

// waitForEnd waits until the process at the other side is gone.
func (l line) waitForEnd(conn net.Conn) {
	l.t.Helper()
	conn.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, conn)
	if err, ok := err.(net.Error); ok && err.Timeout() {
		l.t.Fatal("the process survives")
	}
}

// journal is a log that can be waited on.
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

// waitFor waits until the log has text.
func (j *journal) waitFor(t *testing.T, text string) {
	t.Helper()
	limit := time.After(patience)
	for !strings.Contains(j.String(), text) {
		select {
		case <-j.news:
		case <-limit:
			t.Fatalf("log lacks %q:\n%s", text, j)
		}
	}
}

// parent is another run of the test program: it hosts a function that hangs,
// and waits to be killed (see TestKilledParent).
func parent() int {
	f := lambdahost.New(lambdahost.Options{Name: "echo", Binary: os.Getenv("LAMBDAHOST_TEST_BINARY"), Timeout: patience})
	f.Invoke(context.Background(), do{Do: "hang", Dial: os.Getenv("LAMBDAHOST_TEST_PARENT")}.event())
	return 1
}
