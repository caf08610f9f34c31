package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/test/poll"
)

// eras are the newest protocol version and the last one with sessions.
var eras = []string{"", "2025-11-25"}

func TestUpgradeOverStdio(t *testing.T) {
	for _, era := range eras {
		t.Run("protocol "+era, func(t *testing.T) {
			w := newWorld(t, awsfake.LambdaOptions{}, orders())
			c := w.connect(t, clientOptions{protocol: era, answer: agree})
			if text, isError := c.call(t, "list_functions", map[string]any{"deprecated": true, "all": true}); isError || !strings.Contains(text, `"name":"orders"`) {
				t.Fatalf("list_functions: %s", text)
			}
			text, isError := c.call(t, "upgrade_runtime", map[string]any{"function": "orders", "test_payload": `{"ping":"pong-payload"}`, "expect": `{"ping":"pong-payload"}`})
			if isError || !strings.Contains(text, `"outcome":"upgraded"`) {
				t.Fatalf("upgrade_runtime: %s", text)
			}
			if asked := c.questions(); len(asked) != 1 || !strings.Contains(asked[0], "update $LATEST to nodejs24.x") {
				t.Errorf("the user was asked %q, want once with the steps", asked)
			}
			if got := w.aws.Aliases("orders")["live"]; w.aws.Runtime("orders", got) != "nodejs24.x" {
				t.Errorf("live points to %s with %s", got, w.aws.Runtime("orders", got))
			}
			progress := func() (all []*mcp.ProgressNotificationParams) {
				for _, p := range c.received() {
					if p.ProgressToken == "token-upgrade_runtime" {
						all = append(all, p)
					}
				}
				return all
			}
			// The client handles notifications and responses in different goroutines.
			poll.Until(t, "the progress of 8 steps", func() bool { return len(progress()) >= 8 })
			last := 0.0
			for _, p := range progress() {
				if p.Progress <= last {
					t.Errorf("progress went from %v to %v", last, p.Progress)
				}
				last = p.Progress
			}
			if text, isError := c.call(t, "rollback_runtime", map[string]any{"function": "orders"}); isError || w.aws.Runtime("orders", "$LATEST") != "nodejs18.x" {
				t.Errorf("rollback_runtime: %s", text)
			}
			if n := len(progress()); n != 8 {
				t.Errorf("progress of %d steps, want 8", n)
			}
			_ = c.Close() // waits for the process and the rest of its log
			for _, secret := range []string{"pong-payload", "hunter2-value"} {
				if strings.Contains(c.stderr.String(), secret) {
					t.Errorf("the log contains %q:\n%s", secret, c.stderr)
				}
			}
		})
	}
}

func TestUserDeclines(t *testing.T) {
	for _, era := range eras {
		t.Run("protocol "+era, func(t *testing.T) {
			w := newWorld(t, awsfake.LambdaOptions{}, orders())
			c := w.connect(t, clientOptions{protocol: era, answer: func(*mcp.ElicitParams) *mcp.ElicitResult { return &mcp.ElicitResult{Action: "decline"} }})
			text, isError := c.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true})
			if !isError || text != "nothing was changed: the user did not agree (decline)" || w.aws.Runtime("orders", "$LATEST") != "nodejs18.x" {
				t.Errorf("%q; $LATEST has %s", text, w.aws.Runtime("orders", "$LATEST"))
			}
		})
	}
}

func TestClientThatCannotAsk(t *testing.T) {
	for _, era := range eras {
		t.Run("protocol "+era, func(t *testing.T) {
			w := newWorld(t, awsfake.LambdaOptions{}, orders())
			c := w.connect(t, clientOptions{protocol: era})
			if text, isError := c.call(t, "upgrade_runtime", map[string]any{"function": "orders"}); !isError || !strings.Contains(text, "confirm: true") {
				t.Errorf("without confirm: %q", text)
			}
			if text, isError := c.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}); isError {
				t.Errorf("with confirm: %q", text)
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	c := newWorld(t, awsfake.LambdaOptions{}, orders()).connect(t, clientOptions{args: []string{"--read-only"}})
	res, err := c.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tl := range res.Tools {
		if !tl.Annotations.ReadOnlyHint {
			t.Errorf("%s is offered", tl.Name)
		}
	}
	if _, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "upgrade_runtime", Arguments: map[string]any{"function": "orders", "confirm": true}}); err == nil {
		t.Error("upgrade_runtime can be called")
	}
	if len(res.Tools) != 3 {
		t.Errorf("%d tools, want 3", len(res.Tools))
	}
}

