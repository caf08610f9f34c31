package tool

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// TemplateInfo describes a resource template to clients.
type TemplateInfo struct {
	URITemplate string               // such as user://{id}; required
	Name        string               // unique among templates; lists are sorted by it; required
	Title       string               // display name; empty means that clients show Name
	Description string               // what the documents are; required
	MIMEType    string               // empty means application/json for a struct, text/plain for a string
	Needs       string               // name of the tool that the key's scope must include; required
	Complete    map[string]Completer // proposes values, by variable; without an entry the enum's values are proposed

	Icons []Icon         // for clients to show; may be empty
	Meta  map[string]any // sent as _meta; may be nil
}

// Template is a set of documents, one for each combination of its variables'
// values. Make one with [NewTemplate].
type Template struct {
	definition mcp.ResourceTemplate
	uri        string
	needs      string
	read       ReadFunc
	completers map[string]Completer
	problems   []string
}

// NewTemplate makes a resource template from a typed function. In is a struct
// with one string field for each variable of the URI template; Out is as in
// [NewResource]. Return [NotFoundf] for a document that does not exist.
func NewTemplate[In, Out any](info TemplateInfo, fn func(context.Context, In) (Out, error)) Template {
	b := builder{problems: checkInfo(info.Name, info.Description, info.Icons, info.Meta), input: true}
	in := b.strings(reflect.TypeFor[In]())
	uri := b.uriTemplate(info.URITemplate, in)
	b.input = false
	c := b.contents(reflect.TypeFor[Out](), info.MIMEType)
	t := Template{
		definition: mcp.ResourceTemplate{
			URITemplate: uri, Name: info.Name, Title: info.Title, Description: info.Description, MIMEType: c.mime,
			Icons: info.Icons, Meta: metaOf(info.Meta),
		},
		uri:        info.URITemplate,
		needs:      info.Needs,
		completers: b.completers(in, info.Complete),
		problems:   b.problems,
	}
	t.read = func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		var variables In
		problems, err := assignStrings(in, matched(request), reflect.ValueOf(&variables).Elem())
		switch {
		case err != nil:
			return nil, err
		case problems != "":
			return nil, NotFoundf("%s", problems)
		}
		out, err := fn(ctx, variables)
		if err != nil {
			return nil, err
		}
		return c.write(request.Params.URI, reflect.ValueOf(&out).Elem())
	}
	return t
}

// Definition returns the template as resources/templates/list shows it.
func (t Template) Definition() mcp.ResourceTemplate { return t.definition }

// URITemplate returns the URI template as it was declared.
func (t Template) URITemplate() string { return t.uri }

// Needs returns the name of the tool that a key's scope must include for the
// template to be visible.
func (t Template) Needs() string { return t.needs }

// Err returns all mistakes in the declaration as one error, or nil.
func (t Template) Err() error { return declarationError(t.uri, t.problems) }

// Read returns the contents of the document whose URI matched.
func (t Template) Read(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	return t.read(ctx, request)
}

// Complete proposes values for a variable.
func (t Template) Complete(ctx context.Context, argument mcp.CompleteArgument, others map[string]string) (*mcp.Completion, error) {
	return complete(ctx, t.completers, argument, others)
}

// uriTemplate parses the template, whose variables must be the fields of in.
func (b *builder) uriTemplate(text string, in *schema) *mcp.URITemplate {
	var template mcp.URITemplate
	quoted, _ := json.Marshal(text) // a string always marshals
	if json.Unmarshal(quoted, &template) != nil {
		b.problems = append(b.problems, fmt.Sprintf("%q is not a URI template (RFC 6570)", text))
		return nil
	}
	for part := range strings.SplitSeq(text, "{") {
		if expression, _, ok := strings.Cut(part, "}"); ok && strings.Contains(expression, "*") {
			b.problem("input", "%s has a variable with *, which stands for a list, and a field holds one value; use {+name} for a path", text)
		}
	}
	variables := template.Varnames()
	for _, f := range in.fields {
		if !slices.Contains(variables, f.name) {
			b.problem("input", "%q is not a variable of %s", f.name, text)
		}
	}
	for _, name := range variables {
		if !slices.ContainsFunc(in.fields, func(f field) bool { return f.name == name }) {
			b.problem("input", "has no field for the variable %q", name)
		}
	}
	return &template
}

// matched returns the variables that mcp-go found in the URI. It finds a list if a value has
// commas that are not escaped.
func matched(request mcp.ReadResourceRequest) map[string]any {
	variables := map[string]any{}
	for name, value := range request.Params.Arguments {
		if values, ok := value.([]string); ok && len(values) > 0 {
			variables[name] = strings.Join(values, ",")
		}
	}
	return variables
}
