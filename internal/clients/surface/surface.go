// Package surface compares what clients see of a server: its tools with their
// schemas, resources, templates, prompts and instructions. The surface of the
// source is kept in a file under version control, tools.lock, so that a change
// that breaks clients shows in review and fails in CI.
package surface

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// File is the name of the lock file in the project's folder.
const File = "tools.lock"

// Surface is what clients see. The lists are sorted by name, and the definitions are those
// that clients get.
type Surface struct {
	Server    Server         `json:"server"`
	Tools     []mcp.Tool     `json:"tools"`
	Resources []mcp.Resource `json:"resources"`
	Templates []Template     `json:"resourceTemplates"`
	Prompts   []mcp.Prompt   `json:"prompts"`

	decoded bool // as mcp-go's client decodes it, see [Surface.asDecoded]
}

// Server is what clients see of the server as a whole. The version is omitted, because it
// changes with every release.
type Server struct {
	Title        string `json:"title,omitempty"`
	Instructions string `json:"instructions,omitempty"`
	Website      string `json:"websiteUrl,omitempty"`
	Icon         string `json:"icon,omitempty"`
}

// Template is a resource template with its URI template as text.
type Template struct {
	URITemplate string `json:"uriTemplate"`
	mcp.ResourceTemplate
}

// errNoURITemplate means that a server or a lock file has a template without its URI.
var errNoURITemplate = errors.New("a resource template has no uriTemplate")

// MarshalJSON implements json.Marshaler: mcp.ResourceTemplate encodes the URI template
// itself.
func (t Template) MarshalJSON() ([]byte, error) { return json.Marshal(t.ResourceTemplate) }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Template) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &t.ResourceTemplate); err != nil {
		return err
	}
	if t.ResourceTemplate.URITemplate == nil {
		return errNoURITemplate
	}
	t.URITemplate = t.ResourceTemplate.URITemplate.Raw()
	return nil
}

// Of returns the surface of a set. Its error is that of [tool.Set.Check].
func Of(server Server, set tool.Set) (Surface, error) {
	if err := set.Check(); err != nil {
		return Surface{}, err
	}
	s := Surface{Server: server}
	for _, t := range set.Tools {
		s.Tools = append(s.Tools, t.Definition())
	}
	for _, r := range set.Resources {
		s.Resources = append(s.Resources, r.Definition())
	}
	for _, t := range set.Templates {
		s.Templates = append(s.Templates, Template{t.URITemplate(), t.Definition()})
	}
	for _, p := range set.Prompts {
		s.Prompts = append(s.Prompts, p.Definition())
	}
	return s.normalize()
}

// normalize returns the surface as a client decodes it, sorted: then two surfaces that
// look the same to clients are equal.
func (s Surface) normalize() (Surface, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return Surface{}, fmt.Errorf("encode the surface: %w", err)
	}
	return Parse(text)
}

// Parse reads a surface that [Surface.Format] wrote. Schemas are kept unchanged, because
// mcp.Tool drops unknown keywords at their root, and rounds numbers.
func Parse(text []byte) (Surface, error) {
	var s Surface
	var raw struct {
		Tools []struct {
			Input  json.RawMessage `json:"inputSchema"`
			Output json.RawMessage `json:"outputSchema"`
		} `json:"tools"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return Surface{}, fmt.Errorf("decode the surface: %w", err)
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return Surface{}, fmt.Errorf("decode the schemas: %w", err)
	}
	for i, t := range raw.Tools {
		s.Tools[i].InputSchema, s.Tools[i].RawInputSchema = mcp.ToolInputSchema{}, t.Input
		s.Tools[i].OutputSchema, s.Tools[i].RawOutputSchema = mcp.ToolOutputSchema{}, t.Output
	}
	slices.SortFunc(s.Tools, func(a, b mcp.Tool) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Resources, func(a, b mcp.Resource) int { return cmp.Compare(a.URI, b.URI) })
	slices.SortFunc(s.Templates, func(a, b Template) int { return cmp.Compare(a.URITemplate, b.URITemplate) })
	slices.SortFunc(s.Prompts, func(a, b mcp.Prompt) int { return cmp.Compare(a.Name, b.Name) })
	return s, nil
}

// asDecoded returns the surface as mcp-go's client decodes it, for comparison with one that
// was read by that client.
func (s Surface) asDecoded() Surface {
	text, err := json.Marshal(s)
	var decoded Surface
	if err != nil || json.Unmarshal(text, &decoded) != nil { // it was parsed, so it can be written
		return s
	}
	return decoded
}

// Format returns the surface as indented JSON with a final newline.
func (s Surface) Format() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("encode the surface: %w", err)
	}
	return b.Bytes(), nil
}

// ErrNoLock means that the project has no lock file.
var ErrNoLock = errors.New(File + " does not exist; go tool mcpctl surface --update writes it")

// Read reads a lock file. The error is [ErrNoLock] if there is none.
func Read(path string) (Surface, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Surface{}, ErrNoLock
	}
	if err != nil {
		return Surface{}, fmt.Errorf("read the lock file: %w", err)
	}
	s, err := Parse(text)
	if err != nil {
		return Surface{}, fmt.Errorf("read %s: %w", path, err)
	}
	return s, nil
}
