package project

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// cachedTemplate is a template in a file of the user's cache directory.
type cachedTemplate struct {
	Of       [32]byte // SHA-256 of the app that wrote the template
	Template []byte
}

// read returns the template in a file, or nil unless the same app wrote it.
func (k cachedTemplate) read(file string) []byte {
	data, err := lockedfile.Read(file)
	var found cachedTemplate
	if err != nil || json.Unmarshal(data, &found) != nil || found.Of != k.Of {
		return nil
	}
	return found.Template
}

func (k cachedTemplate) write(file string) error {
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return lockedfile.Write(file, bytes.NewReader(data), 0o600)
}

// shortHash distinguishes the projects on a machine in names of cached files.
func shortHash(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:6])
}

// cacheFile returns the path of a file in the user's cache directory, or in the
// temporary one.
func cacheFile(name string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // the user has no home directory
	}
	cache = filepath.Join(cache, "serverless-mcp")
	return filepath.Join(cache, name), os.MkdirAll(cache, 0o700)
}
