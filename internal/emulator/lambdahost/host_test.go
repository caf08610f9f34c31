package lambdahost_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/lambdahost"

	"github.com/google/go-cmp/cmp"
)

func TestInvoke(t *testing.T) {
	f := start(t, lambdahost.Options{})
	for i := 1; i <= 3; i++ {
		got := call(t, f, do{Text: "hello"})
		if want := (response{Text: "hello", Calls: i, Binary: filepath.Base(binary), PID: got.PID}); !cmp.Equal(got, want) {
			t.Fatalf("call %d (-want +got):\n%s", i, cmp.Diff(want, got))
		}
	}
}

// TestFunctionError: the caller gets the error that Lambda would return, and the
// next call works.
func TestFunctionError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		do      do
		timeout time.Duration
		kind    string
		message string // ID stands for the request id
		fresh   bool   // the next call gets a new process
	}{
		{name: "error", do: do{Do: "error", Text: "no luck"}, kind: "errorString", message: "no luck"},
		{name: "panic", do: do{Do: "panic", Text: "oops"}, kind: "string", message: "oops", fresh: true},
		{
			name: "exit 7", do: do{Do: "exit", Size: 7}, fresh: true,
			kind: lambdahost.TypeExit, message: "RequestId: ID Error: Runtime exited with error: exit status 7",
		},
		{
			name: "exit 0", do: do{Do: "exit"}, fresh: true,
			kind: lambdahost.TypeExit, message: "RequestId: ID Error: Runtime exited without providing a reason",
		},
		{
			name: "hang", do: do{Do: "hang"}, timeout: time.Second, fresh: true,
			kind: lambdahost.TypeTimeout, message: "RequestId: ID Error: Task timed out after 1.00 seconds",
		},
		{
			name: "response too large", do: do{Do: "big", Size: lambdahost.MaxResponseBytes + 1}, fresh: true,
			kind: lambdahost.TypeResponseTooLarge, message: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, lambdahost.Options{Timeout: test.timeout, MaxInstances: 1})
			call(t, f, do{})
			_, err := f.Invoke(context.Background(), test.do.event())
			var fe *lambdahost.FunctionError
			if !errors.As(err, &fe) {
				t.Fatalf("Invoke = %v, want a FunctionError", err)
			}
			message := requestIDs.ReplaceAllString(fe.Message, "ID")
			if fe.Type != test.kind || message != test.message {
				t.Errorf("got %q: %q\nwant %q: %q", fe.Type, message, test.kind, test.message)
			}
			var payload struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(fe.Payload, &payload); err != nil || payload.ErrorType != fe.Type || payload.ErrorMessage != fe.Message {
				t.Errorf("payload %s does not contain %q, %q (%v)", fe.Payload, fe.Type, fe.Message, err)
			}
			if errors.Is(err, lambdahost.ErrTimeout) != (test.kind == lambdahost.TypeTimeout) {
				t.Errorf("errors.Is(%v, ErrTimeout) is wrong", err)
			}
			want := 3
			if test.fresh {
				want = 1
			}
			if got := call(t, f, do{}).Calls; got != want {
				t.Errorf("the next call is number %d of its process, want %d", got, want)
			}
		})
	}
}

func TestRuntimeAPIGuards(t *testing.T) {
	f := start(t, lambdahost.Options{})
	for what, want := range map[string]string{"next": "403 Forbidden", "wrong id": "400 Bad Request"} {
		if got := call(t, f, do{Do: what}).Text; got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
}

func TestPayloadLimits(t *testing.T) {
	f := start(t, lambdahost.Options{})
	fits := do{Text: strings.Repeat("x", lambdahost.MaxRequestBytes-len(do{Text: "x"}.event())+1)}
	if n := len(fits.event()); n != lambdahost.MaxRequestBytes {
		t.Fatalf("event of %d bytes", n)
	}
	if got := call(t, f, fits).Text; got != fits.Text {
		t.Errorf("the largest event was returned with %d bytes of %d", len(got), len(fits.Text))
	}
	fits.Text += "x"
	if _, err := f.Invoke(context.Background(), fits.event()); !errors.Is(err, lambdahost.ErrTooLarge) {
		t.Errorf("event over the limit: %v, want %v", err, lambdahost.ErrTooLarge)
	}
	out, err := f.Invoke(context.Background(), do{Do: "big", Size: lambdahost.MaxResponseBytes}.event())
	if err != nil || len(out) != lambdahost.MaxResponseBytes {
		t.Errorf("largest response: %d bytes, %v", len(out), err)
	}
}

func TestConcurrentCalls(t *testing.T) {
	const calls = 50
	f := start(t, lambdahost.Options{MaxInstances: calls})
	var group sync.WaitGroup
	for i := range calls {
		group.Go(func() {
			text := strings.Repeat("x", i)
			out, err := f.Invoke(context.Background(), do{Text: text}.event())
			var got response
			if json.Unmarshal(out, &got); err != nil || got.Text != text {
				t.Errorf("call %d: %q, %v", i, out, err)
			}
		})
	}
	group.Wait()
}

func TestThrottled(t *testing.T) {
	f := start(t, lambdahost.Options{MaxInstances: 2})
	line := listen(t)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { f.Invoke(context.Background(), do{Do: "wait", Text: line.address()}.event()) })
	}
	first, second := line.accept(), line.accept()
	if _, err := f.Invoke(context.Background(), do{}.event()); !errors.Is(err, lambdahost.ErrThrottled) {
		t.Errorf("third concurrent call: %v, want %v", err, lambdahost.ErrThrottled)
	}
	first.Close()
	second.Close()
	group.Wait()
	if got := call(t, f, do{}).Calls; got != 2 {
		t.Errorf("call %d of its process, want an idle instance to be reused", got)
	}
}

