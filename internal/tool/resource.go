package tool

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// ResourceInfo describes a resource to clients.
type ResourceInfo struct {
	URI         string // such as server://status; required
	Name        string // unique among resources; lists are sorted by it; required
	Title       string // display name; empty means that clients show Name
	Description string // what it is; required
	MIMEType    string // empty means application/json for a struct, text/plain for a string
	Needs       string // name of the tool that the key's scope must include; required

	Icons []Icon         // for clients to show; may be empty
	Meta  map[string]any // sent as _meta; may be nil
}

// Resource is one document with a fixed URI. Make one with [NewResource].
type Resource struct {
	definition mcp.Resource
	needs      string
	read       ReadFunc
	problems   []string
}

// ReadFunc handles a resources/read request.
type ReadFunc func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error)

// NewResource makes a resource from a typed function. Out is a struct, which is sent as
// JSON; a string; []byte, which is sent as base64; or []mcp.ResourceContents, which is
// sent unchanged.
func NewResource[Out any](info ResourceInfo, fn func(context.Context) (Out, error)) Resource {
	b := builder{problems: checkInfo(info.Name, info.Description, info.Icons, info.Meta)}
	if u, err := url.Parse(info.URI); err != nil || u.Scheme == "" {
		b.problems = append(b.problems, fmt.Sprintf("%q is not a URI with a scheme", info.URI))
	}
	c := b.contents(reflect.TypeFor[Out](), info.MIMEType)
	r := Resource{
		definition: mcp.Resource{
			URI: info.URI, Name: info.Name, Title: info.Title, Description: info.Description, MIMEType: c.mime,
			Icons: info.Icons, Meta: metaOf(info.Meta),
		},
		needs:    info.Needs,
		problems: b.problems,
	}
	r.read = func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		out, err := fn(ctx)
		if err != nil {
			return nil, err
		}
		return c.write(request.Params.URI, reflect.ValueOf(&out).Elem())
	}
	return r
}

// Definition returns the resource as resources/list shows it.
func (r Resource) Definition() mcp.Resource { return r.definition }

// Needs returns the name of the tool that a key's scope must include for the
// resource to be visible.
func (r Resource) Needs() string { return r.needs }

// Err returns all mistakes in the declaration as one error, or nil.
func (r Resource) Err() error { return declarationError(r.definition.URI, r.problems) }

// Read returns the contents of the resource.
func (r Resource) Read(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	return r.read(ctx, request)
}

// contents encodes the value that a resource's function returns.
type contents struct {
	mime   string
	schema *schema // nil unless the function returns a struct
}

func (b *builder) contents(out reflect.Type, mime string) contents {
	fallback := "application/json"
	var s *schema
	switch out {
	case reflect.TypeFor[string]():
		fallback = "text/plain"
	case reflect.TypeFor[[]byte]():
		fallback = "application/octet-stream"
	case reflect.TypeFor[[]mcp.ResourceContents]():
		fallback = ""
	default:
		s = b.root(out, "output")
	}
	if mime == "" {
		mime = fallback
	}
	return contents{mime: mime, schema: s}
}

func (c contents) write(uri string, out reflect.Value) ([]mcp.ResourceContents, error) {
	switch out := out.Interface().(type) {
	case []mcp.ResourceContents:
		return out, nil
	case []byte:
		blob := base64.StdEncoding.EncodeToString(out)
		return []mcp.ResourceContents{mcp.BlobResourceContents{URI: uri, MIMEType: c.mime, Blob: blob}}, nil
	case string:
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: c.mime, Text: out}}, nil
	}
	text, err := encode(c.schema, out)
	if err != nil {
		return nil, fmt.Errorf("encode the resource: %w", err)
	}
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: c.mime, Text: string(text)}}, nil
}

// checkInfo returns the problems with the fields that all declarations have.
func checkInfo(name, description string, icons []Icon, meta map[string]any) []string {
	return append(checkDocumented(name, description), presentation(icons, meta)...)
}

// checkDocumented returns the problems with a declaration's name and description.
func checkDocumented(name, description string) []string {
	var problems []string
	if !validName(name) {
		problems = append(problems, "the name must be 1 to 64 letters, digits, _, - or .")
	}
	if strings.TrimSpace(description) == "" {
		problems = append(problems, "it has no description")
	}
	return problems
}
