package settings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

func TestPublicPage(t *testing.T) {
	s, err := settings.Parse(map[string]string{"STAGE": "dev"})
	if err != nil {
		t.Fatal(err)
	}
	if s.PublicPage || s.PublicRoutes() != nil {
		t.Errorf("public routes by default: %v", s.PublicRoutes())
	}
	if s, err = settings.Parse(map[string]string{"STAGE": "dev", "PUBLIC_PAGE": "true"}); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.PublicRoutes() {
		if r.Rate < 1 || r.Rate > 2 || r.Burst < 1 || r.Reason == "" {
			t.Errorf("%+v: want a throttle of at most 2 requests per second, and a reason", r)
		}
	}
	want := map[string]string{"SERVER_NAME": "serverless-mcp", "ENTRY_NAME": "serverless-mcp-dev", "LOG_LEVEL": "info"}
	if d := cmp.Diff(want, s.PageEnv()); d != "" || len(s.PublicRoutes()) != 1 {
		t.Errorf("%d routes; environment (-want +got):\n%s", len(s.PublicRoutes()), d)
	}
	if s, err = settings.Parse(map[string]string{"PUBLIC_PAGE": "true", "SIGNIN_ISSUER": "https://login.example.com"}); err != nil {
		t.Fatal(err)
	}
	if got := s.PageEnv(); got["PAGE_SIGNIN"] != "/signin/mcp" || got["SIGNIN_ISSUER"] != "" {
		t.Errorf("with sign-in: %v, want the path and no other setting of sign-in", got)
	}
	_, err = settings.Parse(map[string]string{"PUBLIC_PAGE": "true", "SHAPES": "stream"})
	if err == nil || !strings.Contains(err.Error(), "PUBLIC_PAGE needs the shape http-api in SHAPES") {
		t.Errorf("PUBLIC_PAGE without an HTTP API: %v", err)
	}
}
