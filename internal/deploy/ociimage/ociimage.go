// Package ociimage assembles the container image of the server without Docker:
// one static program, the certificates it needs to know AWS by, and nothing
// else. There is no shell, no package and no /tmp in it.
//
// The same program gives the same digest, whenever and wherever it is
// assembled, so that an image is pushed and deployed only when it has changed.
package ociimage

import (
	"errors"
	"fmt"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// User is who the program runs as: a number, since the image has no
// /etc/passwd, and the one that distroless images use for "nonroot".
const User = "65532:65532"

// CertificatesPath is where Go, and nearly everything else on Linux, looks for
// the certificates of authorities first.
const CertificatesPath = "/etc/ssl/certs/ca-certificates.crt"

// Options say what is in the image.
type Options struct {
	Name         string // of the program, and of the entry point: /Name; required
	Program      []byte // a static Linux binary; required
	Architecture string // the go command's word for the processor, arm64 or amd64; required
	Port         int    // TCP port that the program listens on; zero exposes none
}

// New assembles the image. The certificates make a layer of their own, below
// the program's: that one changes with each version of the server, and only
// that one is then pushed and pulled.
func New(o Options) (v1.Image, error) {
	if o.Name == "" || strings.ContainsAny(o.Name, "/ ") {
		return nil, fmt.Errorf("assemble the image: %q is no name for the program", o.Name)
	}
	if err := checkProgram(o.Program, o.Architecture); err != nil {
		return nil, fmt.Errorf("assemble the image: %w", err)
	}
	roots, err := certificates()
	if err != nil {
		return nil, fmt.Errorf("assemble the image: %w", err)
	}
	var layers []v1.Layer
	for _, files := range [][]file{{{CertificatesPath, 0o444, roots}}, {{"/" + o.Name, 0o555, o.Program}}} {
		layer, err := newLayer(files)
		if err != nil {
			return nil, fmt.Errorf("assemble the image: %w", err)
		}
		layers = append(layers, layer)
	}
	image, err := mutate.ConfigFile(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), o.config())
	if err == nil {
		image, err = mutate.Append(image, o.addenda(layers)...)
	}
	if err != nil {
		return nil, fmt.Errorf("assemble the image: %w", err)
	}
	return image, nil
}

// config says how the program is run.
func (o Options) config() *v1.ConfigFile {
	c := &v1.ConfigFile{
		OS: "linux", Architecture: o.Architecture, Created: v1.Time{Time: created()},
		RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{User: User, WorkingDir: "/", Entrypoint: []string{"/" + o.Name}},
	}
	if o.Port != 0 {
		c.Config.ExposedPorts = map[string]struct{}{fmt.Sprintf("%d/tcp", o.Port): {}}
	}
	return c
}

// addenda are the layers with a line each for those who look at the history.
func (o Options) addenda(layers []v1.Layer) []mutate.Addendum {
	var all []mutate.Addendum
	for i, comment := range []string{"certificates of authorities, from Mozilla's list", "the program"} {
		all = append(all, mutate.Addendum{
			Layer: layers[i], MediaType: types.OCILayer,
			History: v1.History{Created: v1.Time{Time: created()}, CreatedBy: "mcpctl image", Comment: comment},
		})
	}
	return all
}

// created is the date on everything in the image. The true one would give the
// same image another digest.
func created() time.Time { return time.Unix(0, 0).UTC() }

// Digest is the image's name by its content, sha256:...
func Digest(image v1.Image) (string, error) {
	digest, err := image.Digest()
	if err != nil {
		return "", fmt.Errorf("compute the image's digest: %w", err)
	}
	return digest.String(), nil
}

var errNotLinux = errors.New("the program is no Linux binary")
