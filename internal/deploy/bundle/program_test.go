package bundle

import (
	"bytes"
	"debug/elf"
	"path/filepath"
	"runtime"
	"testing"

	"serverless-mcp/internal/test/files"
)

func TestProgramIsStaticAndTheSameInAnyFolder(t *testing.T) {
	program := func() []byte {
		root := fixture(t, nil)
		files.Write(t, filepath.Join(root, "cmd", "server", "main.go"), "package main\n\nimport \"net\"\n\nfunc main() { net.Listen(\"tcp\", \":0\") }\n")
		binary, err := Program(t.Context(), Options{Root: root, GOARCH: runtime.GOARCH}, "cmd/server")
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
	if libraries, err := file.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("libraries %v, error %v; want none", libraries, err)
	}
	if interpreter := file.Section(".interp"); interpreter != nil {
		t.Error("the program requires a dynamic linker")
	}
}

// TestProgramIsForTheProcessor compiles a program that needs few packages, since they have
// to be compiled for another processor.
func TestProgramIsForTheProcessor(t *testing.T) {
	root := fixture(t, nil)
	files.Write(t, filepath.Join(root, "cmd", "server", "main.go"), "package main\n\nfunc main() { println(1) }\n")
	for goarch, want := range map[string]elf.Machine{"": elf.EM_AARCH64, "amd64": elf.EM_X86_64} {
		binary, err := Program(t.Context(), Options{Root: root, GOARCH: goarch}, "cmd/server")
		if err != nil {
			t.Fatal(err)
		}
		file, err := elf.NewFile(bytes.NewReader(binary))
		if err != nil {
			t.Fatal(err)
		}
		if file.Machine != want {
			t.Errorf("GOARCH %q: the program is for %v, want %v", goarch, file.Machine, want)
		}
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
