// Package event returns the events of the benchmark: MCP messages as API Gateway passes them
// to a function, with an authorizer result, in an older and a newer version of the protocol.
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

// The protocol versions that are measured.
const (
	Older = mcp.ProtocolVersion20251125 // supported by every peer
	Newer = mcp.ProtocolVersion20260728
)

// Request is an event, and the response that it must get.
type Request struct {
	Payload []byte
	Want    []string // the response must contain one of these; empty means that status 200 is enough
	Refusal int      // a status that is also correct; zero means none
}

// Check returns an error for a wrong response. An echo of the event's body is
// always correct.
func (r Request) Check(output []byte) error {
	var response struct {
		StatusCode      int
		Body            string
		IsBase64Encoded bool
		IsAuthorized    bool // the only member of an authorizer result that is checked
	}
	if err := json.Unmarshal(output, &response); err != nil {
		return fmt.Errorf("decode the event response %.200q: %w", output, err)
	}
	if response.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(response.Body)
		if err != nil {
			return fmt.Errorf("decode the response body: %w", err)
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
		return fmt.Errorf("wrong response: %.400q", output)
	}
	return nil
}

// Call returns a tools/call request: calculate with 6 * 7.
func Call(era string) Request {
	arguments := `{"operation":"multiply","a":6,"b":7}`
	return Request{Payload: Message(era, "tools/call", "calculate", arguments), Want: []string{`"result":42`, arguments}}
}

// List returns a tools/list request.
func List(era string) Request {
	return Request{Payload: Message(era, "tools/list", "", ""), Want: []string{`"calculate"`, `tools/list`}}
}

// Length returns a tools/call request: length, a tool of bench/peers/ours, with arguments of
// about that many bytes. Arguments larger than the limit must be rejected.
func Length(era string, bytes int) Request {
	arguments := `{"text":"` + strings.Repeat("x", bytes) + `"}`
	r := Request{Payload: Message(era, "tools/call", "length", arguments), Want: []string{fmt.Sprintf(`"bytes":%d`, bytes), arguments}}
	if TooLarge(bytes) {
		r.Refusal = http.StatusRequestEntityTooLarge
	}
	return r
}

// Shapes returns the shapes of arguments that [Shaped] accepts.
func Shapes() []string { return []string{"text", "escaped text", "small objects", "numbers"} }

// Shaped returns a tools/call request: length with arguments of a shape and of about that
// many bytes. The server or the tool may reject it.
func Shaped(shape string, bytes int) Request {
	list := func(item string) string {
		return `{"list":[` + strings.TrimSuffix(strings.Repeat(item+",", bytes/(len(item)+1)), ",") + "]}"
	}
	arguments := map[string]string{
		"text":          `{"text":"` + strings.Repeat("x", bytes) + `"}`,
		"escaped text":  `{"text":"` + strings.Repeat(`\u0041`, bytes/6) + `"}`,
		"small objects": list(`{"":0}`),
		"numbers":       list("1"),
	}[shape]
	return Request{Payload: Message(Older, "tools/call", "length", arguments), Refusal: http.StatusRequestEntityTooLarge}
}

// TooLarge reports whether a server rejects arguments of that many bytes.
func TooLarge(bytes int) bool { return bytes > mcphttp.DefaultMax }

// Authorization returns the event that the gateway sends to an authorizer.
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

// Message returns a request for a method, with a tool's name and arguments if
// the method has them.
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

// request returns a POST to /mcp as an event of payload format 2.0.
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

// mustMarshal encodes strings, numbers and lists, which cannot fail.
func mustMarshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
