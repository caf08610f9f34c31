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

// maxPending limits the messages that a tool has sent and the network has not yet
// accepted. Beyond it, the tool has to wait.
const maxPending = 256

// retryDelay is how long a client should wait before it reconnects.
const retryDelay = time.Second

// response writes one JSON body or, once a tool sends a message before its
// result, an event stream whose last event is the JSON-RPC response.
type response struct {
	w       http.ResponseWriter
	flusher http.Flusher       // nil means that the response is buffered
	started bool               // the event stream has started
	stored  *mcpsession.Stream // stores the events, so that the client can resume; nil means not resumable
}

func newResponse(w http.ResponseWriter) *response {
	flusher, _ := w.(http.Flusher)
	return &response{w: w, flusher: flusher}
}

// send sends a tool's message. One that JSON cannot encode is dropped.
func (out *response) send(n mcp.JSONRPCNotification) {
	if data, err := json.Marshal(n); err == nil {
		out.event(data)
	}
}

// event stores and sends one event.
func (out *response) event(data []byte) {
	var id string
	if out.stored != nil {
		id = out.stored.Append(data)
	}
	out.eventWithID(id, data)
}

// eventWithID sends an event, with the id unless it is empty. Write errors are
// ignored here and below: a disconnect also ends the request's context.
func (out *response) eventWithID(id string, data []byte) {
	out.start()
	if id != "" {
		_, _ = fmt.Fprintf(out.w, "id: %s\n", id)
	}
	_, _ = fmt.Fprintf(out.w, "event: message\ndata: %s\n\n", data)
	out.flusher.Flush()
}

// prime sends the priming event (id, retry, empty data), so that the client can
// resume before the first message.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
func (out *response) prime(id string) {
	out.start()
	_, _ = fmt.Fprintf(out.w, "id: %s\nretry: %d\ndata: \n\n", id, retryDelay.Milliseconds())
	out.flusher.Flush()
}

// comment sends an SSE comment, so that proxies and clients do not close a silent stream.
func (out *response) comment() {
	out.start()
	_, _ = fmt.Fprint(out.w, ": still working\n\n")
	out.flusher.Flush()
}

// start sends the headers of the stream. X-Accel-Buffering stops proxies from
// buffering it.
func (out *response) start() {
	if out.started {
		return
	}
	out.started = true
	header := out.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
	out.w.WriteHeader(http.StatusOK)
}

// drain sends the notifications that are in the channel now.
func (out *response) drain(notifications <-chan mcp.JSONRPCNotification) {
	for {
		select {
		case n := <-notifications:
			out.send(n)
		default:
			return
		}
	}
}

// finish sends the response. If the stream has started, its status is already
// sent, and the response is its last event.
func (out *response) finish(status int, header http.Header, body []byte) {
	if out.started {
		out.event(trimNewline(body))
		return
	}
	maps.Copy(out.w.Header(), header)
	out.w.WriteHeader(status)
	_, _ = out.w.Write(body)
}

// finishEmpty ends the response without a body. It sends the status unless the
// stream has started.
func (out *response) finishEmpty(status int) {
	if !out.started {
		out.w.WriteHeader(status)
	}
}

// trimNewline removes the newline that json.Encoder appends, which would end the
// event early.
func trimNewline(body []byte) []byte {
	if n := len(body); n > 0 && body[n-1] == '\n' {
		return body[:n-1]
	}
	return body
}
