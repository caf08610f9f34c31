package files

import (
	"encoding/json"
	"os"
)

// Overlay writes the file for the go command's option -overlay. replace maps the path of each
// replaced file to the file with the new contents; "" means that the file does not exist.
func Overlay(file string, replace map[string]string) error {
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}