func TestPrompt(t *testing.T) {
	c := newWorld(t, awsfake.LambdaOptions{}, orders()).connect(t, clientOptions{})
	res, err := c.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "upgrade_deprecated_functions"})
	if err != nil || len(res.Messages) != 1 || !strings.Contains(res.Messages[0].Content.(*mcp.TextContent).Text, "dry_run") {
		t.Errorf("prompt: %+v, %v", res, err)
	}
}

// TestKilled: the program is killed after the update. The next start reports the
// interrupted upgrade, and its rollback undoes it.
func TestKilled(t *testing.T) {
	updating := make(chan struct{})
	hold := true // the update stays in progress until the program is dead
	w := newWorld(t, awsfake.LambdaOptions{Settle: func(c awsfake.LambdaConfig, look int) (string, string) {
		if c.FunctionName == "orders" && c.Runtime == "nodejs24.x" && hold {
			if look == 1 {
				close(updating)
			}
			return "", ""
		}
		return "Successful", ""
	}}, orders())
	first := w.connect(t, clientOptions{})
	go func() { // ends with an error when the program is killed
		_, _ = first.CallTool(t.Context(), &mcp.CallToolParams{Name: "upgrade_runtime", Arguments: map[string]any{"function": "orders", "confirm": true}})
	}()
	<-updating
	if err := first.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	_ = first.Close() // waits for the process, which otherwise still exists
	w.aws.Change("orders", func(*awsfake.LambdaConfig) { hold = false })
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs24.x" {
		t.Fatalf("$LATEST has %s: killed too early", got)
	}

	next := w.connect(t, clientOptions{})
	instructions := next.InitializeResult().Instructions
	if !strings.HasPrefix(instructions, "INTERRUPTED UPGRADE") || !strings.Contains(instructions, "orders") || !strings.Contains(instructions, "rollback_runtime") {
		t.Errorf("instructions: %q", instructions)
	}
	if text, isError := next.call(t, "upgrade_runtime", map[string]any{"function": "orders", "target": "nodejs22.x", "confirm": true}); !isError || !strings.Contains(text, "refused") {
		t.Errorf("another upgrade on top: %q", text)
	}
	if text, isError := next.call(t, "rollback_runtime", map[string]any{"function": "orders", "confirm": true}); isError || !strings.Contains(text, `"outcome":"rolled back"`) {
		t.Errorf("rollback: %s", text)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" || len(w.aws.Functions()) != 1 {
		t.Errorf("$LATEST has %s; functions %v", got, w.aws.Functions())
	}
}

// blockedUpgrade returns a world in which an upgrade blocks in its test of the updated
// function. atTest is closed when the upgrade gets there, and undone when the update that
// undoes the upgrade is called.
func blockedUpgrade(t *testing.T) (w *world, atTest, undone chan struct{}) {
	atTest, undone = make(chan struct{}), make(chan struct{})
	release := make(chan struct{})
	updates := 0
	w = newWorld(t, awsfake.LambdaOptions{
		Options: awsfake.Options{Called: func(op, _ string) {
			if op == "UpdateFunctionConfiguration" {
				if updates++; updates == 2 {
					close(undone)
				}
			}
		}},
		Respond: func(i awsfake.LambdaInvocation) awsfake.LambdaResponse {
			if i.Function.FunctionName == "orders" {
				close(atTest)
				<-release
			}
			return awsfake.LambdaResponse{Payload: i.Payload}
		},
	}, orders())
	t.Cleanup(func() { close(release) })
	return w, atTest, undone
}

func within(t *testing.T, what string, happens <-chan struct{}) {
	t.Helper()
	select {
	case <-happens:
	case <-time.After(poll.Timeout):
		t.Fatalf("%s: not within %v", what, poll.Timeout)
	}
}

