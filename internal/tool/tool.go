// Package tool turns typed Go functions into what MCP offers to models: tools,
// and the resources, templates and prompts that go with them.
//
// A tool is an input type, an output type and a function. [New] makes the
// schemas from the types and their tags, checks every call against them, and
// tells the model in words about each bad argument:
//
//	type input struct {
//		City string `json:"city" doc:"city to look up" min:"1" max:"80"`
//		Days int    `json:"days" doc:"days ahead" min:"1" max:"7" default:"1"`
//	}
//
//	tool.New(tool.Info{Name: "forecast", Description: "…", ReadOnly: true},
//		func(ctx context.Context, in input) (output, error) { … })
//
// A field is required unless it has omitempty or a default. What can be got
// wrong in a declaration is kept in the Tool and told by [Set.Check], so that a
// server with a broken tool does not start, and says everything that is wrong.
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

// toolName is narrower than the specification's 128 characters: clients put a
// prefix before the name, and model APIs stop at maxName.
var toolName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// maxName is checked apart from the expressions: with a count in them, their
// compilation is felt in a cold start.
const maxName = 64

// Info is what a client is told about a tool besides its arguments. The four
// hints are always stated, because a client takes a missing one for the worst:
// destructive, and open to the world.
type Info struct {
	Name        string // 1 to 64 of A-Z a-z 0-9 _ - and .; keys are scoped by it
	Title       string // for people; empty means the name
	Description string // for the model: what it does, and when to use it; required
	ReadOnly    bool   // changes nothing
	Destructive bool   // may overwrite or delete; false where ReadOnly is true
	Idempotent  bool   // calling again with the same arguments changes nothing more
	OpenWorld   bool   // reaches beyond this server, such as another web service
}

// Tool is a function as MCP wants it. Make one with [New] or [Raw].
type Tool struct {
	definition mcp.Tool
	handle     HandlerFunc
	problems   []string
}

// HandlerFunc answers a call as it arrived.
type HandlerFunc func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)

// New makes a tool of a typed function. In is a struct whose fields are the
// arguments. Out is a struct, which is sent as structured content and as JSON
// text; or a string, which is sent as text; or *mcp.CallToolResult, which is
// sent as it is.
func New[In, Out any](info Info, fn func(ctx context.Context, in In) (Out, error)) Tool {
	b := builder{problems: info.check(), closed: true}
	in := b.root(reflect.TypeFor[In](), "input")
	// Clients hold on to the schema of a result while the server moves on:
	// an output stays open, so that a new field in it breaks none of them.
	b.closed = false
	out := b.result(reflect.TypeFor[Out]())

	t := Tool{definition: info.definition(in, out), problems: b.problems}
	t.handle = func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var arguments In
		if problem := decode(in, raw(request), reflect.ValueOf(&arguments).Elem()); problem != "" {
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

// Raw makes a tool of a ready definition and handler: for content and schemas
// that [New] does not make. It validates nothing.
func Raw(definition mcp.Tool, handle HandlerFunc) Tool {
	return Tool{definition: definition, handle: handle}
}

// Definition is the tool as tools/list shows it.
func (t Tool) Definition() mcp.Tool { return t.definition }

// Err tells everything that is wrong with the declaration, or nil.
func (t Tool) Err() error { return declared(t.definition.Name, t.problems) }

// WithProblem adds to what is wrong with the declaration, such as a setting that
// the tool cannot work with: better that the server does not start than that
// every call fails. nil means nothing is.
func (t Tool) WithProblem(err error) Tool {
	if err != nil {
		t.problems = append(t.problems, err.Error())
	}
	return t
}

// Handle runs the tool. Bad arguments and errors made by [Errorf] are a result
// that the model reads; any other error is for the log, not for the caller.
func (t Tool) Handle(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return t.handle(ctx, request)
}

func (i Info) check() []string {
	problems := documented(i.Name, i.Description)
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
	t.RawInputSchema, _ = json.Marshal(in) // made of strings, numbers and lists: it marshals
	if out != nil {
		t.RawOutputSchema, _ = json.Marshal(out)
	}
	return t
}

// raw is the arguments as they were sent. A request that was made in this
// process, as tests do, has only the decoded ones.
func raw(request mcp.CallToolRequest) []byte {
	if len(request.Params.RawArguments) > 0 || request.Params.Arguments == nil {
		return request.Params.RawArguments
	}
	text, err := json.Marshal(request.Params.Arguments)
	if err != nil {
		return []byte("not JSON")
	}
	return text
}

// success is the result of a call that went well.
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

// declared is the error of a declaration with problems.
func declared(name string, problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%q: %s", name, strings.Join(problems, "; "))
}
