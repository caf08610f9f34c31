package configfile_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
	"serverless-mcp/internal/test/golden"
)

var server = clientconfig.Server{Name: "my-mcp-server", URL: "https://abc123.execute-api.eu-central-1.amazonaws.com/mcp"}

// TestClients adds the server to two files of each client: an empty one, and the realistic
// file "before" in testdata/clients. The files after that, and after removing the server
// again, are golden.
func TestClients(t *testing.T) {
	for _, c := range clientconfig.All() {
		t.Run(c.ID, func(t *testing.T) {
			file := filepath.Join("testdata", "clients", c.ID+".txtar")
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "before" })
			before := archive.Files[i].Data
			connected := add(t, c, before)
			got := &txtar.Archive{Comment: archive.Comment, Files: []txtar.File{
				{Name: "before", Data: before}, {Name: "connected", Data: connected},
				{Name: "disconnected", Data: cut(t, c, connected)},
				{Name: "connected, from nothing", Data: add(t, c, nil)},
			}}
			golden.Check(t, file, string(txtar.Format(got)))
			if d := cmp.Diff(c.Text(server), string(add(t, c, nil))); d != "" {
				t.Errorf("the entry in an empty file differs from the one that the page and the docs show (-shown +written):\n%s", d)
			}
		})
	}
}

// TestLineEnds: files from Windows keep their line ends and their mark.
func TestLineEnds(t *testing.T) {
	for _, c := range clientconfig.All() {
		archive, err := txtar.ParseFile(filepath.Join("testdata", "clients", c.ID+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		windows := func(text []byte) string { return "\ufeff" + strings.ReplaceAll(string(text), "\n", "\r\n") }
		before, connected := archive.Files[0].Data, archive.Files[1].Data
		if !strings.Contains(string(before), "\n") || c.ID == "cline" {
			continue // in one line
		}
		if d := cmp.Diff(windows(connected), string(add(t, c, []byte(windows(before))))); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.ID, d)
		}
	}
}

// add makes the changes of connect twice, and fails unless the second time changes nothing.
func add(t *testing.T, c clientconfig.Client, text []byte) []byte {
	t.Helper()
	once := addOnce(t, c, text)
	if d := cmp.Diff(string(once), string(addOnce(t, c, once))); d != "" {
		t.Errorf("%s: the second time it changed again (-once +twice):\n%s", c.ID, d)
	}
	return once
}

func addOnce(t *testing.T, c clientconfig.Client, text []byte) []byte {
	t.Helper()
	var err error
	for _, m := range c.Extra(server) {
		for _, item := range m.Value.([]clientconfig.Object) {
			if text, err = configfile.Add(c.Format, text, m.Name, item); err != nil {
				t.Fatal(err)
			}
		}
	}
	text, err = configfile.Set(c.Format, text, append(slices.Clone(c.Path), server.Name), c.Entry(server))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func cut(t *testing.T, c clientconfig.Client, text []byte) []byte {
	t.Helper()
	text, err := configfile.Delete(c.Format, text, append(slices.Clone(c.Path), server.Name))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Extra(server) {
		if text, err = configfile.Remove(c.Format, text, m.Name, "mcp-key-my-mcp-server"); err != nil {
			t.Fatal(err)
		}
	}
	return text
}
