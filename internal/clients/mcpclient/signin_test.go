package mcpclient_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/mcpclient"
)

// TestFindSignin: the metadata is accepted only if clients would accept it, and no key is
// sent to read it.
func TestFindSignin(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body, want string // want is part of the error; empty expects none
	}{
		"good":             {200, `{"resource":"URL","authorization_servers":["https://i.example"]}`, ""},
		"slash at the end": {200, `{"resource":"URL/","authorization_servers":["https://i.example"]}`, ""},
		"another resource": {200, `{"resource":"https://x.example/\u001b[31m","authorization_servers":["https://i.example"]}`, "not for this endpoint"},
		"no issuer":        {200, `{"resource":"URL","authorization_servers":[]}`, "it names no issuer"},
		"missing":          {404, `not found`, "404 Not Found"},
		"a page":           {200, `<html>`, "it is not JSON"},
		"too long":         {200, strings.Repeat(" ", 100<<10) + `{}`, "it is not JSON"},
	} {
		var url string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/.well-known/oauth-protected-resource/signin/mcp" || r.Header.Get(mcpclient.KeyHeader)+r.Header.Get("Authorization") != "" {
				t.Errorf("%s: GET %s with %v", name, r.URL, r.Header)
			}
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(strings.ReplaceAll(c.body, "URL", url)))
		}))
		url = s.URL + "/signin/mcp"
		found, err := mcpclient.FindSignin(t.Context(), mcpclient.Options{URL: url, Key: "a-key"})
		s.Close()
		switch {
		case c.want == "" && (err != nil || found.Issuers[0] != "https://i.example"):
			t.Errorf("%s: %+v, %v", name, found, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\x1b")):
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}
