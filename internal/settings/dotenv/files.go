package dotenv

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"serverless-mcp/internal/settings"
)

// maxFile bounds a file that a setting names; package settings allows less.
const maxFile = 64 << 10

// readFiles replaces values that name a file with the file's contents. A relative name
// is relative to the folder of the .env at path or, if path is "", to dir.
func readFiles(dir, path string, values map[string]string) error {
	if path != "" {
		dir = filepath.Dir(path)
	}
	var problems []error
	for _, name := range settings.FileSettings() {
		file, ok := strings.CutPrefix(values[name], "@")
		if !ok {
			continue
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		data, err := readBounded(file)
		text := plainText(data)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("read the file of %s: %w", name, err))
		case text == "":
			problems = append(problems, fmt.Errorf("read the file of %s: %s is empty", name, file))
		case name == settings.EnvIcon:
			values[name] = dataURI(data)
		default:
			values[name] = text
		}
	}
	return errors.Join(problems...)
}

// plainText removes what editors on Windows add to text: a byte order mark, and a
// carriage return at the end of each line.
func plainText(data []byte) string {
	text := strings.TrimPrefix(string(data), "\ufeff")
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes", path, maxFile)
	}
	return data, err
}

// dataURI returns the image as a data URI. Package settings rejects a type that
// clients do not show.
func dataURI(data []byte) string {
	text := string(data)
	kind := "unknown"
	switch {
	case strings.HasPrefix(text, "\x89PNG\r\n"):
		kind = "png"
	case strings.HasPrefix(text, "\xff\xd8\xff"):
		kind = "jpeg"
	case len(text) > 12 && text[:4] == "RIFF" && text[8:12] == "WEBP":
		kind = "webp"
	case strings.Contains(text, "<svg"):
		kind = "svg+xml"
	}
	return "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)
}
