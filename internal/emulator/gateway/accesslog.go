package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DefaultAccessLogFormat is used if [Config] sets no format. It is the format of the
// deployed stage (stacks/accesslog.go). No field contains text that a caller chose.
const DefaultAccessLogFormat = `{"time":"$context.requestTimeEpoch","requestId":"$context.requestId","routeKey":"$context.routeKey",` +
	`"status":"$context.status","keyId":"$context.authorizer.keyId","sourceIp":"$context.identity.sourceIp",` +
	`"durationMs":"$context.responseLatency","bytesOut":"$context.responseLength","error":"$context.error.message",` +
	`"authorizerError":"$context.authorizer.error","integrationError":"$context.integrationErrorMessage","integrationMs":"$context.integrationLatency"}`

var contextVariable = regexp.MustCompile(`\$context\.[A-Za-z0-9_.]*[A-Za-z0-9_]`)

// accessLog writes the stage's access log. No variable contains a header or a body
// except the user agent, so no format can log a key.
type accessLog struct {
	format string

	mu sync.Mutex
	w  io.Writer // nil means no log
}

func newAccessLog(cfg Config) *accessLog {
	return &accessLog{w: cfg.AccessLog, format: cfg.AccessLogFormat}
}

// record writes one line in the format. Unknown variables and those without a value are
// written as "-".
func (l *accessLog) record(a *API, x *exchange, resp response) {
	if l.w == nil {
		return
	}
	values := a.contextVariables(x, resp)
	line := contextVariable.ReplaceAllStringFunc(l.format, func(name string) string {
		name = strings.TrimPrefix(name, "$context.")
		value := values[name]
		if property, ok := strings.CutPrefix(name, "authorizer."); ok && x.authorizer[property] != nil {
			value = fmt.Sprint(x.authorizer[property])
		}
		if value == "" {
			return "-"
		}
		return escape(value)
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.w, line+"\n")
}

// contextVariables returns the $context variables except the authorizer's context.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
func (a *API) contextVariables(x *exchange, resp response) map[string]string {
	values := map[string]string{
		"accountId":               a.cfg.Account,
		"apiId":                   a.cfg.APIID,
		"authorizer.error":        x.authorizerError,
		"domainName":              x.r.Host,
		"error.message":           resp.message(),
		"extendedRequestId":       x.id,
		"httpMethod":              x.r.Method,
		"identity.sourceIp":       sourceIP(x.r),
		"identity.userAgent":      x.r.UserAgent(),
		"integration.error":       x.integrationError,
		"integrationErrorMessage": x.integrationError,
		"path":                    x.path(),
		"protocol":                x.r.Proto,
		"requestId":               x.id,
		"requestTime":             requestTime(x.start),
		"requestTimeEpoch":        strconv.FormatInt(x.start.UnixMilli(), 10),
		"responseLatency":         milliseconds(a.cfg.Now().Sub(x.start)),
		"responseLength":          strconv.Itoa(len(resp.body)),
		"routeKey":                x.routeKey(),
		"stage":                   "$default",
		"status":                  strconv.Itoa(resp.status),
	}
	if x.integrationCalled {
		values["integrationLatency"] = milliseconds(x.integrationLatency)
		values["integration.latency"] = values["integrationLatency"]
		values["integrationStatus"] = values["status"]
		values["integration.status"] = values["status"]
	}
	return values
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// escape makes a value safe inside the quotes of a JSON format, because callers
// choose user agents and paths.
func escape(value string) string {
	quoted, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings marshal
	}
	return string(quoted[1 : len(quoted)-1])
}
