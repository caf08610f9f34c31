package mcphttp

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpserver"
)

// requestMessage is the message of the log line that each request gets. The attributes
// have the same names in every deployment shape; docs/operate.md lists them.
const requestMessage = "mcp request"

// requestLine collects the fields of a request's log line. None is a raw header,
// argument or result: each value is chosen by this server, is a known name, or is
// cleaned by [apikey.Loggable].
type requestLine struct {
	id    string
	begun time.Time
	key   string // the credential that was sent; removed from all other fields
	cold  bool   // the first request of this process

	keyID                string
	keyringAge           time.Duration // -1 means unknown
	client               clientInfo
	version, traceparent string
	method, tool         string // of the message; known names only
	bytesIn              int
	bytesOut             int64
	rejected             *rejection
	code                 int // of mcp-go's JSON-RPC error for a request that reached no hook
	status               int // HTTP status of that error
	report               *mcpserver.Report
	silent               bool // write no line: the task that has the session writes it
}

type requestLineKey struct{}

// RequestID returns the id of the request that ctx belongs to, "" outside a request
// of this package's handler. It is in every log line about the request.
func RequestID(ctx context.Context) string {
	if l := lineFrom(ctx); l != nil {
		return l.id
	}
	return ""
}

func lineFrom(ctx context.Context) *requestLine {
	l, _ := ctx.Value(requestLineKey{}).(*requestLine)
	return l
}

// SetKeyringAge sets the age of the keyring in the log line of the request that ctx
// belongs to. A negative age means unknown. It does nothing outside a request of this
// package's handler.
func SetKeyringAge(ctx context.Context, age time.Duration) {
	if l := lineFrom(ctx); l != nil {
		l.keyringAge = age
	}
}

// beginLine returns a new line, and the request with that line in its context.
func (h *handler) beginLine(r *http.Request) (*requestLine, *http.Request) {
	l := &requestLine{begun: h.Now(), key: sentKey(r), cold: !h.warm.Swap(true), keyringAge: -1, report: &mcpserver.Report{}}
	if h.RequestID != nil {
		l.id = h.RequestID(r)
	}
	if l.id == "" || l.key != "" && strings.Contains(l.id, l.key) { // a key can have the form of a trace id
		l.id = rand.Text()
	}
	l.client.Name, l.client.Version = apikey.LoggableClient(r.UserAgent(), l.key)
	if version := r.Header.Get(mcp.HeaderProtocolVersion); mcp.IsValidProtocolVersion(version) {
		l.version = version
	}
	ctx := context.WithValue(r.Context(), requestLineKey{}, l)
	return l, r.WithContext(mcpserver.WithReport(ctx, l.report))
}

// sentKey returns the credential of a request, "" if there is none.
func sentKey(r *http.Request) string {
	if key := strings.TrimSpace(r.Header.Get("X-Api-Key")); key != "" {
		return key
	}
	_, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	return strings.TrimSpace(token)
}

// addMessage adds the fields that describe a message.
func (l *requestLine) addMessage(h *handler, m message) {
	l.bytesIn, l.method = len(m.body), knownMCPMethod(m.Method)
	if m.Method == string(mcp.MethodToolsCall) && h.server.GetTool(m.Params.Name) != nil {
		l.tool = m.Params.Name
	}
	info := m.Params.Meta.ClientInfo
	if m.Method == string(mcp.MethodInitialize) {
		info = m.Params.ClientInfo
		if mcp.IsValidProtocolVersion(m.Params.ProtocolVersion) {
			l.version = m.Params.ProtocolVersion
		}
	}
	l.addClient(info)
	if isTraceparent(m.Params.Meta.Traceparent) && (l.key == "" || !strings.Contains(m.Params.Meta.Traceparent, l.key)) {
		l.traceparent = m.Params.Meta.Traceparent[:traceparentLength]
	}
}

// addTask adds the tool and the outcome of a Tasks extension request, which does not reach
// mcp-go.
func (l *requestLine) addTask(tool, outcome string) {
	l.tool = tool
	l.report.Set(mcpserver.Result{Outcome: outcome})
}

