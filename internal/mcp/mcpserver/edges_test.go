package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// A correction replaces code, message and data of an error. Without a correction, the
// error is unchanged.
func TestApply(t *testing.T) {
	failed := mcp.NewJSONRPCError(mcp.NewRequestId(1), mcp.INTERNAL_ERROR, "x", "y")
	for want, c := range map[string]*correction{
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"x","data":"y"}}`:         nil,
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"x"}}`:                    {code: mcp.INVALID_PARAMS},
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"corrected","data":"z"}}`: {code: mcp.INVALID_PARAMS, message: "corrected", data: "z"},
	} {
		if got, err := json.Marshal(c.apply(failed)); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

// plainSession is a session of mcp-go without the methods that send requests.
type plainSession struct {
	server.ClientSession
	id string
}

func (s plainSession) SessionID() string { return s.id }

// asker is a session without an id that can send requests, like mcphttp's during a call.
type asker struct {
	plainSession
	can bool
}

func (a asker) CanAsk() bool { return a.can }

func TestInteractive(t *testing.T) {
	s := server.NewMCPServer("fixture", "1")
	for name, test := range map[string]struct {
		session server.ClientSession
		want    bool
	}{
		"no session": {nil, true}, "stateless": {plainSession{}, false}, "with an id": {plainSession{id: "x"}, true},
		"asker": {asker{can: true}, true}, "asker that cannot": {asker{}, false},
	} {
		ctx := t.Context()
		if test.session != nil {
			ctx = s.WithContext(ctx, test.session)
		}
		if got := interactive(ctx); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if got := declaredIn(ctx); got.Elicitation != nil || got.Sampling != nil || got.Roots != nil {
			t.Errorf("%s: declared %+v", name, got)
		}
	}
}

// streamable is a stateless session of mcp-go's own HTTP transport: requests to the
// client would wait for a response that cannot arrive.
type streamable struct{ clientSession }

func (streamable) SessionID() string { return "" }

func TestWithoutHanging(t *testing.T) {
	s := server.NewMCPServer("fixture", "1")
	stateless := s.WithContext(t.Context(), streamable{})
	if _, ok := server.ClientSessionFromContext(withoutHanging(stateless)).(oneWay); !ok {
		t.Error("a stateless session can send requests")
	}
	for name, session := range map[string]server.ClientSession{"asker": asker{can: true}, "another kind": plainSession{}} {
		ctx := s.WithContext(t.Context(), session)
		if withoutHanging(ctx) != ctx {
			t.Errorf("%s: the session was replaced", name)
		}
	}
	if _, err := (oneWay{}).RequestElicitation(t.Context(), mcp.ElicitationRequest{}); !errors.Is(err, errNotInteractive) {
		t.Errorf("elicitation: %v", err)
	}
	if _, err := (oneWay{}).RequestSampling(t.Context(), mcp.CreateMessageRequest{}); !errors.Is(err, errNotInteractive) {
		t.Errorf("sampling: %v", err)
	}
	if _, err := (oneWay{}).ListRoots(t.Context(), mcp.ListRootsRequest{}); !errors.Is(err, errNotInteractive) {
		t.Errorf("roots: %v", err)
	}
}

// A server that runs without Respond, such as in a test, also serves lenient calls.
func TestOutsideRespond(t *testing.T) {
	ctx := withLeniencyReport(t.Context())
	if got := leniency(ctx); got != "" {
		t.Errorf("leniency is %q", got)
	}
	state := &requestState{}
	ctx = withLeniencyReport(context.WithValue(t.Context(), stateKey{}, state))
	if leniency(ctx) != "" {
		t.Error("leniency before the call")
	}
	words := "null"
	state.lenient.Store(&words)
	if leniency(ctx) != "null" {
		t.Errorf("leniency %q", leniency(ctx))
	}
}

// TestPresentable: the caller gets only errors that are meant for callers.
func TestPresentable(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"for the model":      {tool.Errorf("try later"), true},
		"bad params":         {tool.InvalidParamsf("not mine"), true},
		"nothing there":      {tool.NotFoundf("no word"), true},
		"unknown resource":   {fmt.Errorf("x: %w", server.ErrResourceNotFound), true},
		"missing capability": {mcp.MissingRequiredClientCapabilityError{Capability: "roots"}, true},
		"elicitation":        {mcp.URLElicitationRequiredError{}, true},
		"tasks only":         {errNeedsTasks, true},
		"unknown tool":       {server.ErrToolNotFound, false},
		"any other":          {errors.New("hunter2"), false},
		"timeout":            {context.DeadlineExceeded, false},
	} {
		if got := presentable(test.err); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// leveled is a session with a log level.
type leveled struct{ plainSession }

func (leveled) SetLogLevel(mcp.LoggingLevel)  {}
func (leveled) GetLogLevel() mcp.LoggingLevel { return mcp.LoggingLevelAlert }

// TestLogLevel: the session's level is used, or info if it has none.
func TestLogLevel(t *testing.T) {
	s := server.NewMCPServer("fixture", "1")
	for want, ctx := range map[mcp.LoggingLevel]context.Context{
		mcp.LoggingLevelAlert: s.WithContext(t.Context(), leveled{}), mcp.LoggingLevelInfo: s.WithContext(t.Context(), plainSession{}),
	} {
		if got := logLevel(ctx); got != want {
			t.Errorf("level %s, want %s", got, want)
		}
	}
	notify(t.Context(), "notifications/message", nil) // without a session: no effect
}

func TestProgressText(t *testing.T) {
	for want, c := range map[string]struct {
		done, total float64
		message     string
	}{"3": {3, 0, ""}, "3: x": {3, 0, "x"}, "3 of 10": {3, 10, ""}, "0.5 of 1: reading": {0.5, 1, "reading"}, "0 of 2": {0, 2, ""}} {
		if got := progress(c.done, c.total, c.message); got != want {
			t.Errorf("progress(%v, %v, %q) = %q, want %q", c.done, c.total, c.message, got, want)
		}
	}
	if _, ok := tool.ForModel(errNotInteractive); !ok {
		t.Error("the model cannot read why a request to the client failed")
	}
}
