package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"serverless-mcp/internal/devserver/local"
)

// aLocalServer makes a folder look like a project whose local server runs.
func aLocalServer(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const secret = "known to it"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mac := hmac.New(sha256.New, []byte(secret))
		io.WriteString(mac, r.FormValue("challenge"))
		io.WriteString(w, hex.EncodeToString(mac.Sum(nil)))
	}))
	t.Cleanup(s.Close)
	err := local.FolderIn(dir).WriteState(local.State{URL: "http://127.0.0.1/mcp", Identity: local.Identity{URL: s.URL, Secret: secret}})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Keys of a deployed stack go to its entry, whether or not a local server runs:
// only connect takes that one unasked.
func TestEntryOf(t *testing.T) {
	p := &program{dir: aLocalServer(t), stdin: http.NoBody, stdout: io.Discard, stderr: io.Discard}
	if !p.localRuns() {
		t.Fatal("the local server is not found")
	}
	for _, tc := range []struct {
		t           keysTarget
		stage, want string
	}{
		{keysTarget{}, "", "serverless-mcp"},
		{keysTarget{}, "dev", "serverless-mcp-dev"},
		{keysTarget{stackTarget: stackTarget{stage: "dev"}}, "dev", "serverless-mcp-dev"},
		{keysTarget{local: true}, "local", "serverless-mcp-local"},
	} {
		if got := p.entryOf(tc.t, tc.stage); got != tc.want {
			t.Errorf("entryOf(%+v, %q) = %q, want %q", tc.t, tc.stage, got, tc.want)
		}
	}
}
