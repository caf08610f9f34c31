package main

import (
	"path/filepath"
	"testing"
)

func TestStateDir(t *testing.T) {
	for _, tc := range []struct {
		goos string
		env  map[string]string
		want string
	}{
		{"linux", map[string]string{"HOME": "/home/x"}, "/home/x/.local/state/lambdaops"},
		{"linux", map[string]string{"HOME": "/home/x", "XDG_STATE_HOME": "/state"}, "/state/lambdaops"},
		{"linux", map[string]string{"HOME": "/home/x", "XDG_STATE_HOME": "relative"}, "/home/x/.local/state/lambdaops"},
		{"darwin", map[string]string{"HOME": "/Users/x"}, "/Users/x/Library/Application Support/lambdaops"},
		{"windows", map[string]string{"LocalAppData": "/AppData"}, "/AppData/lambdaops"},
		{"linux", nil, ""},
	} {
		got := stateDir(tc.goos, func(name string) string { return tc.env[name] })
		if filepath.ToSlash(got) != tc.want {
			t.Errorf("%s with %v: %q, want %q", tc.goos, tc.env, got, tc.want)
		}
	}
}
