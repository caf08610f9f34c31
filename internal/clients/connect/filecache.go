package connect

import (
	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// A fileCache caches the data of files, because the settings of a client are read for each
// of its entries.
type fileCache map[string]any

// value returns a value of a file; nil if there is none or the file is not valid.
func (c fileCache) value(f clientconfig.Format, path string, at []string) any {
	key := string(f) + "\x00" + path
	data, known := c[key]
	if !known {
		data = load(f, path)
		c[key] = data
	}
	for _, name := range at {
		data = object(data)[name]
	}
	return data
}

// load returns the data of a file, nil if it cannot be read.
func load(f clientconfig.Format, path string) any {
	if path == "" {
		return nil
	}
	file, err := configfile.Open(path)
	if err != nil || !file.Exists {
		return nil
	}
	data, _, err := configfile.Get(f, file.Text, nil)
	if err != nil {
		return nil
	}
	return data
}
