package realclients_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// model is a stand-in for a language model, with the APIs of OpenAI (responses and chat
// completions), Anthropic and Google. If a request offers the tool calculate, the model makes
// the client call it; when it receives the tool's result, it ends the conversation.
type model struct {
	url string

	// attempts limits how often the model makes the client ask again.
	attempts int

	mu      sync.Mutex
	asked   int      // requests that offered any tools
	results []string // what clients sent as the tool's result
	paths   []string // of all requests, for failures
}

// callID is the id of the model's only tool call.
const callID = "call_0123456789"

// arguments are the arguments of the tool call: 6 times 7.
const arguments = `{"operation":"multiply","a":6,"b":7}`

func serveModel(t *testing.T, attempts int) *model {
	t.Helper()
	m := &model{attempts: attempts}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

// calculated reports whether a client sent the tool's result to the model.
func (m *model) calculated() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.results {
		if strings.Contains(r, "42") {
			return true
		}
	}
	return false
}

func (m *model) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fmt.Sprintf("requests %q, tool results %q", m.paths, m.results)
}

// A turn is the model's response: a tool call, or the end of the conversation.
type turn struct {
	id        string // of the call
	tool      string // the client's name for the tool; empty means no call
	namespace string // in OpenAI's responses; empty means none
	arguments string // JSON
}

const ending = "The result is 42."

// ServeHTTP implements [http.Handler].
func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return // the client has disconnected
	}
	var request map[string]any
	_ = json.Unmarshal(body, &request) // a GET has no body
	m.mu.Lock()
	m.paths = append(m.paths, r.Method+" "+r.URL.Path)
	m.mu.Unlock()
	next := m.next(request)
	stream := request["stream"] == true || strings.Contains(r.URL.Path, ":stream")
	switch {
	case r.Method != http.MethodPost:
		writeJSON(w, map[string]any{"object": "list", "data": []any{map[string]any{"id": "stand-in", "object": "model"}}})
	case strings.HasSuffix(r.URL.Path, "/count_tokens"), strings.HasSuffix(r.URL.Path, ":countTokens"):
		writeJSON(w, map[string]any{"input_tokens": 10, "totalTokens": 10})
	case strings.HasSuffix(r.URL.Path, "/responses"):
		reply(w, stream, response(next), responseEvents(next))
	case strings.HasSuffix(r.URL.Path, "/chat/completions"):
		reply(w, stream, completion("message", next), completionEvents(next))
	case strings.HasSuffix(r.URL.Path, "/messages"):
		reply(w, stream, message(next), messageEvents(next))
	case strings.Contains(r.URL.Path, ":"):
		reply(w, stream, candidate(next), []event{{data: candidate(next)}})
	default:
		http.NotFound(w, r)
	}
}

// next returns the response to a request of any API, depending on whether the request offers
// the tool or contains its result.
//
// Some clients send a request before they know the server's tools. Then next calls a tool
// that does not exist, so that the client sends another request.
func (m *model) next(request map[string]any) turn {
	if list, _ := request["tools"].([]any); len(list) == 0 {
		return turn{} // the client asks for something else, such as a title
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	t := turn{tool: "not_there_yet", id: fmt.Sprintf("call_%d", m.asked), arguments: fmt.Sprintf(`{"attempt":%d}`, m.asked)}
	walk(request["tools"], "", func(object map[string]any, namespace string) {
		if name, ok := object["name"].(string); ok && strings.HasSuffix(name, "calculate") {
			t = turn{tool: name, namespace: namespace, id: callID, arguments: arguments}
		}
	})
	for _, member := range []string{"input", "messages", "contents"} {
		walk(request[member], "", func(object map[string]any, _ string) {
			_, google := object["functionResponse"]
			if !google && object["role"] != "tool" && object["type"] != "tool_result" && object["type"] != "function_call_output" {
				return
			}
			if text, _ := json.Marshal(object); strings.Contains(string(text), callID) {
				m.results, t = append(m.results, string(text)), turn{}
			}
		})
	}
	if m.asked > m.attempts {
		return turn{}
	}
	return t
}

// walk calls f with every object in v and the object's namespace.
func walk(v any, namespace string, f func(object map[string]any, namespace string)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			walk(item, namespace, f)
		}
	case map[string]any:
		f(v, namespace)
		if name, ok := v["name"].(string); ok && v["type"] == "namespace" {
			namespace = name
		}
		for _, member := range v {
			walk(member, namespace, f)
		}
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may have disconnected
}

// event is a server-sent event.
type event struct {
	name string // empty: without a name
	data any    // a string is sent as it is
}

func reply(w http.ResponseWriter, stream bool, whole any, events []event) {
	if !stream {
		writeJSON(w, whole)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for _, e := range events {
		if e.name != "" {
			fmt.Fprintf(w, "event: %s\n", e.name)
		}
		text, isText := e.data.(string)
		if !isText {
			data, _ := json.Marshal(e.data)
			text = string(data)
		}
		fmt.Fprintf(w, "data: %s\n\n", text)
	}
}
