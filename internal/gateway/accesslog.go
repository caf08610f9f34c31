package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// DefaultAccessLogFormat is used where a [Config] names none.
const DefaultAccessLogFormat = `{"requestId":"$context.requestId","ip":"$context.identity.sourceIp",` +
	`"requestTime":"$context.requestTime","routeKey":"$context.routeKey","status":"$context.status",` +
	`"responseLength":"$context.responseLength","responseLatency":"$context.responseLatency",` +
	`"integrationLatency":"$context.integrationLatency","integrationError":"$context.integrationErrorMessage",` +
	`"keyId":"$context.authorizer.keyId","authorizerError":"$context.authorizer.error","error":"$context.error.message"}`

var contextVariable = regexp.MustCompile(`\$context\.[A-Za-z0-9_.]*[A-Za-z0-9_]`)

// accessLog writes the stage's access log. No variable holds a header or a
// body, so no format can make it write a key.
type accessLog struct {
	format string

	mu sync.Mutex
	w  io.Writer // nil means no log
}

func newAccessLog(cfg Config) *accessLog {
	return &accessLog{w: cfg.AccessLog, format: cfg.AccessLogFormat}
}

// record fills in the format. A variable without a value, or unknown, is "-".
func (l *accessLog) record(a *API, x *exchange, ans answer) {
	if l.w == nil {
		return
	}
	line := contextVariable.ReplaceAllStringFunc(l.format, func(name string) string {
		value := a.variable(strings.TrimPrefix(name, "$context."), x, ans)
		if value == "" {
			return "-"
		}
		return escape(value)
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.w, line+"\n")
}

// variable is the value of a $context variable, by its name behind the dot.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
func (a *API) variable(name string, x *exchange, ans answer) string {
	if property, ok := strings.CutPrefix(name, "authorizer."); ok {
		return authorizerVariable(property, x)
	}
	if property, ok := strings.CutPrefix(name, "integration"); ok {
		return integrationVariable(property, x, ans)
	}
	switch name {
	case "requestId", "extendedRequestId":
		return x.id
	case "accountId":
		return a.cfg.Account
	case "apiId":
		return a.cfg.APIID
	case "stage":
		return "$default"
	case "domainName":
		return x.r.Host
	case "identity.sourceIp":
		return x.sourceIP()
	case "identity.userAgent":
		return x.r.UserAgent()
	case "httpMethod":
		return x.r.Method
	case "path":
		return x.path()
	case "protocol":
		return x.r.Proto
	case "routeKey":
		return x.routeKey()
	case "requestTime":
		return requestTime(x.start)
	case "requestTimeEpoch":
		return strconv.FormatInt(x.start.UnixMilli(), 10)
	case "status":
		return strconv.Itoa(ans.status)
	case "responseLength":
		return strconv.Itoa(len(ans.body))
	case "responseLatency":
		return strconv.FormatInt(a.cfg.Now().Sub(x.start).Milliseconds(), 10)
	case "error.message":
		return ans.message()
	}
	return ""
}

func authorizerVariable(property string, x *exchange) string {
	if property == "error" {
		return x.authorizerError
	}
	if value, ok := x.authorizer[property]; ok {
		return fmt.Sprint(value)
	}
	return ""
}

func integrationVariable(property string, x *exchange, ans answer) string {
	switch property {
	case "ErrorMessage", ".error":
		return x.integrationError
	}
	if !x.integrationCalled {
		return ""
	}
	switch property {
	case "Latency", ".latency":
		return strconv.FormatInt(x.integrationLatency.Milliseconds(), 10)
	case "Status", ".status":
		return strconv.Itoa(ans.status)
	}
	return ""
}

// escape makes a value safe inside the quotes of a JSON format: user agents
// and paths are the caller's to choose.
func escape(value string) string {
	quoted, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings marshal
	}
	return string(quoted[1 : len(quoted)-1])
}
