package ociimage

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// file is a file in a layer. Files belong to root and are read-only. The program runs as
// another user, so it cannot change itself.
type file struct {
	path    string // absolute
	mode    int64
	content []byte
}

// newLayer packs files and the folders that contain them.
func newLayer(files []file) (v1.Layer, error) {
	packed, err := pack(files)
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer),
		tarball.WithCompressionLevel(gzip.BestCompression), tarball.WithCompressedCaching)
}

// pack returns a tar archive with fixed times, owners and order.
func pack(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	var done []string
	for _, f := range files {
		for _, folder := range folders(f.path) {
			if slices.Contains(done, folder) {
				continue
			}
			done = append(done, folder)
			if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: folder, Mode: 0o755, ModTime: created(), Format: tar.FormatUSTAR}); err != nil {
				return nil, fmt.Errorf("pack folder %s: %w", folder, err)
			}
		}
		h := &tar.Header{
			Typeflag: tar.TypeReg, Name: strings.TrimPrefix(f.path, "/"), Mode: f.mode,
			Size: int64(len(f.content)), ModTime: created(), Format: tar.FormatUSTAR,
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("pack file %s: %w", f.path, err)
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, fmt.Errorf("pack file %s: %w", f.path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("end the archive: %w", err)
	}
	return out.Bytes(), nil
}

// folders returns the folders that contain a file, the outermost first: etc/,
// etc/ssl/ ...
func folders(name string) []string {
	var all []string
	for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
		all = append(all, strings.TrimPrefix(dir, "/")+"/")
	}
	slices.Reverse(all)
	return all
}
