package peer

import (
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// weighNode records the sizes of the zips of the TypeScript peers: the bundle, or the scripts
// with their dependencies, excluding development dependencies.
func weighNode(scripts, bundles string, peers []Peer) error {
	own := []string{"runtime.mjs", "adapters.mjs", "tools.mjs"}
	for i, p := range peers {
		var err error
		switch p.ID {
		case SDK:
			peers[i].Package, err = compressedSize(scripts, append(own, "sdk.mjs"), "@modelcontextprotocol/sdk", "zod")
		case Server:
			peers[i].Package, err = compressedSize(scripts, append(own, "server.mjs"), "@modelcontextprotocol/server", "zod")
		case SDKBundle:
			peers[i].Package, err = compressedSize(bundles, []string{"sdk.cjs"})
		case ServerBundle:
			peers[i].Package, err = compressedSize(bundles, []string{"server.cjs"})
		}
		if err != nil {
			return fmt.Errorf("weigh %s: %w", p.ID, err)
		}
	}
	return nil
}

// compressedSize returns the compressed size of files and of packages with all their
// dependencies, excluding the headers of a zip.
func compressedSize(folder string, files []string, packages ...string) (int64, error) {
	var total counter
	for _, name := range files {
		if err := total.add(filepath.Join(folder, name)); err != nil {
			return 0, err
		}
	}
	seen := map[string]bool{}
	for len(packages) > 0 {
		name := packages[0]
		packages = packages[1:]
		root := filepath.Join(folder, "node_modules", name)
		if seen[name] {
			continue
		}
		seen[name] = true
		needs, err := dependencies(root)
		if err != nil {
			return 0, err
		}
		packages = append(packages, needs...)
		err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			return total.add(path)
		})
		if err != nil {
			return 0, err
		}
	}
	return int64(total), nil
}

// dependencies returns the packages that a package needs to run.
func dependencies(root string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err != nil {
		return nil, err
	}
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("read the manifest of %s: %w", filepath.Base(root), err)
	}
	var names []string
	for name := range manifest.Dependencies {
		names = append(names, name)
	}
	return names, nil
}

// counter counts bytes.
type counter int64

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// add counts the compressed size of a file.
func (c *counter) add(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	compress, err := flate.NewWriter(c, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.Copy(compress, file); err != nil {
		return err
	}
	return compress.Close()
}
