package tool

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
)

type document struct {
	Names []string `json:"names" doc:"x"`
}

func fixtureResource[Out any](out Out) Resource {
	info := ResourceInfo{URI: "fixture://x", Name: "x", Description: "x", Needs: "fixture"}
	return NewResource(info, func(context.Context) (Out, error) { return out, nil })
}

func TestResourceContents(t *testing.T) {
	tests := []struct {
		name     string
		resource Resource
		mime     string
		want     mcp.ResourceContents
	}{
		{"struct", fixtureResource(document{}), "application/json",
			mcp.TextResourceContents{URI: "fixture://x", MIMEType: "application/json", Text: `{"names":[]}`}},
		{"text", fixtureResource("hi"), "text/plain",
			mcp.TextResourceContents{URI: "fixture://x", MIMEType: "text/plain", Text: "hi"}},
		{"bytes", fixtureResource([]byte("hi")), "application/octet-stream",
			mcp.BlobResourceContents{URI: "fixture://x", MIMEType: "application/octet-stream", Blob: "aGk="}},
		{"another type", NewResource(ResourceInfo{URI: "fixture://x", Name: "x", Description: "x", Needs: "fixture", MIMEType: "text/markdown"},
			func(context.Context) (string, error) { return "# hi", nil }), "text/markdown",
			mcp.TextResourceContents{URI: "fixture://x", MIMEType: "text/markdown", Text: "# hi"}},
		{"as it is", fixtureResource([]mcp.ResourceContents{mcp.TextResourceContents{URI: "y"}}), "",
			mcp.TextResourceContents{URI: "y"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.resource.Err(); err != nil {
				t.Fatal(err)
			}
			if got := tt.resource.Definition().MIMEType; got != tt.mime {
				t.Errorf("MIME type %q, want %q", got, tt.mime)
			}
			request := mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: "fixture://x"}}
			got, err := tt.resource.Read(context.Background(), request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]mcp.ResourceContents{tt.want}, got); diff != "" {
				t.Errorf("contents (-want +got):\n%s", diff)
			}
		})
	}
}

type variables struct {
	Shelf string `json:"shelf" enum:"top,bottom" doc:"x"`
	Book  string `json:"book" doc:"x"`
}

func fixtureTemplate(uri string, complete map[string]Completer) Template {
	info := TemplateInfo{URITemplate: uri, Name: "x", Description: "x", Needs: "fixture", Complete: complete}
	return NewTemplate(info, func(_ context.Context, in variables) (string, error) {
		if in.Book == "gone" {
			return "", NotFoundf("no book %q", in.Book)
		}
		return in.Shelf + "/" + in.Book, nil
	})
}

func TestTemplate(t *testing.T) {
	tests := []struct{ uri, want, err string }{
		{"lib://top/go", "top/go", ""},
		{"lib://top/g%C3%B6%20x", "top/gö x", ""},
		{"lib://top/52.5,13.4", "top/52.5,13.4", ""},
		{"lib://top/go,", "top/go,", ""},
		{"lib://top,bottom/go", "", `shelf must be "top" or "bottom", got "top,bottom"`},
		{"lib://middle/go", "", `shelf must be "top" or "bottom", got "middle"`},
		{"lib://top/gone", "", `no book "gone"`},
	}
	template := fixtureTemplate("lib://{shelf}/{book}", nil)
	if err := template.Err(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		matches := template.Definition().URITemplate.Match(tt.uri)
		found := map[string]any{}
		for name, value := range matches {
			found[name] = value.V // as mcp-go does
		}
		request := mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: tt.uri, Arguments: found}}
		got, err := template.Read(context.Background(), request)
		if tt.err != "" {
			if err == nil || err.Error() != tt.err || !IsNotFound(err) {
				t.Errorf("%s: %v, want %q, not found", tt.uri, err, tt.err)
			}
			continue
		}
		want := []mcp.ResourceContents{mcp.TextResourceContents{URI: tt.uri, MIMEType: "text/plain", Text: tt.want}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.uri, err, diff)
		}
	}
}

// TestExplodedVariable: a field holds one value, so a variable with a list of values is rejected.
func TestExplodedVariable(t *testing.T) {
	for uri, want := range map[string]bool{"lib://{shelf}{/book*}": true, "lib://{shelf,book*}": true, "lib://*{shelf}/*{book}*": false} {
		err := fixtureTemplate(uri, nil).Err()
		if got := err != nil && strings.Contains(err.Error(), `has a variable with *, which stands for a list`); got != want {
			t.Errorf("%s: %v, want it rejected: %t", uri, err, want)
		}
	}
}

// mcp-go passes on any value that it found in the URI. A variable without a string value is
// reported as missing.
func TestTemplateWithoutAValue(t *testing.T) {
	template := fixtureTemplate("lib://{shelf}/{book}", nil)
	for _, value := range []any{nil, 5, []string{}} {
		request := mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{Arguments: map[string]any{"shelf": []string{"top"}, "book": value}}}
		if _, err := template.Read(t.Context(), request); err == nil || err.Error() != "book is missing" {
			t.Errorf("%v: error %v, want \"book is missing\"", value, err)
		}
	}
}

func TestComplete(t *testing.T) {
	var many []string
	for i := range 150 {
		many = append(many, "b"+strings.Repeat("x", i))
	}
	books := func(_ context.Context, _ string, others map[string]string) ([]string, error) {
		if others["shelf"] == "top" {
			return []string{"Go", "Groovy", "C"}, nil
		}
		return many, nil
	}
	template := fixtureTemplate("lib://{shelf}/{book}", map[string]Completer{"book": books})
	if err := template.Err(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, argument, typed string
		others                map[string]string
		want                  *mcp.Completion
	}{
		{"the enum", "shelf", "", nil, &mcp.Completion{Values: []string{"top", "bottom"}, Total: 2}},
		{"by prefix, ignoring case", "book", "g", map[string]string{"shelf": "top"}, &mcp.Completion{Values: []string{"Go", "Groovy"}, Total: 2}},
		{"nothing fits", "shelf", "z", nil, &mcp.Completion{Values: []string{}}},
		{"more than may be sent", "book", "b", nil, &mcp.Completion{Values: many[:100], Total: 150, HasMore: true}},
	}
	for _, tt := range tests {
		argument := mcp.CompleteArgument{Name: tt.argument, Value: tt.typed}
		got, err := template.Complete(context.Background(), argument, tt.others)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
		}
	}
	_, err := template.Complete(context.Background(), mcp.CompleteArgument{Name: "author"}, nil)
	if text, ok := ForModel(err); !ok || text != `there is no argument "author" to complete` {
		t.Errorf("unknown argument: %v", err)
	}
}
