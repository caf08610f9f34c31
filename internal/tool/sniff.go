package tool

import (
	"bytes"
	"strings"
)

func isText(mimeType string) bool {
	base, _, _ := strings.Cut(mimeType, ";")
	switch base {
	case "", "application/json", "application/xml", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(base, "text/") || strings.HasSuffix(base, "+json") || strings.HasSuffix(base, "+xml")
}

// magic is the prefix of the files of a type. A dot stands for any byte.
type magic struct{ prefix, mimeType string }

var (
	imageTypes = []magic{
		{"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff", "image/jpeg"},
		{"GIF87a", "image/gif"}, {"GIF89a", "image/gif"}, {"RIFF....WEBP", "image/webp"},
	}
	audioTypes = []magic{
		{"RIFF....WAVE", "audio/wav"}, {"ID3", "audio/mpeg"}, {"\xff\xfb", "audio/mpeg"}, {"\xff\xf3", "audio/mpeg"},
		{"\xff\xf2", "audio/mpeg"}, {"OggS", "audio/ogg"}, {"fLaC", "audio/flac"},
	}
)

// sniff returns the type whose prefix the data has, or "".
func sniff(data []byte, types []magic) string {
	for _, t := range types {
		if len(data) < len(t.prefix) {
			continue
		}
		head := bytes.Clone(data[:len(t.prefix)])
		for i := range t.prefix {
			if t.prefix[i] == '.' {
				head[i] = '.'
			}
		}
		if string(head) == t.prefix {
			return t.mimeType
		}
	}
	return ""
}
