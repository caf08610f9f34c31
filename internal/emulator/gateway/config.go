package gateway

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Invoker runs a function with an event and returns its response. The gateway logs
// the error; no part of it reaches a caller.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Route forwards requests of one route key to one function.
type Route struct {
	Method      string      // GET, POST, … or ANY; empty for the $default route
	Path        string      // "/mcp", "/users/{id}", "/mcp/{proxy+}" or "$default"; no trailing slash
	Authorizer  *Authorizer // may be shared by routes; nil means no authorization
	Integration Invoker

	ThrottleRate  float64 // requests per second of this route; zero means that the stage's throttle applies
	ThrottleBurst int     // bucket size; required with a rate
}

// Authorizer is a Lambda authorizer of type REQUEST with payload format 2.0
// and simple responses.
type Authorizer struct {
	IdentitySource []string      // such as $request.header.x-api-key; a request must have all of them
	TTL            time.Duration // how long results are cached; zero means that every request calls the function
	Function       Invoker
	Timeout        time.Duration // zero means 10 s, the gateway's limit
}

// Config describes an API and its stage.
type Config struct {
	Routes         []Route
	CORS           *CORS             // nil means that preflights are routed like other requests
	ThrottleRate   float64           // requests per second, shared by all callers; zero means no throttle
	ThrottleBurst  int               // bucket size; required with a rate
	Timeout        time.Duration     // integration timeout; zero means 30 s
	StageVariables map[string]string // nil means none

	Domain          string // custom domain name, matched with the Host header; empty means none
	DisableEndpoint bool   // reject requests to hosts other than Domain, as when the execute-api endpoint is disabled

	AccessLog       io.Writer            // one line for each request; nil means no log
	AccessLogFormat string               // with $context variables, as in a stage; empty means DefaultAccessLogFormat
	Log             *slog.Logger         // errors of functions; nil means no log
	Unavailable     func(err error) bool // reports whether an Invoker's error means "no capacity", which results in 503; nil means that none does
	Now             func() time.Time     // nil means time.Now
	RequestID       func() string        // nil means random ids
	Region          string               // zero means us-east-1
	Account         string               // zero means 123456789012
	APIID           string               // zero means local
}

// Limits of HTTP APIs and of Lambda:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const (
	maxHeaderBytes    = 10_240    // request line and header values together
	maxBodyBytes      = 10 << 20  // of a request
	maxEventBytes     = 6 << 20   // of an event; Lambda rejects larger ones
	maxTTL            = time.Hour // of authorizer results
	defaultTimeout    = 30 * time.Second
	authorizerTimeout = 10 * time.Second
)

func (c Config) withDefaults() Config {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.AccessLogFormat == "" {
		c.AccessLogFormat = DefaultAccessLogFormat
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Unavailable == nil {
		c.Unavailable = func(error) bool { return false }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.RequestID == nil {
		c.RequestID = randomRequestID
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Account == "" {
		c.Account = "123456789012"
	}
	if c.APIID == "" {
		c.APIID = "local"
	}
	return c
}
