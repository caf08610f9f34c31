package mcphttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpserver"
)

// message is the part of a JSON-RPC message that the guards need. mcp-go
// dispatches on the body, never on headers, so parsing it here cannot disagree
// with mcp-go.
type message struct {
	JSONRPC string
	ID      json.RawMessage // nil means a notification
	Method  string
	Params  struct {
		Name      string
		RequestID json.RawMessage // of the call to cancel

		ProtocolVersion string     // of initialize
		ClientInfo      clientInfo // of initialize
		Meta            struct {
			ProtocolVersion string // like ClientInfo, in each request since 2026-07-28
			ClientInfo      clientInfo
			Traceparent     string
		}
	}
	Result   json.RawMessage // of a response
	Error    json.RawMessage // of a response
	modern   bool            // the header names 2026-07-28 or later
	streamed bool            // the response can be an event stream

	body, small []byte          // the whole message, and without its large values
	large       mcpserver.Large // the large values
	done        func()          // releases the body's part of the budget
}

// clientInfo is how a client names itself.
type clientInfo struct{ Name, Version string }

// read reads the body and checks that it is one message that the server accepts.
// Responses are accepted only in a session, where the server may have sent a
// request.
func (h *handler) read(out *response, r *http.Request, p apikey.Principal, session bool) (message, *rejection) {
	if rejected := negotiate(r.Header); rejected != nil {
		return message{}, rejected
	}
	body, done, rejected := h.body(r, p)
	if rejected != nil {
		return message{}, rejected
	}
	m, rejected := h.scan(body, session)
	if rejected != nil {
		done()
		return message{}, rejected
	}
	m.done = done
	version := r.Header.Get(mcp.HeaderProtocolVersion)
	if m.Method == string(mcp.MethodInitialize) && !mcp.IsValidProtocolVersion(version) {
		// initialize negotiates the version in its params; mcp-go would reject the
		// request because of a newer version in the header.
		r.Header.Del(mcp.HeaderProtocolVersion)
		version = ""
	}
	m.modern = mcp.IsModernProtocol(version)
	m.streamed = out.flusher != nil
	if rejected := m.checkSupported(version); rejected != nil {
		done()
		return message{}, rejected
	}
	return m, nil
}

// scan calls [readMessage]. It scans large messages on at most half of the cores at once, and
// at least on one, so that they do not delay everything else, above all health checks.
func (h *handler) scan(body []byte, session bool) (message, *rejection) {
	if len(body) > largeMessage {
		h.scanning <- struct{}{}
		defer func() { <-h.scanning }()
	}
	return readMessage(body, session)
}

// readMessage checks the limits of a body and parses it.
func readMessage(body []byte, session bool) (message, *rejection) {
	p, err := scan(body)
	if err == nil {
		var small []byte
		var large mcpserver.Large
		if small, large, err = p.shrink(body); err == nil {
			m, rejected := parse(body, p, session)
			m.body, m.small, m.large = body, small, large
			return m, rejected
		}
	}
	if errors.Is(err, errSyntax) {
		return message{}, rejectMessage(http.StatusBadRequest, mcp.PARSE_ERROR, nil, err.Error())
	}
	return message{}, rejectMessage(http.StatusRequestEntityTooLarge, mcp.INVALID_REQUEST, nil, err.Error())
}

// negotiate checks Content-Type, Content-Encoding and Accept. A client must accept JSON;
// one without an Accept header gets JSON. Compressed messages are rejected, because their
// size would be unknown until they are decompressed.
func negotiate(header http.Header) *rejection {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return rejectMessage(http.StatusUnsupportedMediaType, mcp.INVALID_REQUEST, nil, "send Content-Type: application/json")
	}
	for _, encoding := range header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return rejectMessage(http.StatusUnsupportedMediaType, mcp.INVALID_REQUEST, nil, "send the message without Content-Encoding")
		}
	}
	if !accepts(header, "application/json") {
		return rejectMessage(http.StatusNotAcceptable, mcp.INVALID_REQUEST, nil, "send Accept: application/json, text/event-stream")
	}
	return nil
}

