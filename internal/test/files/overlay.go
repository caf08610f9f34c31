package files

import (
	"encoding/json"
	"os"
)

// Overlay writes the file of the go command's option -overlay. replace has the path of
// each file that is to have the contents of another one, and the path of that; "" means
// that there is no such file.
func Overlay(file string, replace map[string]string) error {
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}
