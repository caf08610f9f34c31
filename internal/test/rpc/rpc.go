// Package rpc returns the JSON-RPC messages that tests send and expect, and the HTTP headers
// that go with them. Ids, params and arguments are JSON texts, so that a test controls every
// byte.
package rpc

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// Ping is a request of the protocol before 2026-07-28, with the id 1.
const Ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`

// Initialize is the first request of a client of 2025-11-25, with the id 0.
const Initialize = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`

// List is tools/list of the protocol before 2026-07-28, with the id 1.
const List = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`

// Call returns a tools/call of the protocol before 2026-07-28.
func Call(id, tool, arguments string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}`
}

// Modern returns a request of 2026-07-28 and its headers, as pairs of name and value. params
// has the members of the params object, or "".
func Modern(id, method, params string, headers ...string) (body string, all []string) {
	if params != "" {
		params = "," + params
	}
	const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"` + method + `","params":{` + meta + params + `}}`,
		append([]string{"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", method}, headers...)
}

// ModernCall returns a tools/call of 2026-07-28 and its headers.
func ModernCall(id, tool, arguments string) (body string, headers []string) {
	return Modern(id, "tools/call", `"name":"`+tool+`","arguments":`+arguments, "Mcp-Name", tool)
}

// Result returns a response.
func Result(id, result string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"result":` + result + `}`
}

// Error returns an error response.
func Error(id, code, message string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"error":{"code":` + code + `,"message":"` + message + `"}}`
}

// SetHeaders sets the headers that every client sends, with the key "good", and
// then pairs of name and value. An empty value removes the header.
func SetHeaders(header http.Header, changes ...string) {
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "application/json, text/event-stream")
	header.Set("X-Api-Key", "good")
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == "" {
			header.Del(changes[i])
		} else {
			header.Set(changes[i], changes[i+1])
		}
	}
}

// Post sends a message to /mcp of a handler in this process, with the headers
// of [SetHeaders], and returns the recorded response.
func Post(h http.Handler, message string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(message))
	SetHeaders(r.Header, headers...)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
