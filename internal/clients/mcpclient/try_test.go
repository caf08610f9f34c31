package mcpclient

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTry(t *testing.T) {
	var leaked bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked = true }))
	defer elsewhere.Close()
	for _, status := range []int{200, 401, 403, 500, 302} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "POST" || r.Header.Get(KeyHeader) != "the-key" || r.Header.Get("User-Agent") != "mcpctl" {
				t.Errorf("%s with %v", r.Method, r.Header)
			}
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(status)
		}))
		got, err := Try(t.Context(), Options{URL: s.URL + "/mcp", Key: "the-key"})
		if got != status || err != nil {
			t.Errorf("%d: Try = %d, %v", status, got, err)
		}
		s.Close()
		if _, err := Try(t.Context(), Options{URL: s.URL, Key: "the-key"}); err == nil {
			t.Error("nothing listens: no error")
		}
	}
	if leaked {
		t.Error("the key was sent along a redirect")
	}
	if _, err := Try(t.Context(), Options{URL: "http://example.com/mcp", Key: "the-key"}); !errors.Is(err, ErrInsecure) {
		t.Errorf("plain http: %v", err)
	}
}
