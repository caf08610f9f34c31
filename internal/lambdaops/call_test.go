package lambdaops

import (
	"context"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/emulator/awsfake"
)

// session is the session of a client with the given capabilities.
type session struct {
	server.SessionWithClientInfo
	can mcp.ClientCapabilities
}

func (s session) GetClientCapabilities() mcp.ClientCapabilities { return s.can }

// listening is a session that receives notifications.
type listening struct {
	server.ClientSession
	got chan mcp.JSONRPCNotification
}

func (listening) Initialized() bool                                     { return true }
func (listening) SessionID() string                                     { return "s" }
func (l listening) NotificationChannel() chan<- mcp.JSONRPCNotification { return l.got }

// TestProgress: a client that requests progress gets it with its token.
func TestProgress(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("f", "nodejs18.x"))
	s := server.NewMCPServer("test", "1")
	list := w.tool(t, "list_functions")
	s.AddTool(list.Definition(), server.ToolHandlerFunc(list.Handle))
	for meta, want := range map[string]int{`,"_meta":{"progressToken":"t"}`: 1, ``: 0} {
		client := listening{got: make(chan mcp.JSONRPCNotification, 100)}
		s.HandleMessage(s.WithContext(t.Context(), client), []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_functions","arguments":{}`+meta+`}}`))
		if len(client.got) != want {
			t.Fatalf("%d notifications with %q, want %d", len(client.got), meta, want)
		}
		if want == 0 {
			continue
		}
		if n := <-client.got; n.Method != "notifications/progress" || n.Params.AdditionalFields["progressToken"] != "t" || n.Params.AdditionalFields["message"] != "0 functions read, 0 match" {
			t.Errorf("%+v", n)
		}
	}
}

// TestCanAsk: a question is a form, which a client that supports only URL mode cannot show.
func TestCanAsk(t *testing.T) {
	for name, tc := range map[string]struct {
		elicitation *mcp.ElicitationCapability
		want        bool
	}{
		"nothing":          {nil, false},
		"empty capability": {&mcp.ElicitationCapability{}, true},
		"form":             {&mcp.ElicitationCapability{Form: &struct{}{}}, true},
		"address":          {&mcp.ElicitationCapability{URL: &struct{}{}}, false},
		"both":             {&mcp.ElicitationCapability{Form: &struct{}{}, URL: &struct{}{}}, true},
	} {
		ctx := server.NewMCPServer("test", "1").WithContext(context.Background(), session{can: mcp.ClientCapabilities{Elicitation: tc.elicitation}})
		if got := canAsk(ctx); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	// Outside a server, as in other tests, a request for progress is ignored.
	w := newWorld(t, awsfake.LambdaOptions{}, function("f", "nodejs18.x"))
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Meta = "list_functions", &mcp.Meta{ProgressToken: "t"}
	if result, err := w.tool(t, "list_functions").Handle(t.Context(), request); err != nil || result.IsError {
		t.Errorf("progress outside a server: %+v, %v", result, err)
	}
	if canAsk(t.Context()) {
		t.Error("a user can be asked without a session")
	}
}

// TestAsksTheUser: a client that can ask its user gets the question as the result of the
// call, and nothing is changed before the user responds.
func TestAsksTheUser(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	s := server.NewMCPServer("test", "1")
	ctx := s.WithContext(t.Context(), session{can: mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapability{}}})
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Arguments = "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}
	result, err := w.tool(t, "upgrade_runtime").Handle(ctx, request)
	if err != nil || !result.NeedsInput() || result.RequestState == "" || changed(w) {
		t.Fatalf("%+v, %v, changed %v; want a question", result, err, changed(w))
	}
	request.Params.RequestState = result.RequestState
	request.Params.InputResponses = mcp.InputResponses{confirmation: mcp.NewElicitationInputResponse(mcp.ElicitationResult{
		ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{confirmation: true}},
	})}
	if result, err = w.tool(t, "upgrade_runtime").Handle(ctx, request); err != nil || result.NeedsInput() || result.IsError || w.aws.Runtime("orders", "$LATEST") != "nodejs24.x" {
		t.Errorf("after the user's agreement: %+v, %v, $LATEST has %s", result, err, w.aws.Runtime("orders", "$LATEST"))
	}
}
