package main

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheProcessorIsASetting(t *testing.T) {
	for _, c := range []struct {
		name, dotenv string
		environ      []string
		args         []string
		want         elf.Machine
	}{
		{"by default", "", nil, nil, elf.EM_AARCH64},
		{"by .env", "ARCHITECTURE=x86_64\n", nil, nil, elf.EM_X86_64},
		{"by the environment", "ARCHITECTURE=x86_64\n", []string{"ARCHITECTURE=arm64"}, nil, elf.EM_AARCH64},
		{"by the flag", "", nil, []string{"-goarch", "amd64"}, elf.EM_X86_64},
		{"whatever else is wrong", "ARCHITECTURE=x86_64\nTHROTTLE_RATE=abc\n", nil, nil, elf.EM_X86_64},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := project(t, c.dotenv)
			err := run(t.Context(), append([]string{"-root", root, "-out", "made"}, c.args...), c.environ, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if got := machine(t, filepath.Join(root, "made", "one.zip")); got != c.want {
				t.Errorf("built for %s, want %s", got, c.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	if err := run(t.Context(), []string{"-nonsense"}, nil, io.Discard); err == nil {
		t.Error("an unknown flag was accepted")
	}
	err := run(t.Context(), []string{"-root", project(t, "A=\xe9\n")}, nil, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "not UTF-8") {
		t.Errorf("unreadable .env: error = %v", err)
	}
	// Or a stack could not be destroyed before its .env is mended.
	if err := run(t.Context(), []string{"-root", project(t, "no setting\n")}, nil, io.Discard); err != nil {
		t.Errorf("one line that cannot be read: %v", err)
	}
}

// project is a folder with one function and the given .env.
func project(t *testing.T, dotenv string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module fixture\n\ngo 1.26\n", "cdk.json": "{}", ".env": dotenv,
		"functions/one/main.go": "package main\n\nfunc main() {}\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// machine is the processor that the program in a zip is for.
func machine(t *testing.T, path string) elf.Machine {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	program, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return program.Machine
}
