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

// patience is how long a question waits for its answer, which a person may have
// to think about.
const patience = 5 * time.Minute

// asking is a session whose client can be asked for something in mid-call, before
// 2026-07-28: the question goes out on the stream of the call, and the answer
// comes as a request of its own, which the session leads back to it.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
type asking struct{ *session }

// CanAsk implements mcpserver.Asker.
func (asking) CanAsk() bool { return true }

// RequestElicitation implements server.SessionWithElicitation.
func (s asking) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	if !elicits(s.capabilities.Elicitation, request.Params.Mode) {
		return nil, undeclared("elicitation of this kind")
	}
	var result mcp.ElicitationResult
	if err := s.ask(ctx, mcp.MethodElicitationCreate, request.Params, &result); err != nil {
		return nil, err
	}
	return &result, nil
}

// elicits reports whether a client can ask its user in that mode. Whoever names
// no mode means forms.
// https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#capabilities
func elicits(able *mcp.ElicitationCapability, mode string) bool {
	switch {
	case able == nil:
		return false
	case mode == mcp.ElicitationModeURL:
		return able.URL != nil
	}
	return able.Form != nil || able.URL == nil
}

// RequestSampling implements server.SessionWithSampling.
func (s asking) RequestSampling(ctx context.Context, request mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	if s.capabilities.Sampling == nil {
		return nil, undeclared("sampling")
	}
	var result mcp.CreateMessageResult
	if err := s.ask(ctx, mcp.MethodSamplingCreateMessage, request.CreateMessageParams, &result); err != nil {
		return nil, err
	}
	content, err := mcp.ParseSamplingContent(result.Content)
	if err != nil {
		return nil, fmt.Errorf("read the client's answer: %w", err)
	}
	result.Content = content
	return &result, nil
}

// ListRoots implements server.SessionWithRoots.
func (s asking) ListRoots(ctx context.Context, _ mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	if s.capabilities.Roots == nil {
		return nil, undeclared("roots")
	}
	var result mcp.ListRootsResult
	if err := s.ask(ctx, mcp.MethodListRoots, nil, &result); err != nil {
		return nil, err
	}
	return &result, nil
}

func undeclared(capability string) error {
	return fmt.Errorf("the client has not declared that it can be asked for %s", capability)
}

// question is a request of ours to the client.
type question struct {
	JSONRPC string        `json:"jsonrpc"`
	ID      string        `json:"id"`
	Method  mcp.MCPMethod `json:"method"`
	Params  any           `json:"params,omitempty"`
}

// ask sends a question, and waits for the answer: as long as the call lasts, and
// no longer than patience.
func (s asking) ask(ctx context.Context, method mcp.MCPMethod, params, result any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	id, answers, forget, ok := s.in.Ask()
	if !ok {
		return errors.New("too many questions wait for the client's answers")
	}
	defer forget()
	text, err := json.Marshal(question{mcp.JSONRPC_VERSION, id, method, params})
	if err != nil {
		return fmt.Errorf("ask the client: %w", err)
	}
	select {
	case s.questions <- text:
	case <-ctx.Done():
		return fmt.Errorf("ask the client: %w", ctx.Err())
	}
	select {
	case answer := <-answers:
		return readAnswer(answer, result)
	case <-ctx.Done():
		return fmt.Errorf("wait for the client's answer: %w", ctx.Err())
	}
}

// readAnswer reads a response of the client.
func readAnswer(answer []byte, result any) error {
	var response struct {
		Result json.RawMessage
		Error  *rpcError
	}
	err := json.Unmarshal(answer, &response)
	switch {
	case err == nil && response.Error != nil:
		return fmt.Errorf("the client answered with an error: %s", cmp.Or(response.Error.Message, "no message"))
	case err == nil:
		err = json.Unmarshal(response.Result, result)
	}
	if err != nil {
		return fmt.Errorf("read the client's answer: %w", err)
	}
	return nil
}

// answers reports whether the message is a response, to a question of ours.
func (m message) answers() bool {
	return m.Method == "" && m.ID != nil && (m.Result != nil || m.Error != nil)
}

// takeAnswer hands a response to the call that waits for it.
func takeAnswer(out *reply, body []byte, m message, in *mcpsession.Session) *refusal {
	var id string
	if json.Unmarshal(m.ID, &id) != nil || !in.Answer(id, body) {
		return refuseMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, nil, "no question of this id waits for an answer")
	}
	out.finish(http.StatusAccepted, nil, nil)
	return nil
}