// TestMostRecentFirst: of two idle instances, the one used last serves the next
// call.
func TestMostRecentFirst(t *testing.T) {
	f := start(t, lambdahost.Options{})
	line := listen(t)
	wait := func() (chan response, net.Conn) {
		done := make(chan response, 1)
		go func() { done <- call(t, f, do{Do: "wait", Text: line.address()}) }()
		return done, line.accept()
	}
	first, hold1 := wait()
	second, hold2 := wait()
	for range 2 { // both orders
		hold1.Close()
		<-first
		hold2.Close()
		last := <-second
		if got := call(t, f, do{}).PID; got != last.PID {
			t.Errorf("process %d responded, %d was used last", got, last.PID)
		}
		second, hold2 = wait()
		first, hold1 = wait()
	}
	hold1.Close()
	hold2.Close()
	<-first
	<-second
}

// TestIdleDied: an instance whose process exited while idle is not used again.
func TestIdleDied(t *testing.T) {
	f := start(t, lambdahost.Options{MaxInstances: 1})
	for range 2 {
		if got := call(t, f, do{}).Calls; got != 1 {
			t.Errorf("call %d of its process, want a new process", got)
		}
		f.KillIdle()
	}
}

// TestExitAfterResponse: if the process exits after it sent a complete response, the invoke
// succeeds.
func TestExitAfterResponse(t *testing.T) {
	log := newJournal()
	f := start(t, lambdahost.Options{Log: log})
	if got := call(t, f, do{Do: "exit after response"}).Text; got != "whole" {
		t.Errorf("response %q", got)
	}
	if !strings.Contains(log.String(), "Runtime.ExitError") {
		t.Errorf("log does not mention the exit:\n%s", log)
	}
}

// TestTooLargeResponse: the runtime gets Lambda's 413 instead of a broken
// connection, even if it sends much more than the limit.
func TestTooLargeResponse(t *testing.T) {
	log := newJournal()
	f := start(t, lambdahost.Options{Log: log})
	f.Invoke(context.Background(), do{Do: "big", Size: 40 << 20}.event())
	if !strings.Contains(log.String(), "413") {
		t.Errorf("log:\n%s", log)
	}
}

// TestCallerDisconnects: the invoke runs until the function returns, and its instance is
// reused.
func TestCallerDisconnects(t *testing.T) {
	log := newJournal()
	f := start(t, lambdahost.Options{Log: log, MaxInstances: 1})
	line := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() {
		_, err := f.Invoke(ctx, do{Do: "wait", Text: line.address()}.event())
		gone <- err
	}()
	conn := line.accept()
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke = %v, want %v", err, context.Canceled)
	}
	conn.Close()
	log.waitFor(t, "REPORT RequestId")
	if got := call(t, f, do{}).Calls; got != 2 {
		t.Errorf("call %d of its process, want 2", got)
	}
}

func TestReplace(t *testing.T) {
	second := filepath.Join(t.TempDir(), "second"+filepath.Ext(binary))
	if err := os.Link(binary, second); err != nil {
		copyFile(t, binary, second)
	}
	f := start(t, lambdahost.Options{MaxInstances: 1})
	line, end := listen(t), listen(t)
	old := make(chan response)
	go func() { old <- call(t, f, do{Do: "wait", Text: line.address(), Dial: end.address()}) }()
	conn := line.accept()
	f.Replace(second)
	if got := call(t, f, do{}).Binary; got != filepath.Base(second) {
		t.Errorf("after Replace, %s responds", got)
	}
	conn.Close()
	if got := (<-old).Binary; got != filepath.Base(binary) {
		t.Errorf("%s ended the call that was running", got)
	}
	end.waitForEnd(end.accept())
	if got := call(t, f, do{Dial: end.address()}); got.Binary != filepath.Base(second) || got.Calls != 2 {
		t.Errorf("call %d of %s, want the second of the new binary", got.Calls, got.Binary)
	}
	f.Replace(binary)
	end.waitForEnd(end.accept()) // it was idle
}

// TestTry: trying a binary does not affect the running one and leaves no process.
func TestTry(t *testing.T) {
	f := start(t, lambdahost.Options{})
	first := call(t, f, do{})
	if err := f.Try(binary); err != nil {
		t.Errorf("Try of a working binary: %v", err)
	}
	if got := call(t, f, do{}); got.PID != first.PID {
		t.Error("the running instance was replaced")
	}
	if err := f.Try(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("Try of a missing binary succeeded")
	}
	bad := start(t, lambdahost.Options{Env: map[string]string{"INIT": "exit"}})
	if err := bad.Try(binary); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("Try of a binary whose init fails: %v, want its exit status", err)
	}
	f.Close()
	if err := f.Try(binary); !errors.Is(err, lambdahost.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}

func TestOptionsRefused(t *testing.T) {
	f := lambdahost.New(lambdahost.Options{Env: map[string]string{"AWS_REGION": "x", "_HANDLER": "y", "TZ": "z"}})
	_, err := f.Invoke(context.Background(), nil)
	want := "function : Binary is empty; Name is empty; environment variable AWS_REGION is reserved by Lambda; environment variable _HANDLER is reserved by Lambda"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}
