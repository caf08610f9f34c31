package mcplambda_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rogpeppe/go-internal/txtar"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
)

// FuzzEvent sends events as the gateway does. It checks for every event that there is no
// panic, a status, a JSON body, and for a JSON-RPC request a JSON-RPC response with its
// id. The corpus starts with the dialogues.
func FuzzEvent(f *testing.F) {
	for _, r := range dialogueRequests(f) {
		body, _ := io.ReadAll(r.Body)
		f.Add(r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Accept"), r.Header.Get("Origin"),
			r.Header.Get("Mcp-Protocol-Version"), r.Header.Get("Mcp-Method"), r.Header.Get("Mcp-Name"), body, false, "*")
	}
	f.Add("POST", "/mcp", "application/json", "*/*", "", "", "", "", []byte(rpc.Ping), true, "")
	handle := lambdahttp.Buffered(dialogueHandler(f, func(o *mcphttp.Options) { o.Authenticate = keycheck.FromAuthorizer }), nil)

	f.Fuzz(func(t *testing.T, method, path, contentType, accept, origin, version, mcpMethod, mcpName string, body []byte, encoded bool, tools string) {
		event := events.APIGatewayV2HTTPRequest{RawPath: path, Headers: map[string]string{}, Body: string(body), IsBase64Encoded: encoded}
		event.RequestContext.HTTP.Method = method
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{"keyId": "ci", "tools": tools}}
		if encoded {
			event.Body = base64.StdEncoding.EncodeToString(body)
		}
		for name, value := range map[string]string{
			"content-type": contentType, "accept": accept, "origin": origin,
			"mcp-protocol-version": version, "mcp-method": mcpMethod, "mcp-name": mcpName,
		} {
			if value != "" {
				event.Headers[name] = value
			}
		}
		response, err := handle(t.Context(), lambdahttp.NewEvent(event))
		if err != nil || response.StatusCode < 200 || response.StatusCode > 599 {
			t.Fatalf("got %+v, %v", response, err)
		}
		if response.StatusCode >= 500 {
			t.Errorf("got %d %s: no event may cause a server error", response.StatusCode, response.Body)
		}
		if response.Body != "" && (response.Headers["Content-Type"] != "application/json" || !json.Valid([]byte(response.Body))) {
			t.Errorf("the body is not JSON: %q", response.Body)
		}
		accepted := method == http.MethodPost && (path == "/mcp" || path == "/mcp/") && (origin == "" || origin == "https://app.example")
		if accepted {
			checkResponse(t, body, response)
		}
	})
}

// checkResponse checks that a request got a JSON-RPC response, and a notification
// none.
func checkResponse(t *testing.T, request []byte, response events.APIGatewayV2HTTPResponse) {
	var sent struct {
		JSONRPC, Method string
		ID              json.RawMessage
	}
	if json.Unmarshal(request, &sent) != nil || sent.JSONRPC != "2.0" || sent.Method == "" {
		if response.StatusCode < 400 {
			t.Errorf("%q, which is not JSON-RPC, got %d %q", request, response.StatusCode, response.Body)
		}
		return
	}
	if response.StatusCode == http.StatusAccepted {
		if sent.ID != nil || response.Body != "" {
			t.Errorf("%q got %d %q", request, response.StatusCode, response.Body)
		}
		return
	}
	var got struct {
		JSONRPC       string
		ID            json.RawMessage
		Result, Error json.RawMessage
	}
	if err := json.Unmarshal([]byte(response.Body), &got); err != nil || got.JSONRPC != "2.0" || (got.Result == nil) == (got.Error == nil) {
		t.Fatalf("%q got no JSON-RPC response: %d %s", request, response.StatusCode, response.Body)
	}
	if string(got.ID) == "null" && got.Error != nil {
		return // the request could not be read
	}
	if _, err := strconv.ParseFloat(string(sent.ID), 64); err == nil && string(sent.ID) != string(got.ID) {
		t.Errorf("id %s was returned as %s", sent.ID, got.ID)
	}
	var sentID, gotID any
	if json.Unmarshal(sent.ID, &sentID) != nil || json.Unmarshal(got.ID, &gotID) != nil || sentID != gotID {
		t.Errorf("id %s was returned as %s", sent.ID, got.ID)
	}
}

// dialogueRequests returns the requests of all dialogues.
func dialogueRequests(t testing.TB) []*http.Request {
	files, _ := filepath.Glob("testdata/dialogues/*.txtar")
	var all []*http.Request
	for _, file := range files {
		dialogue, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range dialogue.Files {
			if strings.HasPrefix(part.Name, "request") {
				all = append(all, readRequest(t, string(part.Data)))
			}
		}
	}
	return all
}
