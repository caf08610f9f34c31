package lambdahost_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/lambdahost"

	"github.com/google/go-cmp/cmp"
)

var (
	requestIDs = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	numbers    = regexp.MustCompile(`\b\d+\.\d\d ms|\b\d+ ms|Used: \d+`)
	dates      = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
)

// shape replaces what differs between runs in a log, and removes the peak memory,
// which not every operating system provides.
func shape(log string) []string {
	log = requestIDs.ReplaceAllString(log, "ID")
	log = dates.ReplaceAllString(log, "DATE")
	log = numbers.ReplaceAllString(log, "N")
	log = strings.ReplaceAll(log, "\tMax Memory N MB", "")
	return strings.Split(strings.TrimSpace(log), "\n")
}

// TestLog: the log has the lines that CloudWatch would have, for each fault.
func TestLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		do   do
		// timeout of the function; zero means the tests' default
		timeout time.Duration
		want    []string
	}{
		{
			name: "cold", do: do{},
			want: []string{
				"START RequestId: ID Version: $LATEST",
				"END RequestId: ID",
				"REPORT RequestId: ID\tDuration: N\tBilled Duration: N\tMemory Size: 256 MB\tInit Duration: N",
			},
		},
		{
			name: "output and exit", do: do{Do: "print", Text: "a line"},
			want: []string{
				"START RequestId: ID Version: $LATEST",
				"a line",
				"no line end",
				"RequestId: ID Error: Runtime exited with error: exit status 1",
				"Runtime.ExitError",
				"END RequestId: ID",
				"REPORT RequestId: ID\tDuration: N\tBilled Duration: N\tMemory Size: 256 MB\tInit Duration: N\tStatus: error\tError Type: Runtime.ExitError",
			},
		},
		{
			name: "time-out", do: do{Do: "hang"}, timeout: time.Second,
			want: []string{
				"START RequestId: ID Version: $LATEST",
				"DATE ID Task timed out after 1.00 seconds",
				"END RequestId: ID",
				"REPORT RequestId: ID\tDuration: N\tBilled Duration: N\tMemory Size: 256 MB\tInit Duration: N\tStatus: timeout",
			},
		},
		{
			name: "init exits", env: map[string]string{"INIT": "exit"}, do: do{},
			want: []string{
				"init exits",
				"INIT_REPORT Init Duration: N\tPhase: init\tStatus: error\tError Type: Runtime.ExitError",
				"START RequestId: ID Version: $LATEST",
				"init exits",
				"INIT_REPORT Init Duration: N\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError",
				"RequestId: ID Error: Runtime exited with error: exit status 3",
				"Runtime.ExitError",
				"END RequestId: ID",
				"REPORT RequestId: ID\tDuration: N\tBilled Duration: N\tMemory Size: 256 MB\tStatus: error\tError Type: Runtime.ExitError",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log := newJournal()
			f := start(t, lambdahost.Options{Log: log, Env: test.env, MemoryMB: 256, Timeout: test.timeout})
			f.Invoke(context.Background(), test.do.event())
			if diff := cmp.Diff(test.want, shape(log.String())); diff != "" {
				t.Errorf("log (-want +got):\n%s\n%s", diff, log)
			}
		})
	}
}

// TestInitFailure: the invoke repeats a failed init, as on Lambda.
func TestInitFailure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		init          string
		init1, invoke time.Duration // timeouts; zero means the default, and timeout
		want          string        // error of the invoke; empty for none
	}{
		{init: "exit", want: "Runtime.ExitError: RequestId: ID Error: Runtime exited with error: exit status 3"},
		{init: "error", want: "Runtime.NoSettings: no settings"},
		{
			init: "hang", init1: 100 * time.Millisecond, invoke: 200 * time.Millisecond,
			want: "Sandbox.Timedout: RequestId: ID Error: Task timed out after 0.20 seconds",
		},
		{init: "exit-once"},
		{init: "error-once"},
		{init: "hang-once", init1: 2 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.init, func(t *testing.T) {
			t.Parallel()
			f := start(t, lambdahost.Options{
				Env:         map[string]string{"INIT": test.init, "MARK": filepath.Join(t.TempDir(), "mark")},
				InitTimeout: test.init1, Timeout: test.invoke, MaxInstances: 1,
			})
			// Twice: a failure must not occupy an instance.
			for range 2 {
				_, err := f.Invoke(context.Background(), do{}.event())
				got := ""
				if err != nil {
					got = requestIDs.ReplaceAllString(err.Error(), "ID")
				}
				if got != test.want {
					t.Errorf("Invoke: %q, want %q", got, test.want)
				}
			}
			live := 1
			if test.want != "" {
				live = 0
			}
			if got := f.Live(); got != live {
				t.Errorf("%d running processes after the invokes, want %d", got, live)
			}
		})
	}
}

func TestMissingBinary(t *testing.T) {
	f := start(t, lambdahost.Options{Binary: filepath.Join(t.TempDir(), "bootstrap")})
	_, err := f.Invoke(context.Background(), nil)
	var fe *lambdahost.FunctionError
	if !errors.As(err, &fe) || fe.Type != lambdahost.TypeInvalidEntrypoint {
		t.Errorf("Invoke = %v, want %s", err, lambdahost.TypeInvalidEntrypoint)
	}
}

// TestFaultKillsProcessGroup: neither a timeout nor a crash leaves child processes behind.
func TestFaultKillsProcessGroup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no process groups to kill")
	}
	t.Parallel()
	for _, how := range []string{"hang with child", "exit with child"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			f := start(t, lambdahost.Options{Timeout: 2 * time.Second})
			line := listen(t)
			f.Invoke(context.Background(), do{Do: how, Text: line.address(), Dial: line.address()}.event())
			for range 2 {
				line.waitForEnd(line.accept())
			}
		})
	}
}

// TestCloseEndsProcesses: Close ends idle and busy instances, even if they ignore SIGTERM.
func TestCloseEndsProcesses(t *testing.T) {
	for _, how := range []string{"", "stay"} {
		f := start(t, lambdahost.Options{
			Env: map[string]string{"INIT": how}, Timeout: time.Hour, Grace: 10 * time.Millisecond,
		})
		line := listen(t)
		failed := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := f.Invoke(context.Background(), do{Do: "hang", Dial: line.address()}.event())
				failed <- err
			}()
		}
		conns := []net.Conn{line.accept(), line.accept()}
		call(t, f, do{Dial: line.address()})
		conns = append(conns, line.accept())
		f.Close()
		for _, conn := range conns {
			line.waitForEnd(conn)
		}
		for range 2 {
			if err := <-failed; !errors.Is(err, lambdahost.ErrClosed) {
				t.Errorf("INIT %q: running invoke: %v, want %v", how, err, lambdahost.ErrClosed)
			}
		}
		if _, err := f.Invoke(context.Background(), nil); !errors.Is(err, lambdahost.ErrClosed) {
			t.Errorf("INIT %q: Invoke after Close: %v, want %v", how, err, lambdahost.ErrClosed)
		}
	}
}

func TestCloseSendsSIGTERM(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	log := newJournal()
	f := start(t, lambdahost.Options{Log: log, Env: map[string]string{"INIT": "say goodbye"}, Grace: timeout})
	call(t, f, do{})
	f.Close()
	if !strings.Contains(log.String(), "goodbye") {
		t.Errorf("log:\n%s", log)
	}
}
