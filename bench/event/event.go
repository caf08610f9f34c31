// Package event makes the events of the benchmark: MCP messages as API Gateway
// hands them to a function, with an authorizer's verdict, in either era of the
// protocol.
package event

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/mark3labs/mcp-go/mcp"
)

// The eras of the protocol that are measured.
const (
	Older = mcp.ProtocolVersion20251125 // the one that every peer speaks
	Newer = mcp.ProtocolVersion20260728
)

// Call is a tools/call of calculate, 6 * 7, and Answer is in what it answers.
// The space is left to the server.
func Call(era string) []byte {
	return Message(era, "tools/call", "calculate", `{"operation":"multiply","a":6,"b":7}`)
}

// Answer reports whether the answer to [Call] is right, or an echo of it.
func Answer(answer []byte) error {
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		return fmt.Errorf("read the answer %.200q: %w", answer, err)
	}
	if response.StatusCode != 200 || !strings.Contains(response.Body, `"result":42`) && !strings.Contains(response.Body, `"a":6,"b":7`) {
		return fmt.Errorf("the answer is wrong: %.400q", answer)
	}
	return nil
}

// List is a tools/list.
func List(era string) []byte { return Message(era, "tools/list", "", "") }

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
