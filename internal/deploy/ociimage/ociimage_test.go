package ociimage

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"serverless-mcp/internal/deploy/bundle"
)

// server compiles a small program in a new folder.
func server(t *testing.T, goarch string) []byte {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module server\n\ngo 1.26\n", "mcpd/main.go": "package main\n\nfunc main() { println(1) }\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary, err := bundle.Program(t.Context(), bundle.Options{Root: root, GOARCH: goarch}, "mcpd")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func assemble(t *testing.T, goarch string) v1.Image {
	t.Helper()
	image, err := New(Options{Name: "mcpd", Program: server(t, goarch), Architecture: goarch, Port: 8080})
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestConfig(t *testing.T) {
	image := assemble(t, "arm64")
	got, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := v1.Config{User: "65532:65532", WorkingDir: "/", Entrypoint: []string{"/mcpd"}, ExposedPorts: map[string]struct{}{"8080/tcp": {}}}
	if diff := cmp.Diff(want, got.Config); diff != "" {
		t.Errorf("run configuration (-want +got):\n%s", diff)
	}
	if got.OS != "linux" || got.Architecture != "arm64" || got.Created.Unix() != 0 || len(got.RootFS.DiffIDs) != 2 || len(got.History) != 2 {
		t.Errorf("config = %+v", got)
	}
	manifest, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	kinds := []types.MediaType{manifest.MediaType, manifest.Config.MediaType}
	for _, l := range manifest.Layers {
		kinds = append(kinds, l.MediaType)
	}
	if diff := cmp.Diff([]types.MediaType{types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer, types.OCILayer}, kinds); diff != "" {
		t.Errorf("media types (-want +got):\n%s", diff)
	}
}

// TestFiles checks that the image has no other files, no /tmp, and nothing that its
// user can write.
func TestFiles(t *testing.T) {
	image := assemble(t, "arm64")
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range layers {
		for _, h := range headers(t, l) {
			got = append(got, strings.Join([]string{h.FileInfo().Mode().String(), h.Name}, " "))
			if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.ModTime.Unix() != 0 {
				t.Errorf("%s belongs to %d:%d %q, from %s", h.Name, h.Uid, h.Gid, h.Uname, h.ModTime)
			}
		}
		got = append(got, "")
	}
	want := []string{
		"drwxr-xr-x etc/", "drwxr-xr-x etc/ssl/", "drwxr-xr-x etc/ssl/certs/", "-r--r--r-- etc/ssl/certs/ca-certificates.crt", "",
		"-r-xr-xr-x mcpd", "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("layers (-want +got):\n%s", diff)
	}
}

func headers(t *testing.T, layer v1.Layer) []*tar.Header {
	t.Helper()
	content, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	var all []*tar.Header
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h)
	}
}

func TestDigestIsTheSameInAnyFolder(t *testing.T) {
	first, second, other := assemble(t, "arm64"), assemble(t, "arm64"), assemble(t, "amd64")
	digests := make([]string, 3)
	for i, image := range []v1.Image{first, second, other} {
		digest, err := Digest(image)
		if err != nil {
			t.Fatal(err)
		}
		digests[i] = digest
	}
	if digests[0] != digests[1] || digests[0] == digests[2] {
		t.Errorf("digests of the same program twice and of another: %q", digests)
	}
	a, err := first.Layers()
	if err != nil {
		t.Fatal(err)
	}
	b, err := other.Layers()
	if err != nil {
		t.Fatal(err)
	}
	below, err := a[0].Digest()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b[0].Digest(); err != nil || below != again {
		t.Errorf("the layer of the certificates changes with the program: %v, then %v, %v", below, again, err)
	}
}

// TestCertificates checks that AWS's own authorities are included, and that all
// certificates can be parsed.
func TestCertificates(t *testing.T) {
	text, err := certificates()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for rest := text; len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			t.Fatal("the file does not end with PEM data")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		names[c.Subject.CommonName] = true
	}
	if !names["Amazon Root CA 1"] || !names["Starfield Services Root Certificate Authority - G2"] && !names["Amazon Root CA 4"] || len(names) < 80 {
		t.Errorf("authorities: %v", names)
	}
	if names["Izenpe.com"] {
		t.Error("the file includes an authority with constraints, which PEM cannot express")
	}
}

func TestNewRejects(t *testing.T) {
	program := server(t, "arm64")
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"no name":       {Options{Program: program, Architecture: "arm64"}, `"" is not a valid program name`},
		"a path":        {Options{Name: "bin/mcpd", Program: program, Architecture: "arm64"}, `"bin/mcpd" is not a valid program name`},
		"no program":    {Options{Name: "mcpd", Architecture: "arm64"}, "not a Linux binary"},
		"a script":      {Options{Name: "mcpd", Program: []byte("#!/bin/sh\n"), Architecture: "arm64"}, "not a Linux binary"},
		"architecture":  {Options{Name: "mcpd", Program: program, Architecture: "x86_64"}, `"x86_64" is not arm64 or amd64`},
		"other machine": {Options{Name: "mcpd", Program: program, Architecture: "amd64"}, "the program is for EM_AARCH64, the image for amd64"},
	} {
		if _, err := New(c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q in it", name, err, c.want)
		}
	}
}

// TestCheckProgramRejectsADynamicProgram uses this machine's shell.
func TestCheckProgramRejectsADynamicProgram(t *testing.T) {
	program, err := os.ReadFile("/bin/sh")
	if runtime.GOOS != "linux" || err != nil {
		t.Skip("needs a dynamically linked /bin/sh")
	}
	err = checkProgram(program, runtime.GOARCH)
	if err == nil || !strings.Contains(err.Error(), "not static") {
		t.Errorf("error = %v, want that it is not static", err)
	}
}

func TestSave(t *testing.T) {
	image, path := assemble(t, "amd64"), filepath.Join(t.TempDir(), "image.tar")
	if err := Save(path, "weather", image); err != nil {
		t.Fatal(err)
	}
	loaded, err := tarball.ImageFromPath(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(loaded); err != nil {
		t.Errorf("the image is not valid: %v", err)
	}
	want, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.ConfigName(); err != nil || got != want {
		t.Errorf("the loaded image has the id %v, %v; want %v", got, err, want)
	}
	if err := Save(filepath.Join(path, "no folder"), "weather", image); err == nil {
		t.Error("saved below a path that is a file")
	}
}
