// Package metrics turns log lines into CloudWatch metrics: it adds members in the embedded
// metric format to certain lines, and CloudWatch Logs extracts the metrics from them. No
// call to CloudWatch is made, and a server without metrics runs none of this code.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metrics

import (
	"net/http"
	"strings"

	"serverless-mcp/internal/settings"
)

// Namespace is the namespace of all metrics.
const Namespace = "ServerlessMCP"

// Names of the metrics.
const (
	Duration          = "Duration"          // of the requests that were served
	Errors            = "Errors"            // 1 for a tool error, an internal error or a timeout, else 0
	Refusals          = "Refusals"          // requests that were rejected or denied
	ColdStart         = "ColdStart"         // first requests of a process
	KeyringAge        = "KeyringAge"        // age of the keyring with which a request was decided
	KeyringFailures   = "KeyringFailures"   // requests whose key was checked with a stale keyring, or not at all, because reading the keys failed; and processes that started without keys
	LimitsUnavailable = "LimitsUnavailable" // calls that were allowed because they could not be counted
)

// Names of the dimensions. They must have few values: each combination is a metric that
// AWS bills.
const (
	Server = "Server" // the stack's name
	Tool   = "Tool"   // a registered tool
	Reason = "Reason" // why a request was rejected or denied
	KeyID  = "KeyId"  // with METRICS_BY_KEY only
)

// A Metric is a metric with the sets of dimensions in which it is written.
type Metric struct {
	Name, Unit string
	Dimensions [][]string
}

// All lists the metrics. With METRICS_BY_KEY, Duration also has the dimensions [Server,
// KeyId].
func All() []Metric {
	byServer := [][]string{{Server}}
	return []Metric{
		{Duration, "Milliseconds", [][]string{{Server}, {Server, Tool}}},
		{Errors, "Count", [][]string{{Server}, {Server, Tool}}},
		{Refusals, "Count", [][]string{{Server}, {Server, Reason}}},
		{ColdStart, "Count", byServer},
		{KeyringAge, "Milliseconds", byServer},
		{KeyringFailures, "Count", byServer},
		{LimitsUnavailable, "Count", byServer},
	}
}

// Messages of the log lines from which metrics are derived.
const (
	requestMessage    = "mcp request"                                     // of mcphttp
	authorizerMessage = "authorizer result"                               // of the authorizer
	startMessage      = "cannot read the keys yet"                        // of keystore, when a process starts
	outageMessage     = "cannot read the secrets, using the last keyring" // of keystore, for each request that a stale keyring allows
	limitsMessage     = "limits unavailable"                              // of the limits of keys

	keysUnread = "cannot read the keys" // the authorizer's reason
)

// Options of [Options.Handler].
type Options struct {
	Server     string // value of the dimension Server; empty means no metrics
	ByKey      bool   // add a metric for each key
	Authorizer bool   // the process is the authorizer function, which counts its denials as refusals; elsewhere the request line counts them
}

// FromEnv returns the options that settings.Settings writes into the environment.
func FromEnv(getenv func(string) string) Options {
	return Options{Server: getenv(settings.EnvMetricsServer), ByKey: getenv(settings.EnvMetricsByKey) == "true"}
}

// IsRejected reports whether an outcome of the request line means that the request was not
// served: it reached no tool, resource or prompt.
func IsRejected(outcome string) bool {
	switch outcome {
	case "rejected", "over limit", "not found or not allowed", "unsupported":
		return true
	}
	return false
}

// IsError reports whether an outcome of the request line is an error: of the tool, of the
// server, or a timeout.
func IsError(outcome string) bool {
	switch outcome {
	case "tool error", "error", "timeout":
		return true
	}
	return false
}

// reasonOf returns the value of the dimension Reason. It returns one of few values, unlike
// the reason in a request line, which may contain numbers.
func reasonOf(l line) string {
	switch {
	case l.message == authorizerMessage:
		return l.reason
	case l.status >= http.StatusBadRequest && http.StatusText(l.status) != "":
		return strings.ToLower(http.StatusText(l.status))
	case l.outcome == "rejected":
		return "protocol error"
	}
	return l.outcome
}
