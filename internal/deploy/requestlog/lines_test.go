package requestlog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/deploy/requestlog"
	"serverless-mcp/internal/emulator/awsfake"
)

// TestRead selects the same lines of a deployed stack, page by page, and of the local
// server, once each.
func TestRead(t *testing.T) {
	logs, stack := account(t, awsfake.LogsOptions{PageSize: 2})
	file := requestlog.Files{Path: filepath.Join(t.TempDir(), "requests.jsonl")}
	recorder := file.Recorder()
	defer recorder.Close()
	add := func(n int, text string) {
		at := start.Add(time.Duration(n) * time.Minute)
		line := fmt.Sprintf(`{"timestamp":%q,"n":%d,%s}`, at.Format(time.RFC3339), n, text)
		logs.Add([]string{"mcp-log", "stream-log"}[n%2], awsfake.LogEvent{At: at, Message: line})
		fmt.Fprintln(recorder, line)
	}
	add(1, `"message":"mcp request","keyId":"alice","tool":"echo","outcome":"ok"`)
	add(2, `"message":"mcp request","keyId":"bob","tool":"echo","outcome":"tool error"`)
	add(3, `"message":"mcp request","keyId":"alice","outcome":"rejected","reason":"x"`)
	add(4, `"message":"internal error","level":"ERROR","error":"broken"`)
	add(5, `"message":"authorizer result","keyId":"alice","outcome":"denied"`)
	add(6, `"message":"mcp request","keyId":"alice2","tool":"echo2","outcome":"ok"`)
	add(7, `"message":"limits unavailable","level":"WARN","keyId":"alice","error":"timeout"`)
	add(8, `"message":"cannot read tool secrets","level":"WARN"`)
	fmt.Fprintln(recorder, "null")
	fmt.Fprintln(recorder, `{"message":"listening","level":"INFO"}`)
	// Lines outside the period are not read.
	for _, at := range []time.Time{start.Add(-time.Second), end.Add(time.Second)} {
		line := fmt.Sprintf(`{"timestamp":%q,"n":99,"message":"mcp request","keyId":"alice","outcome":"error"}`, at.Format(time.RFC3339))
		logs.Add("mcp-log", awsfake.LogEvent{At: at, Message: line})
		fmt.Fprintln(recorder, line)
	}
	written, err := os.ReadFile(file.Path)
	if err != nil || strings.Contains(string(written), "listening") || strings.Contains(string(written), "null") {
		t.Errorf("recorded %s, %v; want requests and problems only", written, err)
	}
	for name, test := range map[string]struct {
		selected requestlog.Selection
		want     []int
	}{
		"all":           {requestlog.Selection{}, []int{1, 2, 3, 6}},
		"a key":         {requestlog.Selection{Key: "alice"}, []int{1, 3}},
		"a tool":        {requestlog.Selection{Tool: "echo"}, []int{1, 2}},
		"errors":        {requestlog.Selection{Errors: true}, []int{2, 3, 4, 7}},
		"errors of key": {requestlog.Selection{Errors: true, Key: "alice"}, []int{3}},
		"key and tool":  {requestlog.Selection{Key: "bob", Tool: "echo"}, []int{2}},
	} {
		remote, err := requestlog.NewReader(stack, test.selected)
		if err != nil {
			t.Fatal(err)
		}
		here, err := file.Reader(test.selected)
		if err != nil {
			t.Fatal(err)
		}
		for where, r := range map[string]requestlog.Reader{"stack": remote, "local": here} {
			for i, want := range [][]int{test.want, nil} {
				lines, err := r.Read(t.Context(), start, end)
				var got []int
				for _, l := range lines {
					n, _ := l.Number("n")
					got = append(got, int(n))
				}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%s, %s, read %d: %v (-want +got):\n%s", name, where, i, err, diff)
				}
			}
		}
	}
}

// TestReadFollows: a line is not returned again if the next period begins within the
// millisecond of the line. CloudWatch knows milliseconds only.
func TestReadFollows(t *testing.T) {
	logs, stack := account(t, awsfake.LogsOptions{})
	logs.Add("mcp-log", awsfake.LogEvent{At: start, Message: `{"message":"mcp request"}`})
	r, err := requestlog.NewReader(stack, requestlog.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		lines, err := r.Read(t.Context(), start.Add(time.Duration(i)*time.Microsecond), end)
		if err != nil || len(lines) != want {
			t.Errorf("read %d: %d lines, %v; want %d", i, len(lines), err, want)
		}
	}
}

// TestUnreadableFile: reading returns an error if the file cannot be read.
func TestUnreadableFile(t *testing.T) {
	file := requestlog.Files{Path: t.TempDir()} // a directory
	reader, err := file.Reader(requestlog.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := reader.Read(t.Context(), start, end); err == nil || !strings.Contains(err.Error(), "read the local server's log") || lines != nil {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	if _, err := file.Usage(requestlog.ByKey, start, end, requestlog.Price{}); err == nil {
		t.Error("usage of a file that cannot be read")
	}
}

// TestNamesCannotChangeAPattern: names with characters that are special in a pattern are
// rejected.
func TestNamesCannotChangeAPattern(t *testing.T) {
	file := requestlog.Files{Path: "none"}
	for _, name := range []string{`a" || $.level = "INFO`, `a\`, "a*", "a\nb", "ä", strings.Repeat("a", 201)} {
		for _, s := range []requestlog.Selection{{Key: name}, {Tool: name}} {
			if _, err := file.Reader(s); err == nil || !strings.Contains(err.Error(), "printable ASCII characters without quotes") {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	if err := (requestlog.Selection{Key: "user:a.b@c.example|x (y)", Tool: "get_weather"}).Check(); err != nil {
		t.Error(err)
	}
}

// TestRecorder: the recorder keeps two files of limited size that only the user can read.
// If it cannot write them, Write still succeeds.
func TestRecorder(t *testing.T) {
	file := requestlog.Files{Path: filepath.Join(t.TempDir(), "requests.jsonl")}
	r := file.Recorder()
	line := fmt.Sprintf(`{"timestamp":%q,"message":"mcp request","outcome":"ok","x":%q}`, start.Format(time.RFC3339), strings.Repeat("x", 100_000))
	for range 200 {
		fmt.Fprintln(r, line)
	}
	fmt.Fprintln(r, "printed by a tool")
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var sizes []int64
	for _, suffix := range []string{"", ".1"} {
		info, err := os.Stat(file.Path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
		sizes = append(sizes, info.Size())
	}
	if slices.Max(sizes) > 8<<20 || sizes[0]+sizes[1] < 8<<20 {
		t.Errorf("sizes %v", sizes)
	}
	nowhere := requestlog.Files{Path: filepath.Join(t.TempDir(), "none", "requests.jsonl")}.Recorder()
	if n, err := fmt.Fprintln(nowhere, `{"message":"mcp request"}`); n == 0 || err != nil {
		t.Errorf("Write = %d, %v", n, err)
	}
	if err := nowhere.Close(); err == nil || !strings.Contains(err.Error(), "keep the lines about requests") {
		t.Errorf("Close = %v", err)
	}
}
