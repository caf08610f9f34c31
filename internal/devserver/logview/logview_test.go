package logview_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/devserver/logview"
)

func TestView(t *testing.T) {
	var out strings.Builder
	v := &logview.View{Out: &out, Now: func() time.Time { return time.Date(2026, 11, 21, 9, 8, 7, 6e6, time.UTC) }}
	for _, line := range []string{
		"START RequestId: 1 Version: $LATEST",
		`{"timestamp":"2026-11-21T09:08:07.000Z","level":"WARN","message":"slow answer","tool":"get_weather","took":1.5,"why":"a b","none":""}`,
		"panic: oh\x1b[31m no",
		"panic: \u009b2J\u202eoh\u2028 \u2066no\u200b\u00a0é",
		"END RequestId: 1",
		"REPORT RequestId: 1\tDuration: 3.1 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB",
		"REPORT RequestId: 1\tDuration: 3.1 ms\tBilled Duration: 50 ms\tMemory Size: 128 MB\tInit Duration: 41.20 ms",
		"REPORT RequestId: 1\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tStatus: error\tError Type: Runtime.ExitError",
		`{"broken":`,
	} {
		fmt.Fprintln(v.Function("mcp"), line)
	}
	fmt.Fprintln(v.Access(), `{"requestId":"x","routeKey":"POST /mcp","status":"200","durationMs":"12","keyId":"default","error":"-","authorizerError":"-"}`)
	fmt.Fprintln(v.Access(), `{"routeKey":"POST /mcp","status":"500","durationMs":"12","keyId":"-","error":"Internal Server Error"}`)
	v.Print("build", "first\nsecond %d\n", 2)
	want := `
mcp        WARN  slow answer tool=get_weather took=1.5 why="a b" none=""
mcp        panic: oh[31m no
mcp        panic: 2Joh no é
mcp        started in 41.20 ms
mcp        ended with error, Error Type: Runtime.ExitError
mcp        {"broken":
gateway    200 POST /mcp 12 ms key=default
gateway    500 POST /mcp 12 ms error="Internal Server Error"
build      first
build      second 2
`
	want = strings.TrimPrefix(strings.ReplaceAll(want, "\n", "\n09:08:07.006 "), "\n")
	want = strings.TrimSuffix(want, "09:08:07.006 ")
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
