package logs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/metrics"
)

func TestLine(t *testing.T) {
	at := time.Date(2026, 11, 21, 13, 0, 0, 5e6, time.FixedZone("", 3600))
	for level, want := range map[slog.Level]string{
		slog.LevelDebug:     "DEBUG",
		slog.LevelInfo:      "INFO",
		slog.LevelInfo + 2:  "INFO",
		slog.LevelWarn:      "WARN",
		slog.LevelError:     "ERROR",
		slog.LevelError + 4: "ERROR",
	} {
		var out bytes.Buffer
		log := logs.New(&out, slog.LevelDebug)
		record := slog.NewRecord(at, level, "key \"rejected\"\n", 0)
		record.Add("key", "alice", "at", at, "severity", slog.LevelWarn, slog.Group("g", "time", "t", "level", 1, "msg", "m"))
		if err := log.Handler().Handle(context.Background(), record); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || strings.Count(out.String(), "\n") != 1 {
			t.Fatalf("not one line of JSON: %q, %v", out.String(), err)
		}
		if diff := cmp.Diff(map[string]any{
			"timestamp": "2026-11-21T12:00:00.005Z", "level": want, "message": "key \"rejected\"\n", "key": "alice", "at": "2026-11-21T13:00:00.005+01:00", "severity": "WARN",
			"g": map[string]any{"time": "t", "level": 1.0, "msg": "m"},
		}, got); diff != "" {
			t.Errorf("level %v (-want +got):\n%s", level, diff)
		}
	}
}

// Only a logger with metrics adds them.
func TestMetrics(t *testing.T) {
	for server, want := range map[string]bool{"": false, "fixture": true} {
		var out bytes.Buffer
		logs.NewWithMetrics(&out, slog.LevelInfo, metrics.Options{Server: server}).Info("mcp request", "method", "tools/call", "outcome", "ok", "tool", "a", "durationMs", 1.0)
		if got := strings.Contains(out.String(), `"_aws"`); got != want {
			t.Errorf("server %q: %s", server, &out)
		}
	}
}

func TestLevel(t *testing.T) {
	for name, want := range map[string]slog.Level{
		"": slog.LevelInfo, "info": slog.LevelInfo, "verbose": slog.LevelInfo, "debug": slog.LevelDebug,
		"DEBUG": slog.LevelDebug, "Warn": slog.LevelWarn, "ERROR": slog.LevelError,
	} {
		if got := logs.Level(name); got != want {
			t.Errorf("Level(%q) = %v, want %v", name, got, want)
		}
	}
	var out bytes.Buffer
	logs.New(&out, logs.Level("warn")).Info("quiet")
	if out.Len() > 0 {
		t.Errorf("a logger of level warn writes %s", &out)
	}
}
