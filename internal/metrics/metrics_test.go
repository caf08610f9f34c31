package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/metrics"
	"serverless-mcp/internal/settings"
)

var on = metrics.Options{Server: "Weather-dev"}

// request logs a request line as mcphttp does.
func request(outcome string, more ...any) func(*slog.Logger) {
	return func(log *slog.Logger) {
		level := slog.LevelInfo
		if outcome == "rejected" {
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, "mcp request", append([]any{"requestId", "id", "outcome", outcome, "keyId", "alice", "durationMs", 1.5, "coldStart", false}, more...)...)
	}
}

// authorized logs a line as the authorizer does.
func authorized(outcome string, more ...any) func(*slog.Logger) {
	return func(log *slog.Logger) {
		log.With("requestId", "id", "durationMs", 1.0, "coldStart", true).With(more...).Warn("authorizer result", "outcome", outcome)
	}
}

// TestLines compares the metrics of each kind of line, by dimensions.
func TestLines(t *testing.T) {
	key, authorizer := on, on
	key.ByKey, authorizer.Authorizer = true, true
	for name, test := range map[string]struct {
		o    metrics.Options
		log  func(*slog.Logger)
		want []string // dimensions, metric and value
	}{
		"a call": {on, request("ok", "tool", "echo"), []string{
			"Server=Weather-dev Duration=1.5", "Server=Weather-dev Errors=0", "Server=Weather-dev,Tool=echo Duration=1.5", "Server=Weather-dev,Tool=echo Errors=0"}},
		"a tool error": {on, request("tool error", "tool", "echo"), []string{
			"Server=Weather-dev Duration=1.5", "Server=Weather-dev Errors=1", "Server=Weather-dev,Tool=echo Duration=1.5", "Server=Weather-dev,Tool=echo Errors=1"}},
		"no tool": {on, request("error"), []string{"Server=Weather-dev Duration=1.5", "Server=Weather-dev Errors=1"}},
		"a cold start": {on, func(log *slog.Logger) { log.Info("mcp request", "outcome", "ok", "durationMs", 0.0, "coldStart", true) }, []string{
			"Server=Weather-dev ColdStart=1", "Server=Weather-dev Duration=0", "Server=Weather-dev Errors=0"}},
		"a rejection": {on, request("rejected", "status", 413, "reason", "the message has 9 bytes"), []string{
			"Server=Weather-dev Refusals=1", "Server=Weather-dev,Reason=request entity too large Refusals=1"}},
		"a JSON-RPC error": {on, request("rejected", "status", 200, "code", -32601), []string{
			"Server=Weather-dev Refusals=1", "Server=Weather-dev,Reason=protocol error Refusals=1"}},
		"outside the scope": {on, request("not found or not allowed"), []string{
			"Server=Weather-dev Refusals=1", "Server=Weather-dev,Reason=not found or not allowed Refusals=1"}},
		"over a limit": {key, request("over limit", "tool", "echo"), []string{
			"Server=Weather-dev Refusals=1", "Server=Weather-dev,Reason=over limit Refusals=1"}},
		"by key": {key, request("ok", "tool", "echo"), []string{
			"Server=Weather-dev Duration=1.5", "Server=Weather-dev Errors=0", "Server=Weather-dev,KeyId=alice Duration=1.5", "Server=Weather-dev,Tool=echo Duration=1.5", "Server=Weather-dev,Tool=echo Errors=0"}},
		"by key, without one": {key, func(log *slog.Logger) { log.Info("mcp request", "outcome", "ok", "durationMs", 1.5) }, []string{
			"Server=Weather-dev Duration=1.5", "Server=Weather-dev Errors=0"}},
		"a name that JSON escapes": {key, func(log *slog.Logger) {
			log.Info("mcp request", "outcome", "ok", "durationMs", 1.5, "keyId", "a\"\\\n<\u00fc")
		}, []string{"Server=Weather-dev Duration=1.5", "Server=Weather-dev Errors=0", "Server=Weather-dev,KeyId=a\"\\\n<\u00fc Duration=1.5"}},
		"a bad request": {on, request("rejected", "status", 400), []string{
			"Server=Weather-dev Refusals=1", "Server=Weather-dev,Reason=bad request Refusals=1"}},
		"many errors in a line": {on, func(log *slog.Logger) { log.Error("mcp request", "outcome", "error", "tool", "echo", "count", 7) }, []string{
			"Server=Weather-dev Errors=7"}},
		"many outages in a line": {on, func(log *slog.Logger) {
			log.Warn("cannot read the secrets, using the last keyring", "count", 3)
		}, []string{"Server=Weather-dev KeyringFailures=3"}},
		"an allowed key":  {authorizer, authorized("allowed", "keyringAgeMs", int64(1200)), []string{"Server=Weather-dev KeyringAge=1200"}},
		"a fresh keyring": {authorizer, authorized("allowed", "keyringAgeMs", int64(0)), []string{"Server=Weather-dev KeyringAge=0"}},
		"a call whose key the server checked": {on, request("ok", "keyringAgeMs", int64(1200)), []string{
			"Server=Weather-dev Duration=1.5", "Server=Weather-dev Errors=0", "Server=Weather-dev KeyringAge=1200"}},
		"a denied key": {authorizer, authorized("denied", "reason", "unknown"), []string{
			"Server=Weather-dev Refusals=1", "Server=Weather-dev,Reason=unknown Refusals=1"}},
		"a denied key in the server": {on, authorized("denied", "reason", "unknown"), nil},
		"no keys": {authorizer, authorized("undecided", "reason", "cannot read the keys"), []string{
			"Server=Weather-dev KeyringFailures=1", "Server=Weather-dev Refusals=1", "Server=Weather-dev,Reason=cannot read the keys Refusals=1"}},
		"an outage":    {on, func(log *slog.Logger) { log.Warn("cannot read the secrets, using the last keyring", "age", "1s") }, []string{"Server=Weather-dev KeyringFailures=1"}},
		"limits":       {on, func(log *slog.Logger) { log.Warn("limits unavailable", "error", "e") }, []string{"Server=Weather-dev LimitsUnavailable=1"}},
		"another line": {on, func(log *slog.Logger) { log.Info("listening", "outcome", "ok", "durationMs", 1.0) }, nil},
		"off":          {metrics.Options{}, request("ok"), nil},
		"in a group":   {on, func(log *slog.Logger) { log.WithGroup("g").Info("mcp request", "outcome", "ok") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			test.log(logs.NewWithMetrics(&out, slog.LevelInfo, test.o))
			got := written(t, out.Bytes())
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s\nmetrics (-want +got):\n%s", &out, diff)
			}
		})
	}
}

