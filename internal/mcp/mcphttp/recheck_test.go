package mcphttp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// When a key is revoked or expires, its streams and its running calls, buffered or not, end at
// the next keep-alive, and so do the contexts of its tools.
func TestRecheck(t *testing.T) {
	body, modern := rpc.Modern("1", "subscriptions/listen", `"notifications":{"toolsListChanged":true}`)
	rejected := rpc.Error("1", "-32600", "the key is no longer accepted")
	for name, test := range map[string]struct {
		method, body string
		headers      []string
		session      bool
		status       int
		want         string // suffix of the body
	}{
		"a call":          {"POST", rpc.Call("1", "hang", "{}"), nil, false, 200, "data: " + rejected + "\n\n"},
		"a buffered call": {"POST", rpc.Call("1", "hang", "{}"), []string{"Accept", "application/json"}, false, 403, rejected},
		"a subscription":  {"POST", body, modern, false, 200, "data: " + rejected + "\n\n"},
		"a session":       {"GET", "", nil, true, 200, ": still working\n\n"},
		"a session call":  {"POST", rpc.Call("1", "hang", "{}"), nil, true, 200, "data: " + rejected + "\n\n"},
	} {
		for how, end := range map[string]struct {
			revoked, expires time.Duration // after the start; zero means never
			took             time.Duration
		}{
			"revoked": {31 * time.Second, 0, 45 * time.Second},
			"expired": {0, 50 * time.Second, time.Minute},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					p := apikey.Principal{KeyID: "ci"}
					if end.expires > 0 {
						p.Expires = began.Add(end.expires)
					}
					store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef"})
					if err != nil {
						t.Fatal(err)
					}
					h, _ := newHandlerWith(changing(), streaming, func(o *mcphttp.Options) {
						o.Sessions, o.Now = store, time.Now
						o.Authenticate = func(*http.Request) (apikey.Principal, error) { return p, nil }
						o.Recheck = func(r *http.Request) error {
							if p, _ := tool.PrincipalFrom(r.Context()); p.KeyID != "ci" || r.Header.Get("X-Api-Key") != "the key" || r.Context().Err() != nil {
								t.Errorf("called for %+v with the key %q, %v", p, r.Header.Get("X-Api-Key"), r.Context().Err())
							}
							if end.revoked > 0 && time.Since(began) > end.revoked {
								return errors.New("revoked")
							}
							return nil
						}
					})
					headers := test.headers
					if test.session {
						headers = append(headers, "Mcp-Session-Id", do(h, "POST", "/mcp", rpc.Initialize).Header().Get("Mcp-Session-Id"))
					}
					r := httptest.NewRequest(test.method, "/mcp", strings.NewReader(test.body))
					rpc.SetHeaders(r.Header, headers...)
					r.Header.Set("X-Api-Key", "the key")
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					if got := w.Body.String(); time.Since(began) != end.took || w.Code != test.status || !strings.HasSuffix(got, test.want) {
						t.Errorf("after %v, want %v: %d %q, want %d with %q at the end", time.Since(began), end.took, w.Code, got, test.status, test.want)
					}
					if test.session {
						p.Expires = time.Time{}
						do(h, "DELETE", "/mcp", "", headers...)
					}
				})
			})
		}
	}
}
