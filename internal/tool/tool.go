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
// Schemas, decoding and encoding follow the rules of encoding/json; the
// exceptions are a time.Duration, which is text such as 1h30m, and a nil slice or
// map in a result, which is [] or {}. A field is required unless it has omitempty,
// omitzero or a default. Mistakes in a declaration are recorded and reported together
// by [Set.Check], so that a server with a broken tool does not start.
//
// Two mistakes of clients are accepted unless [Info].Strict is set: null for an
// optional field counts as absent, and a string with the JSON text of a number, boolean,
// list or object counts as that value. Each use is reported for the log.
//
// A result that its own schema does not allow is not sent: [Tool.Handle] returns an
// error that names the location of the value.
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

// maxName is the maximum length of a name. The specification allows 128 characters, but
// clients add a prefix to a tool's name, and model APIs accept at most 64.
const maxName = 64

// validName reports whether a name has 1 to maxName letters, digits, "_", "." and "-". It
// uses no regular expression, which every cold start would have to compile.
func validName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && len(name) <= maxName && strings.Trim(name, letters+digits+"_.-") == ""
}

// Tool is a function with its MCP definition. Make one with [New], [NewJob] or [Raw].
type Tool struct {
	definition mcp.Tool
	handle     HandlerFunc
	check      HandlerFunc // decodes the arguments only; nil for [Raw]
	job        *jobInfo    // nil unless it is a job
	problems   []string
}

// HandlerFunc handles a tools/call request.
type HandlerFunc func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)

// New makes a tool from a typed function. In is a struct whose fields are the
// arguments, or a pointer to one. Out is a struct, a pointer to one or a map, which is
// sent as structured content and as JSON text; a string, which is sent as text; a
// [Content] or []Content; a [Result] of a struct, map or string, with additional content;
// or *mcp.CallToolResult, which is sent unchanged. Returning a nil pointer and no error is
// a mistake of the tool and becomes an internal error.
func New[In, Out any](info Info, fn func(ctx context.Context, in In) (Out, error)) Tool {
	b := builder{problems: info.check(), input: true}
	in := b.root(reflect.TypeFor[In](), "input")
	// Clients cache output schemas across deployments. Output objects allow
	// additional properties, so that a new field breaks no client.
	b.input = false
	out := b.result(outputType[Out]())
	if inner := outputType[Out](); inner != reflect.TypeFor[Out]() && unstructured(inner) && inner.Kind() != reflect.String {
		b.problem("output", "a Result is of a struct, a map or a string, not of %s; return []tool.Content or *mcp.CallToolResult by itself", inner)
	}

	// read decodes the arguments. A result that is not nil explains to the model what is
	// wrong with them.
	read := func(ctx context.Context, request mcp.CallToolRequest, arguments *In) (*mcp.CallToolResult, error) {
		problems, used, err := decode(in, rawArguments(request), info.Strict, reflect.ValueOf(arguments).Elem())
		switch {
		case err != nil:
			return nil, err
		case problems != "":
			return mcp.NewToolResultError(problems), nil
		}
		reportLeniency(ctx, used)
		return nil, nil
	}
	t := Tool{definition: info.definition(in, out), problems: b.problems}
	t.check = func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return read(ctx, request, new(In))
	}
	t.handle = func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var arguments In
		if rejected, err := read(ctx, request, &arguments); rejected != nil || err != nil {
			return rejected, err
		}
		result, err := fn(context.WithValue(ctx, requestKey{}, &request), arguments)
		if err != nil {
			return failure(err)
		}
		return success(out, &result)
	}
	if info.TasksOnly {
		t.problems = append(t.problems, "TasksOnly is for jobs: use NewJob")
	}
	return t
}

// Raw makes a tool from a complete definition and handler, for content and
// schemas that [New] cannot produce. It validates nothing.
func Raw(definition mcp.Tool, handle HandlerFunc) Tool {
	return Tool{definition: definition, handle: func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if request.Params.Arguments == nil && len(request.Params.RawArguments) > 0 {
			// The server leaves the decoding of large arguments to the tool.
			if err := json.Unmarshal(request.Params.RawArguments, &request.Params.Arguments); err != nil {
				return nil, InvalidParamsf("the arguments are not valid JSON")
			}
		}
		return handle(ctx, request)
	}}
}

// Definition returns the tool as tools/list shows it.
func (t Tool) Definition() mcp.Tool { return t.definition }

// Err returns all mistakes in the declaration as one error, or nil.
func (t Tool) Err() error { return declarationError(t.definition.Name, t.problems) }

// WithProblem returns the tool with err added to the mistakes in its declaration, for
// example an invalid setting, so that the server does not start instead of failing in
// every call. A nil err adds nothing.
func (t Tool) WithProblem(err error) Tool {
	if err != nil {
		t.problems = append(slices.Clone(t.problems), err.Error())
	}
	return t
}

// Handle runs the tool. Invalid arguments and errors made by [Errorf] become a
// result that the model reads. Any other error is for the log, not the caller.
func (t Tool) Handle(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return t.handle(ctx, request)
}

// rawArguments returns the arguments as JSON text. A request that was built in this
// process, such as by a test, has only decoded arguments.
func rawArguments(request mcp.CallToolRequest) []byte {
	if len(request.Params.RawArguments) > 0 {
		return request.Params.RawArguments
	}
	text, err := json.Marshal(request.Params.Arguments)
	if err != nil {
		return []byte("not JSON")
	}
	return text
}

// declarationError combines the problems of a declaration; nil if there are none.
func declarationError(name string, problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%q: %s", name, strings.Join(problems, "; "))
}