// written returns the metrics that CloudWatch extracts from a line, and checks the line
// against the schema and [metrics.All].
func written(t *testing.T, line []byte) (all []string) {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(line, &members); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if members["_aws"] == nil {
		return nil
	}
	if err := schema(t).Validate(members); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	var document struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(line, &document); err != nil {
		t.Fatal(err)
	}
	if age := time.Since(time.UnixMilli(document.AWS.Timestamp)); age < 0 || age > time.Hour {
		t.Errorf("the timestamp is %v ago", age)
	}
	for _, d := range document.AWS.CloudWatchMetrics {
		if d.Namespace != metrics.Namespace {
			t.Errorf("namespace %q", d.Namespace)
		}
		for _, set := range d.Dimensions {
			var dimensions []string
			for _, name := range set {
				value, ok := members[name].(string)
				if !ok || value == "" {
					t.Errorf("dimension %s is %v", name, members[name])
				}
				dimensions = append(dimensions, name+"="+value)
			}
			for _, m := range d.Metrics {
				if _, ok := members[m.Name].(float64); !ok {
					t.Errorf("metric %s is %v", m.Name, members[m.Name])
				}
				if !declared(m.Name, m.Unit, set) {
					t.Errorf("All has no metric %s in %s by %v", m.Name, m.Unit, set)
				}
				all = append(all, fmt.Sprint(strings.Join(dimensions, ","), " ", m.Name, "=", members[m.Name]))
			}
		}
	}
	slices.Sort(all)
	return all
}

