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

func TestProcessorSetting(t *testing.T) {
	for _, c := range []struct {
		name, dotenv string
		environ      []string
		args         []string
		want         string
	}{
		{"default", "", nil, nil, "arm64"},
		{".env", "ARCHITECTURE=x86_64\n", nil, nil, "amd64"},
		{"environment", "ARCHITECTURE=x86_64\n", []string{"ARCHITECTURE=arm64"}, nil, "arm64"},
		{"flag", "", nil, []string{"-goarch", "amd64"}, "amd64"},
		{"other invalid setting", "ARCHITECTURE=x86_64\nTHROTTLE_RATE=abc\n", nil, nil, "amd64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := options(append([]string{"-root", project(t, c.dotenv), "-out", "made"}, c.args...), c.environ, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if got.GOARCH != c.want || got.Out != "made" || !got.Zip {
				t.Errorf("options = %+v, want processor %s, folder made and zips", got, c.want)
			}
		})
	}
}

// TestRunBuildsForTheProcessor builds for a processor other than the default.
func TestRunBuildsForTheProcessor(t *testing.T) {
	root := project(t, "ARCHITECTURE=x86_64\n")
	if err := run(t.Context(), []string{"-root", root, "-out", "made"}, nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := machine(t, filepath.Join(root, "made", "one.zip")); got != elf.EM_X86_64 {
		t.Errorf("built for %s, want %s", got, elf.EM_X86_64)
	}
}

func TestErrors(t *testing.T) {
	if err := run(t.Context(), []string{"-nonsense"}, nil, io.Discard); err == nil {
		t.Error("unknown flag accepted")
	}
	err := run(t.Context(), []string{"-root", project(t, "A=\xe9\n")}, nil, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "not UTF-8") {
		t.Errorf("unreadable .env: error = %v", err)
	}
	// A stack must be destroyable with an invalid line in .env.
	if _, err := options([]string{"-root", project(t, "no setting\n")}, nil, io.Discard); err != nil {
		t.Errorf("one invalid line: %v", err)
	}
}

// TestRunCompilesTheApp: this command reports a mistake in the CDK app. The CDK's command
// line would print nothing until the app was compiled.
func TestRunCompilesTheApp(t *testing.T) {
	root := project(t, "")
	for text, want := range map[string]string{
		"package main\n\nfunc main() {}\n": "", "package main\n\nfunc main() { undefinedName() }\n": "undefined: undefinedName",
	} {
		if err := os.WriteFile(filepath.Join(root, "cdk.go"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		err := run(t.Context(), []string{"-root", root}, nil, io.Discard)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q in it", text, err, want)
		}
	}
}

// project returns a new folder with one function and the given .env.
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

// machine returns the processor for which the program in a zip is built.
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
