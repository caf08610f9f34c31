// Package event makes the events of the benchmark: MCP messages as API Gateway
// hands them to a function, with an authorizer's verdict, in either era of the
// protocol.
package event

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcphttp"
)

// The eras of the protocol that are measured.
const (
	Older = mcp.ProtocolVersion20251125 // the one that every peer speaks
	Newer = mcp.ProtocolVersion20260728
)

// Request is an event, and what a right answer to it has in it.
type Request struct {
	Payload []byte
	Want    []string // one of these; none means that any answer with status 200 will do
	Refusal int      // a status that will do as well; zero means that there is none
}

// Check returns an error for a wrong answer. An echo of the event's body is
// always right.
func (r Request) Check(answer []byte) error {
	var response struct {
		StatusCode      int
		Body            string
		IsBase64Encoded bool
		IsAuthorized    bool // an authorizer's answer has nothing else to go by
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return fmt.Errorf("read the answer %.200q: %w", answer, err)
	}
	if response.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(response.Body)
		if err != nil {
			return fmt.Errorf("decode the answer: %w", err)
		}
		response.Body = string(body)
	}
	right := len(r.Want) == 0
	for _, want := range r.Want {
		right = right || strings.Contains(response.Body, want)
	}
	if r.Refusal != 0 && response.StatusCode == r.Refusal {
		return nil
	}
	if !response.IsAuthorized && (response.StatusCode != 200 || !right) {
		return fmt.Errorf("the answer is wrong: %.400q", answer)
	}
	return nil
}

// Call is a tools/call of calculate, 6 * 7.
func Call(era string) Request {
	arguments := `{"operation":"multiply","a":6,"b":7}`
	return Request{Payload: Message(era, "tools/call", "calculate", arguments), Want: []string{`"result":42`, arguments}}
}

// List is a tools/list.
func List(era string) Request {
	return Request{Payload: Message(era, "tools/list", "", ""), Want: []string{`"calculate"`, `tools/list`}}
}

// Length is a tools/call with arguments of about that many bytes, for the tool
// of bench/peers/ours that tells their length. Larger ones than a server takes
// are to be refused.
func Length(era string, bytes int) Request {
	arguments := `{"text":"` + strings.Repeat("x", bytes) + `"}`
	r := Request{Payload: Message(era, "tools/call", "length", arguments), Want: []string{fmt.Sprintf(`"bytes":%d`, bytes), arguments}}
	if TooLarge(bytes) {
		r.Refusal = http.StatusRequestEntityTooLarge
	}
	return r
}

// TooLarge reports whether a server refuses arguments of that many bytes.
func TooLarge(bytes int) bool { return bytes > mcphttp.DefaultMax }

// Authorization is the question that the gateway asks an authorizer.
func Authorization(key string) Request {
	return Request{Payload: mustMarshal(events.APIGatewayV2CustomAuthorizerV2Request{
		Version: "2.0", Type: "REQUEST", RouteArn: "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/$default/POST/mcp",
		IdentitySource: []string{key}, RouteKey: "POST /mcp", RawPath: "/mcp",
		Headers: map[string]string{"x-api-key": key, "content-type": "application/json", "user-agent": "bench/1.0", "accept": "application/json, text/event-stream"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "POST /mcp", AccountID: "123456789012", Stage: "$default", RequestID: "JKJaXmPLvHcESHA=", APIID: "abcdefghij",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "POST", Path: "/mcp", Protocol: "HTTP/1.1", SourceIP: "192.0.2.1", UserAgent: "bench/1.0"},
		},
	})}
}

// Message is a request for a method, with a tool's name and arguments where
// there is one.
func Message(era, method, tool, arguments string) []byte {
	params := map[string]any{}
	headers := map[string]string{
		"accept":               "application/json, text/event-stream",
		"content-type":         "application/json",
		"mcp-protocol-version": era,
	}
	if tool != "" {
		params["name"], params["arguments"] = tool, json.RawMessage(arguments)
	}
	if era == Newer {
		headers["mcp-method"] = method
		if tool != "" {
			headers["mcp-name"] = tool
		}
		params["_meta"] = map[string]any{
			"io.modelcontextprotocol/protocolVersion":    era,
			"io.modelcontextprotocol/clientInfo":         map[string]string{"name": "bench", "version": "1.0.0"},
			"io.modelcontextprotocol/clientCapabilities": struct{}{},
		}
	}
	body := mustMarshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	return mustMarshal(request(headers, string(body)))
}

// request is what API Gateway makes of a POST to /mcp, in payload format 2.0.
func request(headers map[string]string, body string) events.APIGatewayV2HTTPRequest {
	const domain = "abcdefghij.execute-api.us-east-1.amazonaws.com"
	for name, value := range map[string]string{
		"accept-encoding": "gzip, deflate", "content-length": fmt.Sprint(len(body)), "host": domain,
		"user-agent": "bench/1.0", "x-amzn-trace-id": "Root=1-692041a0-0123456789abcdef01234567",
		"x-forwarded-for": "192.0.2.1", "x-forwarded-port": "443", "x-forwarded-proto": "https",
		"x-api-key": "mcp_main_0000000000000000000000000000000000000000000000000",
	} {
		headers[name] = value
	}
	return events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "POST /mcp", RawPath: "/mcp", Headers: headers, Body: body,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "POST /mcp", AccountID: "123456789012", Stage: "$default", RequestID: "JKJaXmPLvHcESHA=", APIID: "abcdefghij",
			DomainName: domain, DomainPrefix: "abcdefghij", Time: "21/Nov/2026:12:00:00 +0000", TimeEpoch: 1795262400000,
			HTTP:       events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "POST", Path: "/mcp", Protocol: "HTTP/1.1", SourceIP: "192.0.2.1", UserAgent: "bench/1.0"},
			Authorizer: &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{"keyId": "bench", "tools": "*"}},
		},
	}
}

// mustMarshal encodes what is made of strings, numbers and lists: it cannot fail.
func mustMarshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
