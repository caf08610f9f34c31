package tool

import (
	"context"
	"reflect"

	"github.com/mark3labs/mcp-go/mcp"
)

// PromptInfo describes a prompt to clients, except for its arguments.
type PromptInfo struct {
	Name        string               // unique among prompts; lists are sorted by it; required
	Title       string               // display name; empty means that clients show Name
	Description string               // what the prompt is for; required
	Needs       string               // name of the tool that the key's scope must include; required
	Complete    map[string]Completer // proposes values, by argument; without an entry the enum's values are proposed

	Icons []Icon         // for clients to show; may be empty
	Meta  map[string]any // sent as _meta; may be nil
}

// Prompt is a message that a person picks from a menu, with arguments to fill in.
// Make one with [NewPrompt] or [RawPrompt].
type Prompt struct {
	definition mcp.Prompt
	needs      string
	get        func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error)
	completers map[string]Completer
	problems   []string
}

// NewPrompt makes a prompt from a typed function. In is a struct whose fields, all
// strings, are the arguments. Out is a string, which becomes the user's message;
// []mcp.PromptMessage; or *mcp.GetPromptResult, which is sent unchanged.
func NewPrompt[In, Out any](info PromptInfo, fn func(context.Context, In) (Out, error)) Prompt {
	b := builder{problems: checkInfo(info.Name, info.Description, info.Icons, info.Meta), input: true}
	in := b.strings(reflect.TypeFor[In]())
	switch reflect.TypeFor[Out]() {
	case reflect.TypeFor[string](), reflect.TypeFor[[]mcp.PromptMessage](), reflect.TypeFor[*mcp.GetPromptResult]():
	default:
		b.problem("output", "must be string, []mcp.PromptMessage or *mcp.GetPromptResult, is %s", reflect.TypeFor[Out]())
	}
	p := Prompt{
		definition: mcp.Prompt{Name: info.Name, Title: info.Title, Description: info.Description, Arguments: arguments(in),
			Icons: info.Icons, Meta: metaOf(info.Meta)},
		needs:      info.Needs,
		completers: b.completers(in, info.Complete),
		problems:   b.problems,
	}
	p.get = func(ctx context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		var values In
		problems, err := assignStrings(in, request.Params.Arguments, reflect.ValueOf(&values).Elem())
		switch {
		case err != nil:
			return nil, err
		case problems != "":
			return nil, Errorf("%s", problems)
		}
		out, err := fn(ctx, values)
		if err != nil {
			return nil, err
		}
		return promptResult(info.Description, out), nil
	}
	return p
}

// RawPrompt makes a prompt from a complete definition and function, for a prompt
// that needs more of the request than its arguments, such as the client's
// responses to its own requests. It proposes no values and validates nothing.
func RawPrompt(definition mcp.Prompt, needs string, get func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error)) Prompt {
	return Prompt{definition: definition, needs: needs, get: get}
}

// Definition returns the prompt as prompts/list shows it.
func (p Prompt) Definition() mcp.Prompt { return p.definition }

// Needs returns the name of the tool that a key's scope must include for the
// prompt to be visible.
func (p Prompt) Needs() string { return p.needs }

// Err returns all mistakes in the declaration as one error, or nil.
func (p Prompt) Err() error { return declarationError(p.definition.Name, p.problems) }

// Get returns the prompt's messages. If arguments are invalid, it returns an error for the
// model (see [ForModel]).
func (p Prompt) Get(ctx context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	return p.get(ctx, request)
}

// Complete proposes values for an argument.
func (p Prompt) Complete(ctx context.Context, argument mcp.CompleteArgument, others map[string]string) (*mcp.Completion, error) {
	return complete(ctx, p.completers, argument, others)
}

func arguments(in *schema) []mcp.PromptArgument {
	var list []mcp.PromptArgument
	for _, f := range in.fields {
		list = append(list, mcp.PromptArgument{Name: f.name, Title: f.schema.title, Description: f.schema.doc, Required: f.required})
	}
	return list
}

func promptResult(description string, out any) *mcp.GetPromptResult {
	switch out := out.(type) {
	case *mcp.GetPromptResult:
		return out
	case []mcp.PromptMessage:
		return mcp.NewGetPromptResult(description, out)
	default:
		text, _ := out.(string) // NewPrompt takes no other type
		message := mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(text))
		return mcp.NewGetPromptResult(description, []mcp.PromptMessage{message})
	}
}
