package readme

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const page = "# Title\n<!-- run: one -->\n```sh\necho 1\n```\n```text\n```\nwords\n```sh\nnot marked\n```\n<!-- client: two -->\n```json\n{\n\n}\n```\n"

func TestBlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	run := p.All("run")
	if len(run) != 1 || run[0].Name != "one" {
		t.Fatalf("found %+v, want the one named one", run)
	}
	if d := cmp.Diff([]string{"echo 1\n", ""}, run[0].Texts); d != "" {
		t.Errorf("blocks (-want +got):\n%s", d)
	}
	if two := p.All("client"); len(two) != 1 || two[0].Texts[0] != "{\n\n}\n" {
		t.Errorf("found %+v", two)
	}
	p.Replace(run[0], 1, "1\n")
	if err := p.Write(); err != nil {
		t.Fatal(err)
	}
	if p, err = Read(path); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"echo 1\n", "1\n"}, p.All("run")[0].Texts); d != "" {
		t.Errorf("after Replace (-want +got):\n%s", d)
	}
}
