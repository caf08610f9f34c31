// Package tool turns typed Go functions into what MCP offers to models: tools,
// and the resources, templates and prompts that go with them.
//
// A tool is an input type, an output type and a function. [New] derives the
// schemas from the types and their tags, checks the arguments of every call
// against them, and describes each invalid argument to the model in plain words:
//
//	type input struct {
//		City string `json:"city" doc:"city to look up" min:"1" max:"80"`
//		Days int    `json:"days" doc:"days ahead" min:"1" max:"7" default:"1"`
//	}
//
//	tool.New(tool.Info{Name: "forecast", Description: "…", ReadOnly: true},
//		func(ctx context.Context, in input) (output, error) { … })
//
// A field is required unless it has omitempty or a default. Mistakes in a
// declaration are recorded and reported together by [Set.Check], so that a
// server with a broken tool does not start.
package tool

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// toolName is narrower than the specification, which allows 128 characters:
// clients prefix the name, and model APIs accept at most maxName characters.
var toolName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// maxName is checked separately, not by the regular expressions: a repetition
// count makes them slow to compile, which every cold start would pay for.
const maxName = 64

// Info describes a tool to clients, except for its arguments. All four hints are
// always sent, because clients assume destructive and open-world when one is
// absent.
type Info struct {
	Name        string // 1 to 64 of A-Z a-z 0-9 _ - and .; keys are scoped by it
	Title       string // display name; empty means that clients show Name
	Description string // for the model: what the tool does and when to use it; required
	ReadOnly    bool   // the tool changes nothing
	Destructive bool   // the tool may overwrite or delete; must be false if ReadOnly is true
	Idempotent  bool   // a second call with the same arguments has no further effect
	OpenWorld   bool   // the tool reaches other systems, such as a web service
}

// Tool is a function with its MCP definition. Make one with [New] or [Raw].
type Tool struct {
	definition mcp.Tool
	handle     HandlerFunc
	problems   []string
}

// HandlerFunc handles a tools/call request.
type HandlerFunc func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)

// New makes a tool from a typed function. In is a struct whose fields are the
// arguments. Out is a struct, which is sent as structured content and as JSON
// text; or a string, which is sent as text; or *mcp.CallToolResult, which is
// sent as it is.
func New[In, Out any](info Info, fn func(ctx context.Context, in In) (Out, error)) Tool {
	b := builder{problems: info.check(), closed: true}
	in := b.root(reflect.TypeFor[In](), "input")
	// Clients cache output schemas across deployments. Output objects allow
	// additional properties, so that a new field breaks no client.
	b.closed = false
	out := b.result(reflect.TypeFor[Out]())

	t := Tool{definition: info.definition(in, out), problems: b.problems}
	t.handle = func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var arguments In
		if problem := decode(in, rawArguments(request), reflect.ValueOf(&arguments).Elem()); problem != "" {
			return mcp.NewToolResultError(problem), nil
		}
		result, err := fn(ctx, arguments)
		if err != nil {
			return failure(err)
		}
		return success(out, reflect.ValueOf(&result).Elem())
	}
	return t
}

// Raw makes a tool from a complete definition and handler, for content and
// schemas that [New] cannot produce. It validates nothing.
func Raw(definition mcp.Tool, handle HandlerFunc) Tool {
	return Tool{definition: definition, handle: handle}
}

// Definition returns the tool as tools/list shows it.
func (t Tool) Definition() mcp.Tool { return t.definition }

// Err returns all mistakes in the declaration as one error, or nil.
func (t Tool) Err() error { return declarationError(t.definition.Name, t.problems) }

// WithProblem returns the tool with err added to the mistakes in its
// declaration, for example an invalid setting: a server that does not start is
// better than one whose every call fails. A nil err adds nothing.
func (t Tool) WithProblem(err error) Tool {
	if err != nil {
		t.problems = append(t.problems, err.Error())
	}
	return t
}

// Handle runs the tool. Invalid arguments and errors made by [Errorf] become a
// result that the model reads. Any other error is for the log, not the caller.
func (t Tool) Handle(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return t.handle(ctx, request)
}

func (i Info) check() []string {
	problems := checkDocumented(i.Name, i.Description)
	if i.ReadOnly && i.Destructive {
		problems = append(problems, "it cannot be both read-only and destructive")
	}
	return problems
}

func (i Info) definition(in, out *schema) mcp.Tool {
	t := mcp.Tool{
		Name:        i.Name,
		Title:       i.Title,
		Description: i.Description,
		Annotations: mcp.ToolAnnotation{
			Title:           i.Title,
			ReadOnlyHint:    &i.ReadOnly,
			DestructiveHint: &i.Destructive,
			IdempotentHint:  &i.Idempotent,
			OpenWorldHint:   &i.OpenWorld,
		},
	}
	t.RawInputSchema, _ = json.Marshal(in) // strings, numbers and lists always marshal
	if out != nil {
		t.RawOutputSchema, _ = json.Marshal(out)
	}
	return t
}

// rawArguments returns the arguments as JSON text. A request that was built in
// this process, as tests do, has only decoded arguments.
func rawArguments(request mcp.CallToolRequest) []byte {
	if len(request.Params.RawArguments) > 0 || request.Params.Arguments == nil {
		return request.Params.RawArguments
	}
	text, err := json.Marshal(request.Params.Arguments)
	if err != nil {
		return []byte("not JSON")
	}
	return text
}

// success makes the result of a call that returned no error.
func success(s *schema, out reflect.Value) (*mcp.CallToolResult, error) {
	switch out := out.Interface().(type) {
	case *mcp.CallToolResult:
		return out, nil
	case string:
		return mcp.NewToolResultText(out), nil
	}
	text, err := encode(s, out)
	if err != nil {
		return nil, fmt.Errorf("encode the result: %w", err)
	}
	return mcp.NewToolResultStructured(json.RawMessage(text), string(text)), nil
}

// declarationError combines the problems of a declaration; nil if there are none.
func declarationError(name string, problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%q: %s", name, strings.Join(problems, "; "))
}
