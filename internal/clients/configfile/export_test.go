package configfile

import (
	"bytes"

	"serverless-mcp/internal/clients/clientconfig"
)

// Comments returns the texts of a file's comments, in their order.
func Comments(f clientconfig.Format, text []byte) ([]string, error) {
	all, err := syntaxOf(f).comments(bytes.TrimPrefix(text, []byte(bom)))
	return texts(all), err
}

// CommentsOutside returns the comments that are not part of the member at path.
func CommentsOutside(f clientconfig.Format, text []byte, path []string) ([]string, error) {
	s, text := syntaxOf(f), bytes.TrimPrefix(text, []byte(bom))
	all, err := s.comments(text)
	if err != nil {
		return nil, err
	}
	own, err := s.extent(text, path)
	return texts(outside(all, own)), err
}

func texts(comments []comment) []string {
	var all []string
	for _, c := range comments {
		all = append(all, c.text)
	}
	return all
}

// Replace replaces f with text, without Write's first comparison.
func Replace(f File, text []byte) error { return f.replace(text, 0o600) }

// BeforeExchange makes Write call f between the last comparison with the file and the
// exchange.
func BeforeExchange(file *File, f func()) { file.beforeExchange = f }
