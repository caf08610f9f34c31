package mcphttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// message is as much of a JSON-RPC message as must be known before the library
// reads it. The library decides by the body too, never by headers, so this
// look at it opens no second truth.
type message struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"` // nil means a notification
	Method  string          `json:"method"`
	Params  struct {
		Name      string          `json:"name"`
		RequestID json.RawMessage `json:"requestId"` // of the call to cancel
	} `json:"params"`
	Result   json.RawMessage `json:"result"` // of a response
	Error    json.RawMessage `json:"error"`
	modern   bool            // says the header: 2026-07-28 or later
	streamed bool            // the answer can be an event stream
}

// read takes the body off the wire and makes sure that it is one message that
// this server may be sent: a response only in a session, where it may have asked.
func (h *handler) read(out *reply, r *http.Request, session bool) ([]byte, message, *refusal) {
	var m message
	if refused := negotiate(r.Header); refused != nil {
		return nil, m, refused
	}
	body, refused := h.body(out, r)
	if refused != nil {
		return nil, m, refused
	}
	m, refused = parse(body, session)
	if refused != nil {
		return nil, m, refused
	}
	version := r.Header.Get(mcp.HeaderProtocolVersion)
	m.modern = mcp.IsModernProtocol(version)
	m.streamed = out.flusher != nil
	return body, m, m.unwelcome(version)
}

// body reads all of it, up to the limit.
func (h *handler) body(out *reply, r *http.Request) ([]byte, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(out.w, r.Body, h.MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, refuseMessage(http.StatusRequestEntityTooLarge, mcp.INVALID_REQUEST, nil, fmt.Sprintf("the message is larger than %d bytes", h.MaxBody))
	} else if err != nil {
		return nil, refuseMessage(http.StatusBadRequest, mcp.PARSE_ERROR, nil, "the message could not be read")
	}
	return body, nil
}

// negotiate checks Content-Type and Accept. A client must accept both JSON and
// event streams; one that names neither header gets JSON all the same.
func negotiate(header http.Header) *refusal {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return refuseMessage(http.StatusUnsupportedMediaType, mcp.INVALID_REQUEST, nil, "send Content-Type: application/json")
	}
	if !accepts(header, "application/json") {
		return refuseMessage(http.StatusNotAcceptable, mcp.INVALID_REQUEST, nil, "send Accept: application/json, text/event-stream")
	}
	return nil
}

// acceptsStream reports whether the client said that it takes event streams.
func acceptsStream(header http.Header) bool {
	return len(header.Values("Accept")) > 0 && accepts(header, "text/event-stream")
}

// accepts reports whether the Accept headers allow a media type; without any,
// everything is allowed. A weight of zero is the only one that matters, and no
// client is known to send it, so weights are not read.
func accepts(header http.Header, mediaType string) bool {
	values := header.Values("Accept")
	if len(values) == 0 {
		return true
	}
	group, _, _ := strings.Cut(mediaType, "/")
	for accepted := range strings.SplitSeq(strings.Join(values, ","), ",") {
		accepted, _, _ = strings.Cut(accepted, ";")
		switch strings.ToLower(strings.TrimSpace(accepted)) {
		case mediaType, group + "/*", "*/*":
			return true
		}
	}
	return false
}

// parse reads what must be known of the body: JSON, one object, JSON-RPC 2.0,
// an id that can be sent back, a method or, in a session, an answer.
func parse(body []byte, session bool) (message, *refusal) {
	var m message
	// A wrong type is told by the library, method by method, unless it is in
	// one of the fields that are checked below.
	err := json.Unmarshal(body, &m)
	if wrongType := (*json.UnmarshalTypeError)(nil); err != nil && !errors.As(err, &wrongType) || !utf8.Valid(body) {
		return message{}, refuseMessage(http.StatusBadRequest, mcp.PARSE_ERROR, nil, "the message is not valid JSON")
	}
	invalid := func(id json.RawMessage, reason string) (message, *refusal) {
		return message{}, refuseMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, id, reason)
	}
	switch bytes.TrimLeft(body, " \t\r\n")[0] {
	case '{':
	case '[':
		return invalid(nil, "batches are not supported: protocol version 2025-06-18 removed them; send each message by itself")
	default:
		return invalid(nil, "the message is not a JSON object")
	}
	if m.ID != nil && !validID(m.ID) {
		return invalid(nil, "the id is neither a string nor a number")
	}
	if m.JSONRPC != mcp.JSONRPC_VERSION {
		return invalid(m.ID, `the message is not JSON-RPC: "jsonrpc" is not "2.0"`)
	}
	if m.Method == "" && !(session && m.answers()) {
		return invalid(m.ID, "the message has no method: this server sends no requests, so it takes no responses")
	}
	return m, nil
}

// validID reports whether an id is a string, or a number that the library can
// hold. The protocol allows no null, and JSON-RPC nothing else.
func validID(id json.RawMessage) bool {
	if id[0] == '"' {
		return true
	}
	_, err := strconv.ParseFloat(string(id), 64)
	return err == nil
}

// unwelcome refuses what the library would take too well or too badly.
func (m message) unwelcome(version string) *refusal {
	if !m.modern && version != "" && !mcp.IsValidProtocolVersion(version) && m.Method != string(mcp.MethodInitialize) {
		unsupported := mcp.UnsupportedProtocolVersionError{Version: version, Supported: mcp.ValidProtocolVersions}.JSONRPCError()
		refused := refuseMessage(http.StatusBadRequest, unsupported.Error.Code, m.ID, unsupported.Error.Message)
		refused.data = unsupported.Error.Data
		return refused
	}
	// Where nothing can be told before the end, there is nothing to listen to;
	// the library would wait until the deadline, at the owner's expense.
	if m.listens() && !m.streamed {
		return refuseMessage(http.StatusNotFound, mcp.METHOD_NOT_FOUND, m.ID, "subscriptions/listen is not supported: this server has no change notifications")
	}
	return nil
}
