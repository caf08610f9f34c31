package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The shapes in which a server can be put up. All have the same tools and the
// same keys.
const (
	ShapeHTTPAPI   = "http-api"  // HTTP API and Lambda: answers within 30 s, in one piece
	ShapeStream    = "stream"    // Function URL and Lambda: answers as they come, up to 15 minutes
	ShapeContainer = "container" // a process that stays up
)

// Shapes are all of them, the default first.
func Shapes() []string { return []string{ShapeHTTPAPI, ShapeStream, ShapeContainer} }

// Has reports whether the server is put up in that shape.
func (s Settings) Has(shape string) bool { return slices.Contains(s.Shapes, shape) }

func shapeKeys() []key {
	return []key{
		{
			name: "SHAPES", fallback: ShapeHTTPAPI,
			help: "How the server is put up, one or several: http-api (answers within 30 s, in one piece), stream (progress as it\n" +
				"comes, up to 15 minutes), container (a process that stays up). Separated by commas.",
			set: func(s *Settings, v string) error { return setShapes(&s.Shapes, v) },
		},
		{
			name: "STREAM_TIMEOUT_SECONDS", fallback: "60",
			help: "How long a call may take in the shape stream, 10 to 900. A client that goes away does not end it.",
			set:  func(s *Settings, v string) error { return within(&s.StreamTimeoutSeconds, v, 10, 900) },
		},
	}
}

// setShapes sorts them, so that their order makes no difference.
func setShapes(field *[]string, value string) error {
	named := map[string]bool{}
	for shape := range strings.SplitSeq(value, ",") {
		shape = strings.TrimSpace(shape)
		if shape != "" && !slices.Contains(Shapes(), shape) {
			return fmt.Errorf("%q is not a shape, need %s", shape, strings.Join(Shapes(), ", "))
		}
		named[shape] = true
	}
	chosen := slices.DeleteFunc(Shapes(), func(shape string) bool { return !named[shape] })
	if len(chosen) == 0 {
		return errors.New("names no shape, need one of " + strings.Join(Shapes(), ", "))
	}
	*field = chosen
	return nil
}
