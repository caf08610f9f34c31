package bundle

import (
	"bytes"
	"debug/elf"
	"path/filepath"
	"testing"

	"serverless-mcp/internal/test/files"
)

func TestProgramIsStaticAndTheSameInAnyFolder(t *testing.T) {
	program := func() []byte {
		root := fixture(t, nil)
		files.Write(t, filepath.Join(root, "cmd", "server", "main.go"), "package main\n\nimport \"net\"\n\nfunc main() { net.Listen(\"tcp\", \":0\") }\n")
		binary, err := Program(t.Context(), Options{Root: root}, "cmd/server")
		if err != nil {
			t.Fatal(err)
		}
		return binary
	}
	first := program()
	t.Setenv("CGO_ENABLED", "1")
	t.Setenv("GOFLAGS", "-tags=strange")
	if !bytes.Equal(first, program()) {
		t.Error("the same source gave different bytes in another folder and environment")
	}
	file, err := elf.NewFile(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if libraries, err := file.ImportedLibraries(); len(libraries) > 0 || file.Machine != elf.EM_AARCH64 {
		t.Errorf("machine %v, libraries %v, error %v; want AArch64 and no libraries", file.Machine, libraries, err)
	}
	if interpreter := file.Section(".interp"); interpreter != nil {
		t.Error("the program requires a dynamic linker")
	}
}

func TestProgramReturnsTheCompilersOutput(t *testing.T) {
	root := fixture(t, nil)
	files.Write(t, filepath.Join(root, "cmd", "server", "main.go"), "package main\n\nfunc main() { undefinedName() }\n")
	_, err := Program(t.Context(), Options{Root: root}, "cmd/server")
	want := "# fixture/cmd/server\ncmd/server/main.go:3:15: undefined: undefinedName"
	if err == nil || filepath.ToSlash(err.Error()) != want {
		t.Errorf("error = %q, want %q", err, want)
	}
}
