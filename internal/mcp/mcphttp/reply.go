package mcphttp

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcpsession"
)

// pending is how many messages a tool may be ahead of the network before it has
// to wait.
const pending = 256

// retry is when a client whose connection broke should come back.
const retry = time.Second

// reply is the way back to the client: one JSON body, or, from the first
// message that a tool sends before its answer, an event stream that ends with
// the answer.
type reply struct {
	w       http.ResponseWriter
	flusher http.Flusher       // nil means that nothing leaves before the end
	begun   bool               // the stream has
	kept    *mcpsession.Stream // keeps the events for a client that comes back for them; nil means that none does
}

func newReply(w http.ResponseWriter) *reply {
	flusher, _ := w.(http.Flusher)
	return &reply{w: w, flusher: flusher}
}

// send passes on a message of a tool.
func (out *reply) send(n mcp.JSONRPCNotification) {
	data, err := json.Marshal(n)
	if err != nil {
		return // a value that JSON cannot hold: the call goes on without it
	}
	out.event(data)
}

// event writes one event. Writing to a client that is gone fails; its context
// ends the call, so the error says nothing new.
func (out *reply) event(data []byte) {
	var id string
	if out.kept != nil {
		id = out.kept.Append(data)
	}
	out.identified(id, data)
}

// identified writes an event with its id, if it has one.
func (out *reply) identified(id string, data []byte) {
	out.begin()
	if id != "" {
		_, _ = fmt.Fprintf(out.w, "id: %s\n", id)
	}
	_, _ = fmt.Fprintf(out.w, "event: message\ndata: %s\n\n", data)
	out.flusher.Flush()
}

// prime gives the client an id to come back with before there is anything to
// say, and the milliseconds until then: an event without data, since 2025-11-25.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
func (out *reply) prime(id string) {
	out.begin()
	_, _ = fmt.Fprintf(out.w, "id: %s\nretry: %d\ndata: \n\n", id, retry.Milliseconds())
	out.flusher.Flush()
}

// comment keeps proxies and clients from taking a silent stream for dead.
func (out *reply) comment() {
	out.begin()
	_, _ = fmt.Fprint(out.w, ": still working\n\n")
	out.flusher.Flush()
}

// begin starts the stream. X-Accel-Buffering keeps proxies from collecting it.
func (out *reply) begin() {
	if out.begun {
		return
	}
	out.begun = true
	header := out.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
	out.w.WriteHeader(http.StatusOK)
}

// drain passes on what is waiting already.
func (out *reply) drain(notifications <-chan mcp.JSONRPCNotification) {
	for {
		select {
		case n := <-notifications:
			out.send(n)
		default:
			return
		}
	}
}

// finish ends the reply with the answer. In a stream that has begun the status
// is spent, and the answer is its last event.
func (out *reply) finish(status int, header http.Header, body []byte) {
	if out.begun {
		out.event(trimNewline(body))
		return
	}
	maps.Copy(out.w.Header(), header)
	out.w.WriteHeader(status)
	_, _ = out.w.Write(body) // as in event
}

// none ends the reply without an answer: the stream, or, if none has begun, with
// a status only.
func (out *reply) none(status int) {
	if !out.begun {
		out.w.WriteHeader(status)
	}
}

// trimNewline takes off what json.Encoder adds: in an event it would end it.
func trimNewline(body []byte) []byte {
	if n := len(body); n > 0 && body[n-1] == '\n' {
		return body[:n-1]
	}
	return body
}