var upgradeCall = &mcp.CallToolParams{Name: "upgrade_runtime", Arguments: map[string]any{"function": "orders", "confirm": true}}

// TestCancelledCall: the client cancels the call during an upgrade, which is undone.
func TestCancelledCall(t *testing.T) {
	for _, era := range eras {
		t.Run("protocol "+era, func(t *testing.T) {
			w, atTest, undone := blockedUpgrade(t)
			c := w.connect(t, clientOptions{protocol: era})
			ctx, cancel := context.WithCancel(t.Context())
			go func() { _, _ = c.CallTool(ctx, upgradeCall) }()
			within(t, "the upgrade reaches its test", atTest)
			cancel()
			within(t, "the upgrade is undone", undone)
			_ = c.Close() // waits until the program has ended
			if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
				t.Errorf("$LATEST has %s", got)
			}
		})
	}
}

// TestInputEnds: the client closes the connection during an upgrade. The program undoes
// it before it exits.
func TestInputEnds(t *testing.T) {
	w, atTest, _ := blockedUpgrade(t)
	cmd := w.command(t.Context(), t)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"upgrade_runtime","arguments":{"function":"orders","confirm":true}}}`,
	} {
		if _, err := fmt.Fprintln(stdin, line); err != nil {
			t.Fatal(err)
		}
	}
	within(t, "the upgrade reaches its test", atTest)
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
		t.Errorf("$LATEST has %s", got)
	}
	if got := w.aws.Aliases("orders")["live"]; got != "1" {
		t.Errorf("live points to %s", got)
	}
}

// TestOnlyMCPOnStdout sends valid and invalid requests: every line of output is a
// message of the protocol.
func TestOnlyMCPOnStdout(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, orders())
	cmd := w.command(t.Context(), t, "--runtimes-page", w.url+"/page")
	var stdout, stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(io.TeeReader(out, &stdout))
	lines.Buffer(nil, 1<<20)
	for i, request := range []string{
		`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`,
		`this is no JSON`,
		`{"jsonrpc":"2.0","id":2,"method":"no/such/method"}`,
		`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"no_such_tool","arguments":{}}}`,
		`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"list_functions","arguments":{"limit":"many"}}}`,
		`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"get_function","arguments":{"function":"orders"}}}`,
		`{"jsonrpc":"2.0","id":6,"method":"tools/list"}`,
	} {
		if _, err := fmt.Fprintln(stdin, request); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() {
			t.Fatalf("no response to request %d: %v\n%s", i, lines.Err(), &stderr)
		}
	}
	stdin.Close()
	for lines.Scan() { // until the program has ended
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v after its input did\n%s", err, &stderr)
	}
	for line := range strings.Lines(stdout.String()) {
		var m struct{ JSONRPC string }
		if json.Unmarshal([]byte(line), &m) != nil || m.JSONRPC != "2.0" {
			t.Errorf("not a protocol message on standard output: %q", line)
		}
	}
	for _, want := range []string{"mcp request", "stray: fetching"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q on standard error: %q", want, &stderr)
		}
	}
}

func TestBadConfiguration(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{})
	for name, tc := range map[string]struct {
		args []string
		drop string
		want string
	}{
		"no region":         {nil, "AWS_REGION=", "no region; pass --region or set AWS_REGION"},
		"unknown flag":      {[]string{"--loud"}, "", "flag provided but not defined: -loud"},
		"no update timeout": {[]string{"--update-timeout", "0s"}, "", "less than a second"},
		"an argument":       {[]string{"orders"}, "", `unexpected argument "orders"`},
		"unknown profile":   {[]string{"--profile", "missing"}, "", "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := w.command(t.Context(), t, tc.args...)
			cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return tc.drop != "" && strings.HasPrefix(v, tc.drop) })
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
				t.Errorf("ended with %v, want exit code 1", err)
			}
			if stdout.Len() > 0 || !strings.Contains(stderr.String(), tc.want) {
				t.Errorf("standard output %q, error %q; want nothing and %q", &stdout, &stderr, tc.want)
			}
		})
	}
}

func TestEndsOnSignal(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, orders())
	c := w.connect(t, clientOptions{})
	if err := c.process.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("no such signal here: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait()
	}()
	within(t, "the program ends after a signal", ended)
}
