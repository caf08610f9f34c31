package tools

import (
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

func TestServerStatusDefinition(t *testing.T) {
	checkDefinition(t, getServerStatus(Config{}.withDefaults()))
}

// clock returns a clock that advances by 250 ms at each reading.
func clock() func() time.Time {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	return func() time.Time { now = now.Add(250 * time.Millisecond); return now }
}

func TestServerStatus(t *testing.T) {
	const versions = `"protocol_versions":["2026-07-28","2025-11-25","2025-06-18","2025-03-26"]`
	tests := []struct {
		name string
		cfg  Config
		want string
	}{
		{"a plain process", Config{Now: clock()},
			`{"status":"ok","time":"2026-11-21T09:00:00.5Z","source":"process",` + versions +
				`,"uptime_seconds":0.25,"invocations":0,"duration_ms":250}`},
		{"Lambda", Config{Now: clock(), Runtime: Runtime{
			Region: "eu-central-1", Function: "mcp", Version: "$LATEST", LogStream: "2026/11/21/[$LATEST]abc",
			Started:     time.Date(2026, 11, 21, 8, 59, 0, 0, time.UTC),
			Invocations: func() int64 { return 7 },
		}}, `{"status":"ok","time":"2026-11-21T09:00:00.25Z","source":"lambda","region":"eu-central-1","function":"mcp",` +
			`"version":"$LATEST","log_stream":"2026/11/21/[$LATEST]abc",` + versions +
			`,"uptime_seconds":60.25,"invocations":7,"duration_ms":250}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, isError := call(t, getServerStatus(tt.cfg.withDefaults()), `{}`)
			if got != tt.want || isError {
				t.Errorf("status\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

func TestServerStatusResource(t *testing.T) {
	r := serverStatusResource(Config{Now: clock()}.withDefaults())
	if r.Err() != nil || r.Definition().URI != "server://status" || r.Needs() != "get_server_status" {
		t.Fatalf("resource %+v, %v", r.Definition(), r.Err())
	}
	contents, err := r.Read(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: "server://status"}})
	if err != nil || len(contents) != 1 {
		t.Fatalf("contents %+v, %v", contents, err)
	}
	want, _ := call(t, getServerStatus(Config{Now: clock()}.withDefaults()), `{}`)
	if got, _ := mcp.AsTextResourceContents(contents[0]); got.Text != want || got.MIMEType != "application/json" {
		t.Errorf("contents %+v, want what the tool returns, %s", got, want)
	}
}
