package page_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/page"
)

// The page shows title, icon and website, and its policy allows no other image.
func TestPresentation(t *testing.T) {
	tests := []struct {
		icon, policy, want, reject string
	}{
		{"", "img-src data:;", `<link rel="icon" href="data:,">`, "<img"},
		{"data:image/png;base64,iVBORw0KGgo=", "img-src data:;", `<img class="icon" src="data:image/png;base64,iVBORw0KGgo="`, `href="data:,"`},
		{"https://example.com/i.png", "img-src data: https://example.com/i.png;", `<link rel="icon" href="https://example.com/i.png">`, `href="data:,"`},
		{"javascript:alert(1)", "img-src data:;", `<link rel="icon" href="data:,">`, "javascript:"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", "http://x/", nil)
		r.Host = deployed
		w := httptest.NewRecorder()
		page.New(page.Options{Name: "weather", Title: "Weather <&> more", Icon: tt.icon, Website: "https://example.com/about"}).ServeHTTP(w, r)
		text := w.Body.String()
		for _, want := range []string{tt.want, "Weather &lt;&amp;&gt; more</h1>", `<a href="https://example.com/about">`} {
			if !strings.Contains(text, want) {
				t.Errorf("icon %q: the page lacks %q", tt.icon, want)
			}
		}
		if strings.Contains(text, tt.reject) || strings.Contains(text, "ZgotmplZ") {
			t.Errorf("icon %q: the page has %q", tt.icon, tt.reject)
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, tt.policy) {
			t.Errorf("icon %q: policy %q, want %q", tt.icon, policy, tt.policy)
		}
	}
}