// addClient replaces the client named by the User-Agent header with the client that the
// message or the session names.
func (l *requestLine) addClient(info clientInfo) {
	if name := apikey.Loggable(info.Name, l.key); name != "" {
		l.client.Name, l.client.Version = name, apikey.Loggable(info.Version, l.key)
	}
}

// write logs the line at the end of a request. Notifications and responses have none
// unless they are rejected.
func (l *requestLine) write(ctx context.Context, h *handler) {
	result, served := l.report.Result()
	if l.silent || l.rejected == nil && l.code == 0 && !served {
		return
	}
	level, outcome := slog.LevelInfo, result.Outcome
	switch {
	case l.rejected != nil:
		level, outcome = l.rejected.level(), l.rejected.outcome()
	case l.code != 0:
		level, outcome = slog.LevelWarn, outcomeRejected
	}
	attrs := make([]slog.Attr, 0, 20)
	add := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	add("requestId", l.id)
	if status := l.rejectedStatus(); status != 0 {
		attrs = append(attrs, slog.Int("status", status))
	}
	add("method", l.method)
	add("outcome", outcome)
	if l.code != 0 {
		attrs = append(attrs, slog.Int("code", l.code))
	}
	add("tool", l.tool)
	add("keyId", l.keyID)
	if l.rejected != nil {
		add("reason", l.rejected.reason)
		add("httpMethod", l.rejected.httpMethod)
	}
	add("client", l.client.Name)
	add("clientVersion", l.client.Version)
	add("protocolVersion", l.version)
	attrs = append(attrs, slog.Float64("durationMs", float64(h.Now().Sub(l.begun).Microseconds())/1000),
		slog.Int("bytesIn", l.bytesIn), slog.Int64("bytesOut", l.bytesOut), slog.Bool("coldStart", l.cold))
	if l.keyringAge >= 0 {
		attrs = append(attrs, slog.Int64("keyringAgeMs", l.keyringAge.Milliseconds()))
	}
	add("traceparent", l.traceparent)
	add("lenient", result.Lenient)
	log(ctx, h.Log, level, attrs)
}

// log writes a line like [slog.Logger.LogAttrs], but does not look up the caller's source
// position, which no line contains.
func log(ctx context.Context, to *slog.Logger, level slog.Level, attrs []slog.Attr) {
	if !to.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(time.Now(), level, requestMessage, 0)
	r.AddAttrs(attrs...)
	_ = to.Handler().Handle(ctx, r) // slog ignores this error too
}

func (l *requestLine) rejectedStatus() int {
	if l.rejected != nil {
		return l.rejected.status
	}
	return l.status
}

// traceparentLength is the length of a traceparent of version 00. Later versions
// begin with the same fields.
const traceparentLength = len("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

// isTraceparent reports whether a text is a valid traceparent.
// https://www.w3.org/TR/trace-context/#traceparent-header-field-values
func isTraceparent(s string) bool {
	if len(s) < traceparentLength || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return false
	}
	version, traceID, parentID, flags := s[:2], s[3:35], s[36:52], s[53:55]
	if len(s) > traceparentLength && (version == "00" || s[traceparentLength] != '-') {
		return false
	}
	return version != "ff" && isHex(version) && isHex(traceID) && isHex(parentID) && isHex(flags) &&
		strings.Trim(traceID, "0") != "" && strings.Trim(parentID, "0") != ""
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// countingWriter counts the bytes of a body.
type countingWriter struct {
	http.ResponseWriter
	n *int64
}

// Write implements http.ResponseWriter.
func (w countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	*w.n += int64(n)
	return n, err
}

// countingFlusher is a countingWriter for responses that may be streamed.
type countingFlusher struct {
	countingWriter
	http.Flusher
}

// Unwrap lets http.ResponseController reach the original writer.
func (w countingFlusher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// clientOf returns the client of the request that ctx belongs to.
func clientOf(ctx context.Context) clientInfo {
	l := lineFrom(ctx)
	if l == nil {
		return clientInfo{}
	}
	return clientInfo{l.client.Name, l.client.Version}
}
