package mcphttp

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"serverless-mcp/internal/mcp/mcpsession"
)

// A client whose missed events are dropped while it resumes has to start a new session. It
// does not get 204, after which it would wait forever for the response to its call.
func TestEventsDroppedWhileResuming(t *testing.T) {
	store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef", MaxEventBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	sess := store.Start("a")
	call := sess.NewStream()
	stream, pos, ok := sess.Resume(call.StartID())
	if !ok {
		t.Fatal("the stream is not stored")
	}
	call.Append([]byte("{}")) // above the limit
	call.End()
	out := newResponse(httptest.NewRecorder())
	if rejected := new(handler).resume(out, httptest.NewRequest("GET", "/mcp", nil), sess, stream, pos); rejected == nil || rejected.status != http.StatusNotFound {
		t.Errorf("got %+v, want 404", rejected)
	}
}
