package mcphttp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// An argument that is also sent as a header must have the same value there, however its
// schema writes the annotation. A tool outside the key's scope is like an unknown one.
func TestParamHeaders(t *testing.T) {
	const city = `{"city":"Rome"}`
	done := func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("done"), nil
	}
	raw := func(name, schema string) tool.Tool {
		return tool.Raw(mcp.NewToolWithRawSchema(name, "A fixture.", json.RawMessage(schema)), done)
	}
	structured := mcp.NewTool("structured", mcp.WithDescription("A fixture."), mcp.WithString("city", func(schema map[string]any) { schema["x-mcp-header"] = "City" }))
	set := tool.Set{Tools: []tool.Tool{
		raw("plain", `{"type":"object","properties":{"city":{"type":"string"}}}`),
		raw("header", `{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"}}}`),
		raw("upper", `{"type":"object","properties":{"city":{"type":"string","X-MCP-Header":"City"}}}`),
		raw("escape", `{"type":"object","properties":{"city":{"type":"string","x-\u006dcp-header":"City"}}}`),
		raw("nested", `{"type":"object","properties":{"to":{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"}}}}}`),
		raw("large", `{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"},"text":{"type":"string"}}}`),
		raw("closed", `{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"}}}`),
		tool.Raw(structured, done),
	}, Prompts: []tool.Prompt{tool.RawPrompt(mcp.NewPrompt("header"), "header", func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return mcp.NewGetPromptResult("done", nil), nil
	})}}
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, set)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandlerWith(s, func(o *mcphttp.Options) {
		o.Authenticate = func(*http.Request) (apikey.Principal, error) {
			return apikey.Principal{KeyID: "ci", Tools: []string{"plain", "header", "upper", "escape", "nested", "large", "structured"}}, nil
		}
	})
	for _, c := range []struct{ name, arguments, header, want string }{
		{"plain", city, "", "done"},
		{"plain", city, "Oslo", "done"}, // no argument of the tool
		{"header", city, "", "Mcp-Param-City: missing header for parameter"},
		{"header", city, "Rome", "done"},
		{"header", city, "=?base64?Um9tZQ==?=", "done"},
		{"header", city, "s3cret", "Mcp-Param-City does not match the body"},
		{"header", `{}`, "", "done"},
		{"header", `{}`, "Rome", "unexpected header"},
		{"upper", city, "", "missing header"},
		{"escape", city, "", "missing header"},
		{"nested", `{"to":` + city + `}`, "", "missing header"},
		{"nested", `{"to":` + city + `}`, "Rome", "done"},
		{"large", `{"text":"` + strings.Repeat("x", 20_000) + `","city":"Rome"}`, "", "missing header"},
		{"large", `{"text":"` + strings.Repeat("x", 20_000) + `","city":"Rome"}`, "Rome", "done"},
		{"structured", city, "", "missing header"},
		{"structured", city, "Rome", "done"},
		{"closed", city, "", "no such tool"},
		{"unknown", city, "", "no such tool"},
	} {
		body, headers := rpc.ModernCall("1", c.name, c.arguments)
		if c.header != "" {
			headers = append(headers, "Mcp-Param-City", c.header)
		}
		w := post(h, body, headers...)
		if got := w.Body.String(); !strings.Contains(got, c.want) || strings.Contains(got, "s3cret") || (w.Code == http.StatusOK) != (c.want == "done") {
			t.Errorf("%s with the header %q: %d %s, want %s", c.name, c.header, w.Code, got, c.want)
		}
	}
	// A prompt of the same name has no such arguments. A header with another name is also
	// an error, and so are several values.
	body, headers := rpc.Modern("1", "prompts/get", `"name":"header","arguments":`+city)
	if w := post(h, body, append(headers, "Mcp-Name", "header")...); !strings.Contains(w.Body.String(), "done") {
		t.Errorf("a prompt: %s", w.Body)
	}
	body, headers = rpc.ModernCall("1", "header", city)
	if w := post(h, body, append(headers, "Mcp-Param-City", "Rome", "Mcp-Name", "plain")...); !strings.Contains(w.Body.String(), "Mcp-Name does not match the body") {
		t.Errorf("another name: %s", w.Body)
	}
	for name, first := range map[string]string{"Mcp-Param-City": "Rome", "Mcp-Name": "header", "Mcp-Method": "tools/call"} {
		r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(body))
		rpc.SetHeaders(r.Header, append(headers, "Mcp-Param-City", "Rome")...)
		r.Header[name] = []string{first, "other"}
		w := httptest.NewRecorder()
		if h.ServeHTTP(buffered{w}, r); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), name+" does not match the body") {
			t.Errorf("two of %s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := post(h, rpc.Call("1", "header", city), "Mcp-Protocol-Version", "2025-11-25"); !strings.Contains(w.Body.String(), "done") {
		t.Errorf("in the older era: %s", w.Body)
	}
}

// A request of the newer era has the same version in the headers and the body. Errors do
// not repeat the client's text.
func TestVersions(t *testing.T) {
	h, _ := newHandler()
	const v2025, v2026 = "2025-11-25", "2026-07-28"
	message := func(id, version string) string {
		meta := `"io.modelcontextprotocol/clientCapabilities":{}`
		if version != "" {
			meta += `,"io.modelcontextprotocol/protocolVersion":` + version
		}
		return `{"jsonrpc":"2.0",` + id + `"method":"ping","params":{"_meta":{` + meta + `}}}`
	}
	for _, c := range []struct {
		header, id, body string
		status           int
		want             string
	}{
		{"", "", "", 202, ""},
		{"", `"id":1,`, "", 200, "result"},
		{v2025, `"id":1,`, "", 200, "result"},
		{v2025, `"id":1,`, `"2025-11-25"`, 200, "result"},
		{v2025, `"id":1,`, `"1900-s3cret"`, 200, "result"}, // not 2026-07-28 or later
		{v2026, `"id":1,`, `"2026-07-28"`, 404, "was removed in protocol version 2026-07-28"},
		{"", `"id":1,`, `"2026-07-28"`, 400, "-32020,\"message\":\"Mcp-Protocol-Version header is required"},
		{v2026, `"id":1,`, "", 400, "-32602,\"message\":\"missing or invalid _meta field io.modelcontextprotocol/protocolVersion"},
		{v2026, `"id":1,`, `7`, 400, "-32602,\"message\":\"missing or invalid _meta field"},
		{v2026, `"id":1,`, `"2025-11-25"`, 400, "-32020,\"message\":\"Mcp-Protocol-Version does not match the body"},
		{v2026, `"id":1,`, `"s3cret"`, 400, "Mcp-Protocol-Version does not match the body"},
		{v2025, `"id":1,`, `"2026-07-28"`, 400, "Mcp-Protocol-Version does not match the body"},
		{v2025, `"id":1,`, `"2099-s3cret"`, 400, "Mcp-Protocol-Version does not match the body"},
		{v2026, "", `"2026-07-28"`, 202, ""},
		{v2026, "", `"2025-11-25"`, 400, "the notification cannot be read"},
	} {
		method := "ping"
		if c.id == "" {
			method = "" // left out of notifications
		}
		w := post(h, message(c.id, c.body), "Mcp-Protocol-Version", c.header, "Mcp-Method", method)
		if got := w.Body.String(); w.Code != c.status || !strings.Contains(got, c.want) || strings.Contains(got, "s3cret") {
			t.Errorf("header %q, body %s: %d %s, want %d with %s", c.header, message(c.id, c.body), w.Code, got, c.status, c.want)
		}
	}
}
