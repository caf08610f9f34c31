package lambdahost_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/lambdahost"
)

const prelude = `{"statusCode":201,"headers":{"Content-Type":"text/event-stream"}}` + "\x00\x00\x00\x00\x00\x00\x00\x00"

// open begins a streamed response and reads its first part. Closing the returned connection
// makes the function continue.
func open(t *testing.T, f *lambdahost.Function, ctx context.Context, d do) (io.ReadCloser, net.Conn) {
	t.Helper()
	line := listen(t)
	d.Text = line.address()
	contentType, body, err := f.InvokeStream(ctx, d.event())
	if err != nil {
		t.Fatalf("InvokeStream(%s): %v", d.event(), err)
	}
	t.Cleanup(func() { body.Close() })
	if want := "application/vnd.awslambda.http-integration-response"; contentType != want {
		t.Errorf("content type %q, want %q", contentType, want)
	}
	begin := make([]byte, len(prelude+"one "))
	if _, err := io.ReadFull(body, begin); err != nil || string(begin) != prelude+"one " {
		t.Fatalf("beginning %q, %v", begin, err)
	}
	return body, line.accept()
}

// TestInvokeStream: the first part arrives before the function continues, and the
// body ends with the function's error.
func TestInvokeStream(t *testing.T) {
	t.Parallel()
	tests := []struct {
		do   string
		rest string
		err  string
		next int // number of the next call within its process
	}{
		{"stream", "two", "", 2},
		{"stream error", "", "errorString: went wrong", 2},
		{"stream exit", "", "Runtime.ExitError: RequestId: ID Error: Runtime exited with error: exit status 4", 1},
		{"stream hang", "", "Sandbox.Timedout: RequestId: ID Error: Task timed out after 2.00 seconds", 1},
	}
	for _, test := range tests {
		t.Run(test.do, func(t *testing.T) {
			t.Parallel()
			o := lambdahost.Options{MaxInstances: 1}
			if test.do == "stream hang" {
				o.Timeout = 2 * time.Second
			}
			f := start(t, o)
			body, function := open(t, f, context.Background(), do{Do: test.do})
			function.Close()
			rest, err := io.ReadAll(body)
			got := ""
			if err != nil {
				got = requestIDs.ReplaceAllString(err.Error(), "ID")
			}
			if string(rest) != test.rest || got != test.err {
				t.Errorf("rest %q, error %q; want %q, %q", rest, got, test.rest, test.err)
			}
			if got := call(t, f, do{}).Calls; got != test.next {
				t.Errorf("the next call is number %d of its process, want %d", got, test.next)
			}
		})
	}
}

func TestInvokeStreamFailsBeforeItBegins(t *testing.T) {
	f := start(t, lambdahost.Options{})
	_, _, err := f.InvokeStream(context.Background(), do{Do: "panic", Text: "oops"}.event())
	var fe *lambdahost.FunctionError
	if !errors.As(err, &fe) || fe.Message != "oops" {
		t.Errorf("InvokeStream = %v, want the panic", err)
	}
}

// TestStreamReaderCloses: closing the body or canceling the context does not stop
// the function, and unread data larger than any buffer does not block it.
func TestStreamReaderCloses(t *testing.T) {
	for _, how := range []string{"close", "cancel"} {
		t.Run(how, func(t *testing.T) {
			log := newJournal()
			f := start(t, lambdahost.Options{MaxInstances: 1, Log: log})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			body, function := open(t, f, ctx, do{Do: "stream", Size: 10 << 20})
			if how == "close" {
				body.Close()
			} else {
				cancel()
				if _, err := io.ReadAll(body); !errors.Is(err, context.Canceled) {
					t.Errorf("read after cancel: %v", err)
				}
			}
			function.Close()
			log.waitFor(t, "REPORT RequestId")
			if got := call(t, f, do{}).Calls; got != 2 {
				t.Errorf("the next call is number %d of its process, want 2", got)
			}
		})
	}
}

// TestBufferedTrailer: a buffered invoke of a function that streams returns the
// error of the trailer.
func TestBufferedTrailer(t *testing.T) {
	f := start(t, lambdahost.Options{})
	line := listen(t)
	go func() { line.accept().Close() }()
	_, err := f.Invoke(context.Background(), do{Do: "stream error", Text: line.address()}.event())
	var fe *lambdahost.FunctionError
	if !errors.As(err, &fe) || fe.Message != "went wrong" {
		t.Errorf("Invoke = %v, want the error of the trailer", err)
	}
}
