package settings_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

func TestPresentation(t *testing.T) {
	icon := "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte("\x89PNG"))
	s, err := settings.Parse(map[string]string{
		"SERVER_TITLE": "Wetter & Co", "SERVER_INSTRUCTIONS": "First line.\nSecond line.", "SERVER_ICON": icon, "SERVER_WEBSITE": "https://example.com/x",
	})
	if err != nil {
		t.Fatal(err)
	}
	env := s.MCPEnv(nil)
	want := map[string]string{
		"SERVER_NAME": "serverless-mcp", "LOG_LEVEL": "info", "ALLOWED_ORIGINS": "",
		"SERVER_TITLE": "Wetter & Co", "SERVER_INSTRUCTIONS": "First line.\nSecond line.", "SERVER_ICON": icon, "SERVER_WEBSITE": "https://example.com/x",
	}
	if d := cmp.Diff(want, env); d != "" {
		t.Errorf("MCPEnv (-want +got):\n%s", d)
	}
	if page := s.PageEnv(); page["SERVER_ICON"] != icon || page["SERVER_TITLE"] == "" || page["SERVER_WEBSITE"] == "" || page["SERVER_INSTRUCTIONS"] != "" {
		t.Errorf("PageEnv %v, want everything except the instructions", page)
	}
}

func TestPresentationRejects(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"SERVER_TITLE", strings.Repeat("x", 61), "is 61 characters, need at most 60"},
		{"SERVER_TITLE", "two\nlines", "has control characters"},
		{"SERVER_INSTRUCTIONS", strings.Repeat("x", 2001), "is 2001 bytes, need at most 2000"},
		{"SERVER_INSTRUCTIONS", "bell\a", "has control characters"},
		{"SERVER_INSTRUCTIONS", "@missing.md", "names a file that was not read"},
		{"SERVER_ICON", "@icon.png", "names a file that was not read"},
		{"SERVER_ICON", "http://example.com/i.png", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "https://example.com/i.png; script-src *", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "data:text/html;base64,PGI+", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "data:image/png;base64,<b>", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "data:image/png;base64," + strings.Repeat("A", 2000), "is 2022 characters as a URI, need at most 2000"},
		{"SERVER_ICON", "icon.png", "is neither an https URL nor a data URI of a PNG, JPEG, WebP or SVG image; for a file write @ before its name"},
		{"SERVER_ICON", "data:image/png;base64,iVBO===", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "data:image/png;base64,iVB", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "https://:443/i.png", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "https://*/i.png", "is neither an https URL nor a data URI"},
		{"SERVER_ICON", "https://b\u00fccher.example/i.png", "is neither an https URL nor a data URI"},
		{"SERVER_WEBSITE", "https://:443", "is not an http or https URL"},
		{"SERVER_WEBSITE", "example.com", "is not an http or https URL"},
		{"SERVER_WEBSITE", "javascript:alert(1)", "is not an http or https URL"},
		{"SERVER_WEBSITE", "https://user:s3cret@example.com", "is not an http or https URL without a password"},
	}
	for _, tt := range tests {
		_, err := settings.Parse(map[string]string{tt.name: tt.value})
		if err == nil || !strings.Contains(err.Error(), tt.name+" "+tt.want) {
			t.Errorf("%s=%.40s: error %v, want %q", tt.name, tt.value, err, tt.want)
		}
	}
	if _, err := settings.Parse(map[string]string{"SERVER_TITLE": strings.Repeat("\u5929", 60)}); err != nil {
		t.Errorf("title of 60 characters in 180 bytes: %v", err)
	}
	_, err := settings.Parse(map[string]string{"SERVER_INSTRUCTIONS": strings.Repeat("x", 1990), "TOOL_A": strings.Repeat("x", 1500)})
	if err == nil || !strings.Contains(err.Error(), "and SERVER_TITLE, SERVER_INSTRUCTIONS, SERVER_ICON and SERVER_WEBSITE are 3515 bytes together, need at most 3072") {
		t.Errorf("together too large: %v", err)
	}
}