func declared(name, unit string, set []string) bool {
	if name == metrics.Duration && slices.Equal(set, []string{metrics.Server, metrics.KeyID}) {
		return true
	}
	return slices.ContainsFunc(metrics.All(), func(m metrics.Metric) bool {
		return m.Name == name && m.Unit == unit && slices.ContainsFunc(m.Dimensions, func(d []string) bool { return slices.Equal(d, set) })
	})
}

func schema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	text, err := os.ReadFile("testdata/emf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// The environment of a function determines whether it has metrics, and metrics by key.
func TestFromEnv(t *testing.T) {
	for byKey, want := range map[string]metrics.Options{
		"true": {Server: "Weather-dev", ByKey: true}, "false": {Server: "Weather-dev"}, "": {Server: "Weather-dev"},
	} {
		got := metrics.FromEnv(func(name string) string {
			return map[string]string{settings.EnvMetricsServer: "Weather-dev", settings.EnvMetricsByKey: byKey}[name]
		})
		if got != want {
			t.Errorf("by key %q: %+v, want %+v", byKey, got, want)
		}
	}
}

// The schema rejects lines that CloudWatch would silently ignore.
func TestSchema(t *testing.T) {
	for name, line := range map[string]string{
		"no timestamp":   `{"_aws":{"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[["a"]],"Metrics":[{"Name":"m"}]}]}}`,
		"no namespace":   `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Dimensions":[["a"]],"Metrics":[{"Name":"m"}]}]}}`,
		"a flat set":     `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":["a"],"Metrics":[{"Name":"m"}]}]}}`,
		"unknown unit":   `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[["a"]],"Metrics":[{"Name":"m","Unit":"ms"}]}]}}`,
		"a time as text": `{"_aws":{"Timestamp":"now","CloudWatchMetrics":[{"Namespace":"n","Dimensions":[["a"]],"Metrics":[{"Name":"m"}]}]}}`,
	} {
		var members any
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatal(err)
		}
		if err := schema(t).Validate(members); err == nil {
			t.Errorf("%s: %s is valid", name, line)
		}
	}
}

// Lines with metrics are written at every level, other lines only from the logger's level.
func TestLevels(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelDebug: 4, slog.LevelInfo: 3, slog.LevelWarn: 2, slog.LevelError: 1} {
		var out bytes.Buffer
		log := logs.NewWithMetrics(&out, level, on)
		request("ok")(log)
		log.Debug("d")
		log.Info("i")
		log.Warn("w")
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("level %v: %d lines, want %d: %s", level, got, want, &out)
		}
	}
}

// No text of a caller becomes the value of a dimension.
func TestReasonsAreFew(t *testing.T) {
	values := map[string]bool{}
	for i := range 1000 {
		var out bytes.Buffer
		request("rejected", "status", 400+i%200, "reason", fmt.Sprint("text ", i))(logs.NewWithMetrics(&out, slog.LevelInfo, on))
		var members map[string]any
		if err := json.Unmarshal(out.Bytes(), &members); err != nil {
			t.Fatal(err)
		}
		values[fmt.Sprint(members["Reason"])] = true
	}
	if len(values) > 45 || values["<nil>"] {
		t.Errorf("%d reasons: %v", len(values), values)
	}
}

func BenchmarkLine(b *testing.B) {
	for name, o := range map[string]metrics.Options{"off": {}, "on": on} {
		b.Run(name, func(b *testing.B) {
			log := logs.NewWithMetrics(discard{}, slog.LevelInfo, o)
			line := request("ok", "tool", "echo", "client", "Cursor", "clientVersion", "1.2")
			b.ReportAllocs()
			for b.Loop() {
				line(log)
			}
		})
	}
}

// discard is a writer that, unlike io.Discard, lets slog format the lines.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
