package clientconfig

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/test/golden"
	"serverless-mcp/internal/test/readme"
)

// TestDocs compares the snippets of docs/clients.md with the table.
func TestDocs(t *testing.T) {
	page, err := readme.Read("../../../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	found := page.All("client")
	if len(found) < 4 {
		t.Errorf("docs/clients.md shows %d clients, want 4 at least", len(found))
	}
	for _, b := range found {
		c, ok := Find(b.Name)
		if !ok {
			t.Errorf("docs/clients.md shows %q, which is not a client", b.Name)
			continue
		}
		want := c.Text(server)
		if golden.Update() {
			page.Replace(b, 0, want)
		} else if d := cmp.Diff(want, b.Texts[0]); d != "" {
			t.Errorf("docs/clients.md, %s: run with -update (-table +docs):\n%s", c.Name, d)
		}
	}
	if golden.Update() {
		if err := page.Write(); err != nil {
			t.Fatal(err)
		}
	}
}
