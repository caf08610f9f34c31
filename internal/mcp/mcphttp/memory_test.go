package mcphttp_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// A thousand sessions of a key without tools, whose client sends as much as is allowed,
// take less than 32 MB.
func TestMemoryOfSessions(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 15 MB")
	}
	store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture", Streaming: true}, tool.Set{})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandlerWith(s, streaming, func(o *mcphttp.Options) {
		o.Sessions, o.Log = store, nil
		o.Authenticate = func(*http.Request) (apikey.Principal, error) {
			return apikey.Principal{KeyID: "none", Tools: []string{}}, nil
		}
	})
	const sessions = 250
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	words := strings.Repeat("x", 1000)
	initialize := strings.Replace(rpc.Initialize, `"capabilities":{}`,
		`"capabilities":{"elicitation":{},"sampling":{},"roots":{},"experimental":{"x":{"`+strings.Repeat(words+`":"`+words+`","`, 30)+`y":1}}}`, 1)
	before := heap()
	for range sessions {
		id := post(h, initialize).Header().Get("Mcp-Session-Id")
		if id == "" {
			t.Fatal("no session")
		}
		for range 4 {
			rpc.Post(h, rpc.Call(`"`+words+`"`, "none", `{}`), "Mcp-Session-Id", id, "Mcp-Protocol-Version", "2025-11-25")
		}
	}
	if grown := int64(heap()) - int64(before); grown > sessions*(32<<20)/1000 {
		t.Errorf("%d sessions hold %d bytes", sessions, grown)
	} else {
		t.Logf("%d sessions hold %d bytes", sessions, grown)
	}
	runtime.KeepAlive(store)
}
