// Package ociimage assembles the server's container image without Docker. The image
// contains one static program and the certificates that it needs to verify AWS's
// endpoints. It has no shell, no packages and no /tmp.
//
// The same program gives the same digest on every machine, so that an image is
// pushed and deployed only when it has changed.
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

// User is the user and group of the program: numeric, since the image has no /etc/passwd,
// and the same as "nonroot" in distroless images.
const User = "65532:65532"

// CertificatesPath is the first path where Go and most Linux programs look for the
// certificates of authorities.
const CertificatesPath = "/etc/ssl/certs/ca-certificates.crt"

// Options select what is in the image.
type Options struct {
	Name         string // name of the program; the entry point is /Name; required
	Program      []byte // a static Linux binary; required
	Architecture string // the processor, as the go command names it: arm64 or amd64; required
	Port         int    // TCP port that the image exposes; zero exposes none
}

// New assembles the image. The certificates are in a separate layer below the program's,
// so that only the program's layer is pushed and pulled for a new version of the server.
func New(o Options) (v1.Image, error) {
	if o.Name == "" || strings.ContainsAny(o.Name, "/ ") {
		return nil, fmt.Errorf("assemble the image: %q is not a valid program name", o.Name)
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

// config returns the image's configuration: how the program is run.
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

// addenda returns the layers with a history entry for each.
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

// created returns the date of everything in the image. The current time would
// change the digest.
func created() time.Time { return time.Unix(0, 0).UTC() }

// Digest returns the image's digest, sha256:...
func Digest(image v1.Image) (string, error) {
	digest, err := image.Digest()
	if err != nil {
		return "", fmt.Errorf("compute the image's digest: %w", err)
	}
	return digest.String(), nil
}

var errNotLinux = errors.New("the program is not a Linux binary")
