package tool

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
)

// TemplateInfo is what a client is told about a resource template.
type TemplateInfo struct {
	URITemplate string               // such as user://{id}; required
	Name        string               // unique among templates, which are listed in its order; required
	Title       string               // for people; empty means the name
	Description string               // what the documents are; required
	MIMEType    string               // empty means application/json for a struct, text/plain for a string
	Needs       string               // the tool that a key must be allowed to use; required
	Complete    map[string]Completer // proposes values, by variable; a variable without one has its enum
}

// Template is a family of documents, one for each value of its variables. Make
// one with [NewTemplate].
type Template struct {
	definition mcp.ResourceTemplate
	uri        string
	needs      string
	read       ReadFunc
	completers map[string]Completer
	problems   []string
}

// NewTemplate makes a resource template of a typed function. In is a struct
// with one string field for each variable of the URI template; Out is as in
// [NewResource]. For a document that does not exist return [NotFoundf].
func NewTemplate[In, Out any](info TemplateInfo, fn func(context.Context, In) (Out, error)) Template {
	b := builder{problems: documented(info.Name, info.Description), closed: true}
	in := b.strings(reflect.TypeFor[In]())
	uri := b.uriTemplate(info.URITemplate, in)
	b.closed = false
	c := b.contents(reflect.TypeFor[Out](), info.MIMEType)
	t := Template{
		definition: mcp.ResourceTemplate{
			URITemplate: uri, Name: info.Name, Title: info.Title, Description: info.Description, MIMEType: c.mime,
		},
		uri:        info.URITemplate,
		needs:      info.Needs,
		completers: b.completers(in, info.Complete),
		problems:   b.problems,
	}
	t.read = func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		var variables In
		if problem := assignChecked(in, matched(request), reflect.ValueOf(&variables).Elem()); problem != "" {
			return nil, NotFoundf("%s", problem)
		}
		out, err := fn(ctx, variables)
		if err != nil {
			return nil, err
		}
		return c.write(request.Params.URI, reflect.ValueOf(&out).Elem())
	}
	return t
}

// Definition is the template as resources/templates/list shows it.
func (t Template) Definition() mcp.ResourceTemplate { return t.definition }

// URITemplate is the template as it was declared.
func (t Template) URITemplate() string { return t.uri }

// Needs is the tool that a key must be allowed to use to see the template.
func (t Template) Needs() string { return t.needs }

// Err tells everything that is wrong with the declaration, or nil.
func (t Template) Err() error { return declared(t.uri, t.problems) }

// Read makes the contents of the document whose address matched.
func (t Template) Read(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	return t.read(ctx, request)
}

// Complete proposes values for a variable.
func (t Template) Complete(ctx context.Context, argument mcp.CompleteArgument, others map[string]string) (*mcp.Completion, error) {
	return complete(ctx, t.completers, argument, others)
}

// uriTemplate reads the template, whose variables must be In's fields.
func (b *builder) uriTemplate(text string, in *schema) *mcp.URITemplate {
	var template mcp.URITemplate
	quoted, _ := json.Marshal(text) // a string always marshals
	if err := json.Unmarshal(quoted, &template); err != nil || template.Template == nil {
		b.problems = append(b.problems, fmt.Sprintf("%q is no URI template (RFC 6570)", text))
		return nil
	}
	variables := template.Varnames()
	for _, f := range in.fields {
		if !slices.Contains(variables, f.name) {
			b.problem("input", "%q is no variable of %s", f.name, text)
		}
	}
	for _, name := range variables {
		if !slices.ContainsFunc(in.fields, func(f field) bool { return f.name == name }) {
			b.problem("input", "has no field for the variable %q", name)
		}
	}
	return &template
}

// matched is the variables that mcp-go found in the address.
func matched(request mcp.ReadResourceRequest) map[string]any {
	variables := map[string]any{}
	for name, value := range request.Params.Arguments {
		if values, ok := value.([]string); ok && len(values) > 0 {
			variables[name] = values[0]
		}
	}
	return variables
}
