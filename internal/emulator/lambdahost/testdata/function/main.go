// Command function is a Lambda function that misbehaves on demand: INIT determines how it
// starts, the event's "do" how it responds. It connects to the address in the event's
// "dial", or in DIAL, and keeps the connection open until it exits.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string `json:"do"`
	Text string `json:"text"`
	Dial string `json:"dial"`
	Size int    `json:"size"`
}

type response struct {
	Text     string            `json:"text"`
	Calls    int64             `json:"calls"` // of this process
	Binary   string            `json:"binary"`
	PID      int               `json:"pid"`
	Context  map[string]string `json:"context,omitempty"`
	Environ  []string          `json:"environ,omitempty"`
	Deadline int64             `json:"deadline,omitempty"`
}

func main() {
	if os.Getenv("DIAL") != "" { // the grandchild
		dial(os.Getenv("DIAL"))
		fmt.Println("connected")
		select {}
	}
	initialize(os.Getenv("INIT"))
	var calls atomic.Int64
	lambda.Start(func(ctx context.Context, e event) (any, error) { return handle(ctx, e, calls.Add(1)) })
}

// initialize starts in the given way. "…-once" does so only until the file MARK exists.
func initialize(how string) {
	if kind, once := strings.CutSuffix(how, "-once"); once {
		if _, err := os.Stat(os.Getenv("MARK")); err == nil {
			return
		}
		os.WriteFile(os.Getenv("MARK"), nil, 0o600)
		how = kind
	}
	switch how {
	case "say goodbye":
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		go func() { <-asked; fmt.Println("goodbye"); os.Exit(0) }()
	case "stay":
		signal.Ignore(syscall.SIGTERM)
	case "exit":
		fmt.Println("init exits")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour) // not select {}: with no other goroutine, Go would report a deadlock
	case "error":
		body := strings.NewReader(`{"errorMessage":"no settings","errorType":"Runtime.NoSettings"}`)
		http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json", body)
		os.Exit(1)
	}
}

func handle(ctx context.Context, e event, calls int64) (any, error) {
	if e.Dial != "" {
		dial(e.Dial)
	}
	switch e.Do {
	case "error":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.Size)
	case "hang":
		select {}
	case "hang with child":
		startChild(e.Text)
		select {}
	case "exit with child":
		startChild(e.Text)
		os.Exit(1)
	case "exit after response":
		return exitOnClose{strings.NewReader(`{"text":"whole"}`)}, nil
	case "big":
		return strings.NewReader(strings.Repeat("x", e.Size)), nil
	case "print":
		fmt.Println(e.Text)
		fmt.Fprint(os.Stderr, "no line end")
		os.Exit(1)
	case "next":
		return get("/2018-06-01/runtime/invocation/next"), nil
	case "wrong id":
		resp, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/invocation/other/response", "", nil)
		if err != nil {
			return nil, err
		}
		return response{Text: resp.Status}, nil
	case "environ":
		return response{Environ: os.Environ()}, nil
	case "context":
		return describeContext(ctx), nil
	case "stream", "stream error", "stream exit", "stream hang":
		return stream(e), nil
	case "wait":
		wait(e.Text)
	}
	binary, _ := os.Executable()
	return response{Text: e.Text, Calls: calls, Binary: filepath.Base(binary), PID: os.Getpid()}, nil
}

// exitOnClose is closed by aws-lambda-go between response and next.
type exitOnClose struct{ *strings.Reader }

func (exitOnClose) Close() error {
	os.Exit(5)
	return nil
}

func describeContext(ctx context.Context) response {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return response{Deadline: deadline.UnixMilli(), Context: map[string]string{
		"id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "trace": os.Getenv("_X_AMZN_TRACE_ID"),
		"function": lambdacontext.FunctionName, "version": lambdacontext.FunctionVersion,
		"group": lambdacontext.LogGroupName, "stream": lambdacontext.LogStreamName,
		"memory": fmt.Sprint(lambdacontext.MemoryLimitInMB),
	}}
}

// stream writes "one ", waits until the listener at the event's text closes the connection,
// and ends in the way that the event's "do" names.
func stream(e event) *events.LambdaFunctionURLStreamingResponse {
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, "one ")
		wait(e.Text)
		switch e.Do {
		case "stream error":
			w.CloseWithError(errors.New("went wrong"))
		case "stream exit":
			os.Exit(4)
		case "stream hang":
			select {}
		}
		io.WriteString(w, strings.Repeat("two", max(e.Size, 1)))
		w.Close()
	}()
	return &events.LambdaFunctionURLStreamingResponse{
		StatusCode: 201, Headers: map[string]string{"Content-Type": "text/event-stream"}, Body: r,
	}
}

func get(path string) response {
	resp, err := http.Get("http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + path)
	if err != nil {
		return response{Text: err.Error()}
	}
	return response{Text: resp.Status}
}

// startChild returns when the child has connected.
func startChild(address string) {
	child := exec.Command(os.Args[0])
	child.Env = []string{"DIAL=" + address, "SystemRoot=" + os.Getenv("SystemRoot")}
	connected, err := child.StdoutPipe()
	if err == nil && child.Start() == nil {
		connected.Read(make([]byte, 1))
	}
}

// wait connects to address and returns when the other side closes the connection.
func wait(address string) {
	if conn, err := net.Dial("tcp", address); err == nil {
		io.Copy(io.Discard, conn)
	}
}

func dial(address string) {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		go func() { io.Copy(io.Discard, conn); runtime.KeepAlive(conn) }()
	}
}
