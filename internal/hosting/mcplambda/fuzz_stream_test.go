package mcplambda_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
)

// FuzzStream is FuzzEvent with a writer that can stream: a response is one JSON text
// or a stream of messages, the last of which is the JSON-RPC response.
func FuzzStream(f *testing.F) {
	for _, r := range dialogueRequests(f) {
		body, _ := io.ReadAll(r.Body)
		f.Add(r.Header.Get("Accept"), r.Header.Get("Mcp-Protocol-Version"), r.Header.Get("Mcp-Method"), r.Header.Get("Mcp-Name"), body)
	}
	h := dialogueHandler(f, func(o *mcphttp.Options) { o.Streaming = true })
	f.Fuzz(func(t *testing.T, accept, version, mcpMethod, mcpName string, body []byte) {
		r := httptest.NewRequest("POST", "/mcp", bytes.NewReader(body))
		rpc.SetHeaders(r.Header, "Accept", accept, "Mcp-Protocol-Version", version, "Mcp-Method", mcpMethod, "Mcp-Name", mcpName)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		text := w.Body.String()
		if w.Header().Get("Content-Type") == "text/event-stream" {
			text = lastEvent(t, text)
		}
		if w.Code < 200 || w.Code >= 500 || text != "" && !json.Valid([]byte(text)) {
			t.Fatalf("got %d %q", w.Code, w.Body)
		}
		checkResponse(t, body, events.APIGatewayV2HTTPResponse{StatusCode: w.Code, Body: text})
	})
}

// lastEvent returns the data of the last event of a stream whose events are all
// complete JSON texts.
func lastEvent(t *testing.T, stream string) (last string) {
	all, whole := strings.CutSuffix(stream, "\n\n")
	if !whole {
		t.Fatalf("the stream is truncated: %q", stream)
	}
	for event := range strings.SplitSeq(all, "\n\n") {
		data, ok := strings.CutPrefix(event, "event: message\ndata: ")
		if !ok || !json.Valid([]byte(data)) {
			t.Fatalf("%q is not an event with JSON", event)
		}
		last = data
	}
	return last
}
