package mcpclient_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/mcpclient"
)

// zeros is an endless response body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// bomb answers with a gzip body that expands to 256 MB, after the given beginning.
func bomb(contentType, beginning string, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is valid
		io.WriteString(z, beginning)
		io.Copy(z, io.LimitReader(zeros{}, 1<<30)) // ends early when the client closes the connection
		z.Close()
	}
}

// A compressed response that expands to 256 MB is not read to its end, in whatever form the
// server sends it.
func TestCompressedResponsesAreLimited(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"JSON":        bomb("application/json", `{"jsonrpc":"2.0","id":1,"result":{"x":"`, http.StatusOK),
		"a stream":    bomb("text/event-stream", "data: ", http.StatusOK),
		"an error":    bomb("application/json", `{"message":"`, http.StatusForbidden),
		"JSON as 400": bomb("application/json", `{"jsonrpc":"2.0","id":1,"error":{"message":"`, http.StatusBadRequest),
	} {
		o := mcpclient.Options{URL: start(t, h), Key: key}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, connectErr := mcpclient.Connect(t.Context(), o)
		_, pingErr := mcpclient.NewProbe(o).Ping(t.Context())
		runtime.ReadMemStats(&after)
		if connectErr == nil || pingErr == nil {
			t.Errorf("%s: Connect: %v, Ping: %v; want errors", name, connectErr, pingErr)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 250 {
			t.Errorf("%s: %d MB were allocated", name, used)
		}
		var large *mcpclient.TooLargeError
		if name == "JSON" && !errors.As(pingErr, &large) {
			t.Errorf("%s: Ping: %v, want a TooLargeError", name, pingErr)
		}
	}
}

// A list of tools that never ends is not read forever.
func TestPagesAreLimited(t *testing.T) {
	page := 0
	url := start(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch text := string(body); {
		case strings.Contains(text, `"tools/list"`):
			page++
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"t%d","description":%q,"inputSchema":{"type":"object"}}],"nextCursor":"%d"}}`, id(text), page, strings.Repeat("x", 1<<20), page)
		case strings.Contains(text, `"initialize"`):
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"endless","version":"1"}}}`, id(text))
		case strings.Contains(text, `"notifications/`):
			w.WriteHeader(http.StatusAccepted)
		default:
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}`, id(text))
		}
	})
	c, err := mcpclient.Connect(t.Context(), mcpclient.Options{URL: url, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Tools(t.Context())
	var large *mcpclient.TooLargeError
	if !errors.As(err, &large) || page > 100 {
		t.Errorf("after %d pages of 1 MB: %v, want a TooLargeError", page, err)
	}
}

// id returns the id of a JSON-RPC request, as JSON.
func id(request string) string {
	_, after, _ := strings.Cut(request, `"id":`)
	return after[:strings.IndexAny(after, ",}")]
}

// Text of a server stays on one line and cannot control a terminal.
func TestErrorsArePrintable(t *testing.T) {
	const hostile = `one\ntwo\u001b[31m\u009b\u202e\u2028mcpctl: all is well`
	for name, h := range map[string]http.HandlerFunc{
		"JSON-RPC error": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"%s"}}`, id(string(body)), hostile)
		},
		"error page": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "one\ntwo\x1b[31m\u009b\u202e\u2028mcpctl: all is well", http.StatusForbidden)
		},
		"redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://one\u009b.example/\u202e")
			w.WriteHeader(http.StatusFound)
		},
	} {
		_, err := mcpclient.Connect(t.Context(), mcpclient.Options{URL: start(t, h), Key: key})
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if text := err.Error(); strings.ContainsAny(text, "\n\r\x1b\u009b\u202e\u2028") {
			t.Errorf("%s: %q", name, text)
		}
	}
}
