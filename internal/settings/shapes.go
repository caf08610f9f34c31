package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The deployment shapes. All have the same tools and the same keys.
const (
	ShapeHTTPAPI   = "http-api"  // HTTP API and Lambda: buffered responses within 30 s
	ShapeStream    = "stream"    // Function URL and Lambda: streamed responses, up to 15 minutes
	ShapeContainer = "container" // Fargate: streamed responses, a process that keeps running
)

// Shapes lists all deployment shapes, the default first.
func Shapes() []string { return []string{ShapeHTTPAPI, ShapeStream, ShapeContainer} }

// Has reports whether the server is deployed in that shape.
func (s Settings) Has(shape string) bool { return slices.Contains(s.Shapes, shape) }

func shapeSettings() []setting {
	return []setting{
		{
			name: "SHAPES", fallback: ShapeHTTPAPI,
			help: "Deployment shapes, comma-separated: http-api (buffered, 30 s), stream (SSE over a Function URL, up to 15 min),\n" +
				"container (Fargate). Removing one from the list deletes its endpoint's URL for good, even with PROTECT=true.",
			set: func(s *Settings, v string) error { return setShapes(&s.Shapes, v) },
		},
		{
			name: "STREAM_TIMEOUT_SECONDS", fallback: "60",
			help: "Function timeout of the shape stream in seconds, 10 to 900. A call continues, and is billed, after its client disconnects.",
			set:  func(s *Settings, v string) error { return within(&s.StreamTimeoutSeconds, v, 10, 900) },
		},
	}
}

// setShapes sorts the shapes, so that their order makes no difference.
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

// ShapesOf returns the shapes of a deployed stack, given the names of its outputs.
func ShapesOf(outputs map[string]bool) []string {
	var shapes []string
	for _, s := range []struct{ output, shape string }{
		{"ApiId", ShapeHTTPAPI}, {"McpStreamEndpoint", ShapeStream}, {"McpContainerEndpoint", ShapeContainer},
	} {
		if outputs[s.output] {
			shapes = append(shapes, s.shape)
		}
	}
	return shapes
}
