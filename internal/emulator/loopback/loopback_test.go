package loopback_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"serverless-mcp/internal/emulator/loopback"
)

// TestOnlyTheSecretPath: the handler sees requests with the secret path only,
// and sees them without it.
func TestOnlyTheSecretPath(t *testing.T) {
	s, err := loopback.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Method, " ", r.URL.EscapedPath(), "?", r.URL.RawQuery)
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	port, secret, _ := strings.Cut(s.Address(), "/")
	if len(secret) < 26 {
		t.Fatalf("the secret %q is shorter than 26 characters of base32", secret)
	}
	for path, want := range map[string]string{
		"/" + secret:                     "200 GET /?",
		"/" + secret + "/":               "200 GET /?",
		"/" + secret + "/a/b?c=d":        "200 GET /a/b?c=d",
		"/" + secret + "/arn%2Fx/y":      "200 GET /arn%2Fx/y?",
		"/":                              "404",
		"":                               "404",
		"/2018-06-01/runtime":            "404",
		"/" + secret[:25]:                "404",
		"/" + secret + "x/a":             "404",
		"/" + strings.ToLower(secret):    "404",
		"/x/" + secret + "/a":            "404",
		"//" + secret + "/a":             "404",
		"/a?" + secret:                   "404",
		"/%2e/" + secret + "/a":          "404",
		"/" + secret + "%00/a":           "404",
		"/" + secret[:13] + "%2F/" + "a": "404",
	} {
		resp, err := http.Get("http://" + port + path)
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		got := fmt.Sprint(resp.StatusCode)
		if resp.StatusCode == http.StatusOK {
			got += " " + string(body)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(s.URL()); err == nil {
		t.Error("serves after Close")
	}
	if err := (*loopback.Server)(nil).Close(); err != nil {
		t.Errorf("Close of nil = %v", err)
	}
}
