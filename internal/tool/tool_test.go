package tool

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

func TestErrors(t *testing.T) {
	boom := errors.New("dial tcp 10.0.0.1: refused")
	tests := []struct {
		name    string
		err     error
		model   string // what the model reads
		pending error  // the error for the log
	}{
		{"for the model", Errorf("no user %q", "x"), `no user "x"`, nil},
		{"for the model, wrapped", fmt.Errorf("look up: %w", Errorf("no user")), "no user", nil},
		{"not found", NotFoundf("no user"), "no user", nil},
		{"for the log", boom, "", boom},
		{"missing capability", mcp.MissingRequiredClientCapabilityError{Capability: "sampling"}, "",
			mcp.MissingRequiredClientCapabilityError{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (string, error) { return "half", tt.err })
			result, err := call(t, tl, "")
			if tt.pending != nil {
				if result != nil || !errors.Is(err, tt.pending) {
					t.Errorf("result %+v, error %v, want error %v", result, err, tt.pending)
				}
				return
			}
			if err != nil || !result.IsError || text(t, result) != tt.model {
				t.Errorf("result %+v, error %v, want the tool error %q", result, err, tt.model)
			}
		})
	}
}

func TestKindsOfErrors(t *testing.T) {
	for _, tt := range []struct {
		err                     error
		notFound, invalidParams bool
	}{
		{NotFoundf("x"), true, false}, {InvalidParamsf("x"), false, true}, {Errorf("x"), false, false}, {errors.New("x"), false, false},
	} {
		if IsNotFound(tt.err) != tt.notFound || IsInvalidParams(tt.err) != tt.invalidParams {
			t.Errorf("%v: not found %t, invalid params %t", tt.err, IsNotFound(tt.err), IsInvalidParams(tt.err))
		}
	}
}

// fickle accepts a text when it is checked, and rejects it when it is decoded.
type fickle struct{}

var fickleCalls int

func (f *fickle) UnmarshalText(text []byte) error {
	if fickleCalls++; fickleCalls > 1 {
		return errors.New("rejects " + string(text))
	}
	return nil
}

func TestArgumentsThatCannotBeDecoded(t *testing.T) {
	ran := false
	tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct {
		A fickle `json:"a" doc:"x"`
	}) (string, error) {
		ran = true
		return "", nil
	})
	result, err := call(t, tl, `{"a":"hunter2"}`)
	if err == nil || result != nil || ran || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("result %+v, error %v, ran %t; want an error without the argument", result, err, ran)
	}
}

// The server leaves the decoding of large arguments to the tool.
func TestRawArguments(t *testing.T) {
	var got any
	tl := Raw(mcp.Tool{Name: "fixture"}, func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		got = request.GetArguments()["a"]
		return nil, nil
	})
	for arguments, want := range map[string]any{`{"a":"b"}`: "b", "": nil} {
		if _, err := call(t, tl, arguments); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", arguments, got, err, want)
		}
	}
	both := mcp.CallToolRequest{Params: mcp.CallToolParams{RawArguments: []byte(`{"a":"b"}`), Arguments: map[string]any{"a": "c"}}}
	if _, err := tl.Handle(t.Context(), both); err != nil || got != "c" {
		t.Errorf("decoded arguments: %v, %v, want those", got, err)
	}
	if _, err := call(t, tl, `{"a":`); !IsInvalidParams(err) {
		t.Errorf("error %v, want one about the params", err)
	}
}

func TestTextResult(t *testing.T) {
	tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (string, error) { return "hello", nil })
	result, err := call(t, tl, "{}")
	if err != nil || result.IsError || text(t, result) != "hello" || result.StructuredContent != nil {
		t.Errorf("result %+v, error %v, want the text only", result, err)
	}
}

func TestResultThatIsNotJSON(t *testing.T) {
	type output struct {
		N float64 `json:"n" doc:"x"`
	}
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (output, error) { return output{n}, nil })
		if result, err := call(t, tl, ""); err == nil || !strings.Contains(err.Error(), "encode the result") {
			t.Errorf("%v: result %+v, error %v, want one for the log", n, result, err)
		}
	}
}

// A request that was made in this process has no raw arguments.
func TestDecodedArguments(t *testing.T) {
	var in everything
	request := mcp.CallToolRequest{Params: mcp.CallToolParams{Arguments: map[string]any{"city": "Rome", "days": 2}}}
	result, err := echo(&in).Handle(context.Background(), request)
	if err != nil || result.IsError || in.City != "Rome" || in.Days != 2 {
		t.Errorf("result %+v, error %v, got %+v", result, err, in)
	}
	request.Params.Arguments = map[string]any{"city": func() {}}
	if result, err = echo(&in).Handle(context.Background(), request); err != nil || !result.IsError {
		t.Errorf("result %+v, error %v, want a tool error", result, err)
	}
}

func TestProgressAndLog(t *testing.T) {
	ctx := context.Background()
	Progress(ctx, 1, 2, "dropped")
	Log(ctx, mcp.LoggingLevelInfo, "dropped")
	var got []string
	ctx = WithNotifier(ctx, Notifier{
		Progress: func(done, total float64, message string) { got = append(got, fmt.Sprint(done, "/", total, message)) },
	})
	Progress(ctx, 1, 2, "half")
	Log(ctx, mcp.LoggingLevelInfo, "not requested")
	if len(got) != 1 || got[0] != "1/2half" {
		t.Errorf("notifications %q, want the progress only", got)
	}
}
