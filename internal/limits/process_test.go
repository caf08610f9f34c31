package limits_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/limits"
	"serverless-mcp/internal/metrics"
)

// tableURL is the environment variable that makes this program count calls in the table
// at that URL instead of running tests.
const tableURL = "LIMITS_TEST_TABLE_URL"

func TestMain(m *testing.M) {
	if url := os.Getenv(tableURL); url != "" {
		if err := countCalls(url, os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// batch is a number of concurrent calls of alice, and the time at which they are made.
type batch struct{ Unix, Calls, Minute, Day int64 }

// countCalls makes the calls of each batch in stdin and prints how many passed. stderr
// is the log, with metrics.
func countCalls(url string, stdin io.Reader, stdout, stderr io.Writer) error {
	var now atomic.Int64
	counter := limits.New(limits.Options{
		Client: limits.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}),
		Table:  "limits", Timeout: time.Minute, Now: func() time.Time { return time.Unix(now.Load(), 0) },
		Log: logs.NewWithMetrics(stderr, slog.LevelError, metrics.Options{Server: "S"}),
	})
	for batches := json.NewDecoder(stdin); ; {
		var b batch
		if err := batches.Decode(&b); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		now.Store(b.Unix)
		var passed atomic.Int64
		var calls sync.WaitGroup
		for range b.Calls {
			calls.Go(func() {
				if counter.Count(context.Background(), principal(int(b.Minute), int(b.Day))) == nil {
					passed.Add(1)
				}
			})
		}
		calls.Wait()
		if _, err := fmt.Fprintln(stdout, passed.Load()); err != nil {
			return err
		}
	}
}

// process is a second process of this program that counts calls.
type process struct {
	batches *json.Encoder
	passed  *bufio.Reader
	log     *logged
	end     func() error
}

func startProcess(t *testing.T, url string) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), tableURL+"="+url)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{batches: json.NewEncoder(stdin), passed: bufio.NewReader(stdout), log: &logged{}}
	cmd.Stderr = p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.end = sync.OnceValue(func() error {
		stdin.Close()
		return cmd.Wait()
	})
	t.Cleanup(func() { _ = p.end() })
	return p
}

// together makes calls in all processes at once, and returns how many passed.
func together(t *testing.T, processes []*process, b batch) (all int) {
	t.Helper()
	for _, p := range processes {
		if err := p.batches.Encode(b); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range processes {
		var n int
		if _, err := fmt.Fscanln(p.passed, &n); err != nil {
			t.Fatalf("read the result of a process: %v\n%s", err, p.log)
		}
		all += n
	}
	return all
}

// TestExactlyTheLimitAcrossProcesses: of 100 concurrent calls in each minute, by four
// operating system processes, exactly as many pass as the limits allow. Without the
// table all pass, and a metric counts them.
func TestExactlyTheLimitAcrossProcesses(t *testing.T) {
	w := newWorld(t)
	var processes []*process
	for range 4 {
		processes = append(processes, startProcess(t, w.url))
	}
	b := batch{Calls: 25, Minute: 30, Day: 75}
	next := func(after time.Duration) batch {
		b.Unix = w.now.Add(int64(after / time.Second))
		return b
	}
	for minute, want := range []int{30, 30, 15, 0} {
		if got := together(t, processes, next(time.Minute)); got != want {
			t.Errorf("minute %d: %d of 100 calls passed, want %d", minute, got, want)
		}
	}
	if got := together(t, processes, next(24*time.Hour)); got != 30 {
		t.Errorf("the next day: %d of 100 calls passed, want 30", got)
	}
	w.fault.Store(&awsfake.Fault{Hangup: true})
	if got := together(t, processes, next(time.Minute)); got != 100 {
		t.Errorf("without the table: %d of 100 calls passed, want all", got)
	}
	counted := 0
	for _, p := range processes {
		if err := p.end(); err != nil {
			t.Errorf("a process ended with %v", err)
		}
		counted += strings.Count(p.log.String(), `"Metrics":[{"Name":"LimitsUnavailable","Unit":"Count"}]`)
	}
	if counted != 100 {
		t.Errorf("the metric LimitsUnavailable counts %d of the 100 calls that were not counted", counted)
	}
}