// acceptsStream reports whether the Accept header names event streams.
func acceptsStream(header http.Header) bool {
	return len(header.Values("Accept")) > 0 && accepts(header, "text/event-stream")
}

// accepts reports whether the Accept headers allow a media type; without any,
// everything is allowed. Weights are ignored: only a weight of zero would matter,
// and no client is known to send it.
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

// parse checks that a scanned body is one object and JSON-RPC 2.0, with an id that
// can be sent back and a method or, in a session, a response.
func parse(body []byte, p parts, session bool) (message, *rejection) {
	m := p.decode()
	invalid := func(id json.RawMessage, reason string) (message, *rejection) {
		return message{}, rejectMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, id, reason)
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
	if m.Method == "" && !(session && m.isResponse()) {
		return invalid(m.ID, "the message has no method: this server sends no requests, so it takes no responses")
	}
	return m, nil
}

// decode decodes the members of a message by encoding/json's rules: the case of names is
// ignored, and the last of several members with one name is used. It leaves out values of
// wrong types: mcp-go reports those in params, and [parse] checks the others.
func (p parts) decode() (m message) {
	for _, member := range p.message {
		switch text := member.text; {
		case member.is("jsonrpc"):
			decodeText(text, &m.JSONRPC)
		case member.is("id"):
			m.ID = text
		case member.is("method"):
			decodeText(text, &m.Method)
		case member.is("result"):
			m.Result = text
		case member.is("error"):
			m.Error = text
		}
	}
	for _, member := range p.params {
		switch text := member.text; {
		case member.is("name"):
			decodeText(text, &m.Params.Name)
		case member.is("requestId"):
			m.Params.RequestID = text
		case member.is("protocolVersion"):
			decodeText(text, &m.Params.ProtocolVersion)
		case member.is("clientInfo"):
			_ = json.Unmarshal(text, &m.Params.ClientInfo)
		}
	}
	for _, member := range p.meta { // mcp-go matches the case of these names
		switch text := member.text; member.name {
		case mcp.MetaKeyProtocolVersion:
			m.Params.Meta.ProtocolVersion = ""
			decodeText(text, &m.Params.Meta.ProtocolVersion)
		case mcp.MetaKeyClientInfo:
			_ = json.Unmarshal(text, &m.Params.Meta.ClientInfo)
		case "traceparent":
			decodeText(text, &m.Params.Meta.Traceparent)
		}
	}
	return m
}

// decodeText decodes a member that is a string.
func decodeText(text []byte, into *string) {
	if text[0] == '"' {
		*into, _ = unquote(text) // scanned before
	}
}

// validID reports whether an id is a string, or a number that fits a float64,
// which mcp-go uses. JSON-RPC allows nothing else except null, which MCP forbids.
func validID(id json.RawMessage) bool {
	if id[0] == '"' {
		return true
	}
	_, err := strconv.ParseFloat(string(id), 64)
	return err == nil
}

// checkSupported rejects messages that mcp-go would wrongly accept or answer with
// the wrong error.
func (m message) checkSupported(version string) *rejection {
	if version != "" && !mcp.IsValidProtocolVersion(version) {
		if len(version) > len(mcp.ProtocolVersion20260728) {
			version = "" // too long for a version: do not repeat it in the response
		}
		unsupported := mcp.UnsupportedProtocolVersionError{Version: version, Supported: mcp.ValidProtocolVersions}.JSONRPCError()
		rejected := rejectMessage(http.StatusBadRequest, unsupported.Error.Code, m.ID, "unsupported protocol version; supported: "+strings.Join(mcp.ValidProtocolVersions, ", "))
		rejected.data = unsupported.Error.Data
		return rejected
	}
	// A buffered response delivers no notification before its end, and mcp-go would wait
	// until the deadline, which is billed.
	if m.subscribes() && !m.streamed {
		return rejectMessage(http.StatusNotFound, mcp.METHOD_NOT_FOUND, m.ID, "subscriptions/listen is not supported: this server has no change notifications")
	}
	return nil
}
