package dotenv_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/settings/dotenv"
)

func TestFilesOfSettings(t *testing.T) {
	const svg, png = `<svg xmlns="http://www.w3.org/2000/svg"/>`, "\x89PNG\r\n\x1a\n"
	tests := []struct {
		name  string
		files map[string]string
		want  map[string]string
		err   string
	}{
		{"text stays", map[string]string{".env": "SERVER_INSTRUCTIONS=hello\nSERVER_ICON=https://a.example/i.png"},
			map[string]string{"SERVER_INSTRUCTIONS": "hello", "SERVER_ICON": "https://a.example/i.png"}, ""},
		{"files", map[string]string{".env": "SERVER_INSTRUCTIONS=@docs/i.md\nSERVER_ICON=@i.svg", "docs/i.md": "a\nb\n", "i.svg": svg},
			map[string]string{"SERVER_INSTRUCTIONS": "a\nb", "SERVER_ICON": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="}, ""},
		{"png", map[string]string{".env": "SERVER_ICON=@i", "i": png}, map[string]string{"SERVER_ICON": "data:image/png;base64,iVBORw0KGgo="}, ""},
		{"not an image", map[string]string{".env": "SERVER_ICON=@i", "i": "x"}, map[string]string{"SERVER_ICON": "data:image/unknown;base64,eA=="}, ""},
		{"missing", map[string]string{".env": "SERVER_ICON=@gone.png"}, nil, "read the file of SERVER_ICON"},
		{"text from Windows", map[string]string{".env": "SERVER_INSTRUCTIONS=@i", "i": "\ufeffa\r\nb\r\n"}, map[string]string{"SERVER_INSTRUCTIONS": "a\nb"}, ""},
		{"empty text", map[string]string{".env": "SERVER_INSTRUCTIONS=@i", "i": " \r\n"}, nil, "read the file of SERVER_INSTRUCTIONS"},
		{"empty icon", map[string]string{".env": "SERVER_ICON=@i", "i": ""}, nil, "i is empty"},
		{"no file named", map[string]string{".env": "SERVER_ICON=@"}, nil, "is a directory"},
		{"both missing, the first", map[string]string{".env": "SERVER_INSTRUCTIONS=@a\nSERVER_ICON=@b"}, nil, "read the file of SERVER_INSTRUCTIONS"},
		{"both missing, the second", map[string]string{".env": "SERVER_INSTRUCTIONS=@a\nSERVER_ICON=@b"}, nil, "read the file of SERVER_ICON"},
		{"too large", map[string]string{".env": "SERVER_INSTRUCTIONS=@i", "i": strings.Repeat("x", 64<<10+1)}, nil, "has more than 65536 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.files["cdk.json"] = "{}"
			values, _, err := dotenv.Load(project(t, tt.files), nil)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.want {
				if values[name] != want {
					t.Errorf("%s is %q, want %q", name, values[name], want)
				}
			}
		})
	}
}
