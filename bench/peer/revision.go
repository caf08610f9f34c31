package peer

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"serverless-mcp/internal/deploy/bundle"
)

// AtRevision compiles the MCP function of another revision of this repository, such as a tag,
// in the same way as [Build].
func (s Set) AtRevision(ctx context.Context, revision string) (Peer, error) {
	p, err := s.Find(Ours)
	if err != nil {
		return p, err
	}
	folder := filepath.Join(filepath.Dir(s.Launcher), "revision")
	if err := checkOut(ctx, revision, folder); err != nil {
		return p, fmt.Errorf("read revision %s: %w", revision, err)
	}
	o := bundle.Options{Root: folder, Names: []string{"mcp"}, GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	if err := bundle.Run(ctx, o); err != nil {
		return p, fmt.Errorf("build revision %s: %w", revision, err)
	}
	p.ID, p.Title, p.Command = "revision", revision, []string{o.Path("mcp")}
	return p, nil
}

// checkOut writes the files of a revision into a new folder, without changing the
// working tree.
func checkOut(ctx context.Context, revision, folder string) error {
	archive := folder + ".tar"
	git := exec.CommandContext(ctx, "git", "archive", "--output="+archive, revision+"^{tree}")
	if output, err := git.CombinedOutput(); err != nil {
		return fmt.Errorf("git archive: %w: %s", err, bytes.TrimSpace(output))
	}
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	return unpack(file, folder)
}

// unpack writes the files of a git archive into a folder.
func unpack(archive io.Reader, folder string) error {
	for files := tar.NewReader(archive); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(file.Name) {
			return fmt.Errorf("%q is outside the folder", file.Name)
		}
		path := filepath.Join(folder, file.Name)
		switch file.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, 0o755)
		case tar.TypeReg:
			if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
				err = writeFile(path, files)
			}
		}
		if err != nil {
			return err
		}
	}
}

func writeFile(path string, content io.Reader) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
