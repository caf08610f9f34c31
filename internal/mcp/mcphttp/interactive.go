package mcphttp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcpsession"
)

// clientRequestTimeout is how long a server-to-client request (elicitation,
// sampling, roots) may stay unanswered. A person may have to decide.
const clientRequestTimeout = 5 * time.Minute

// interactiveSession is a session in which the server can send requests to the
// client during a call (before 2026-07-28). The request goes out on the call's
// stream; the response arrives in a separate HTTP request, and the session delivers
// it to the call.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
type interactiveSession struct{ *clientSession }

// CanAsk implements mcpserver.Asker.
func (interactiveSession) CanAsk() bool { return true }

// RequestElicitation implements server.SessionWithElicitation.
func (s interactiveSession) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	if !elicits(s.capabilities.Elicitation, request.Params.Mode) {
		return nil, undeclared("elicitation in this mode")
	}
	var result mcp.ElicitationResult
	if err := s.request(ctx, mcp.MethodElicitationCreate, request.Params, &result); err != nil {
		return nil, err
	}
	return &result, nil
}

// elicits reports whether a client supports elicitation in that mode. A capability
// that names no mode means form mode.
// https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#capabilities
func elicits(capability *mcp.ElicitationCapability, mode string) bool {
	switch {
	case capability == nil:
		return false
	case mode == mcp.ElicitationModeURL:
		return capability.URL != nil
	}
	return capability.Form != nil || capability.URL == nil
}

// RequestSampling implements server.SessionWithSampling.
func (s interactiveSession) RequestSampling(ctx context.Context, request mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	if s.capabilities.Sampling == nil {
		return nil, undeclared("sampling")
	}
	var result mcp.CreateMessageResult
	if err := s.request(ctx, mcp.MethodSamplingCreateMessage, request.CreateMessageParams, &result); err != nil {
		return nil, err
	}
	content, err := mcp.ParseSamplingContent(result.Content)
	if err != nil {
		return nil, fmt.Errorf("read the client's response: %w", err)
	}
	result.Content = content
	return &result, nil
}

// ListRoots implements server.SessionWithRoots.
func (s interactiveSession) ListRoots(ctx context.Context, _ mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	if s.capabilities.Roots == nil {
		return nil, undeclared("roots")
	}
	var result mcp.ListRootsResult
	if err := s.request(ctx, mcp.MethodListRoots, nil, &result); err != nil {
		return nil, err
	}
	return &result, nil
}

func undeclared(capability string) error {
	return fmt.Errorf("the client does not support %s", capability)
}

// clientRequest is a JSON-RPC request to the client.
type clientRequest struct {
	JSONRPC string        `json:"jsonrpc"`
	ID      string        `json:"id"`
	Method  mcp.MCPMethod `json:"method"`
	Params  any           `json:"params,omitempty"`
}

// request sends a request to the client and waits for its response until the
// call ends or clientRequestTimeout has passed.
func (s interactiveSession) request(ctx context.Context, method mcp.MCPMethod, params, result any) error {
	ctx, cancel := context.WithTimeout(ctx, clientRequestTimeout)
	defer cancel()
	id, responses, forget, ok := s.sess.Expect()
	if !ok {
		return errors.New("too many requests wait for the client's responses")
	}
	defer forget()
	text, err := json.Marshal(clientRequest{mcp.JSONRPC_VERSION, id, method, params})
	if err != nil {
		return fmt.Errorf("send a request to the client: %w", err)
	}
	select {
	case s.requests <- text:
	case <-ctx.Done():
		return fmt.Errorf("send a request to the client: %w", ctx.Err())
	}
	select {
	case response := <-responses:
		return readClientResponse(response, result)
	case <-ctx.Done():
		return fmt.Errorf("wait for the client's response: %w", ctx.Err())
	}
}

// clientResponse is the client's response to a server-to-client request.
type clientResponse struct {
	Result json.RawMessage
	Error  *rpcError
}

// readClientResponse decodes the result of a response.
func readClientResponse(data []byte, result any) error {
	var response clientResponse
	err := json.Unmarshal(data, &response)
	switch {
	case err == nil && response.Error != nil:
		return fmt.Errorf("the client responded with an error: %s", cmp.Or(response.Error.Message, "no message"))
	case err == nil:
		err = json.Unmarshal(response.Result, result)
	}
	if err != nil {
		return fmt.Errorf("read the client's response: %w", err)
	}
	return nil
}

// isResponse reports whether the message is a response to a server-to-client
// request.
func (m message) isResponse() bool {
	return m.Method == "" && m.ID != nil && (m.Result != nil || m.Error != nil)
}

// deliver passes a response to the call that waits for it.
func deliver(out *response, m message, sess *mcpsession.Session) *rejection {
	var id string
	if json.Unmarshal(m.ID, &id) != nil || !sess.Deliver(id, m.body) {
		return rejectMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, nil, "no request with this id waits for a response")
	}
	out.finish(http.StatusAccepted, nil, nil)
	return nil
}
