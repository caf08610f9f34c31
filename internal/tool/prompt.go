package tool

import (
	"context"
	"reflect"

	"github.com/mark3labs/mcp-go/mcp"
)

// PromptInfo is what a client is told about a prompt.
type PromptInfo struct {
	Name        string               // unique among prompts, which are listed in its order; required
	Title       string               // for people; empty means the name
	Description string               // what one gets by picking it; required
	Needs       string               // the tool that a key must be allowed to use; required
	Complete    map[string]Completer // proposes values, by argument; an argument without one has its enum
}

// Prompt is a message that a person picks from a menu, with blanks to fill in.
// Make one with [NewPrompt].
type Prompt struct {
	definition mcp.Prompt
	needs      string
	get        func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error)
	completers map[string]Completer
	problems   []string
}

// NewPrompt makes a prompt of a typed function. In is a struct of string
// fields, the arguments. Out is a string, which becomes the user's message; or
// []mcp.PromptMessage; or *mcp.GetPromptResult, which is sent as it is.
func NewPrompt[In, Out any](info PromptInfo, fn func(context.Context, In) (Out, error)) Prompt {
	b := builder{problems: documented(info.Name, info.Description), closed: true}
	in := b.strings(reflect.TypeFor[In]())
	switch reflect.TypeFor[Out]() {
	case reflect.TypeFor[string](), reflect.TypeFor[[]mcp.PromptMessage](), reflect.TypeFor[*mcp.GetPromptResult]():
	default:
		b.problem("output", "must be string, []mcp.PromptMessage or *mcp.GetPromptResult, is %s", reflect.TypeFor[Out]())
	}
	p := Prompt{
		definition: mcp.Prompt{Name: info.Name, Title: info.Title, Description: info.Description, Arguments: arguments(in)},
		needs:      info.Needs,
		completers: b.completers(in, info.Complete),
		problems:   b.problems,
	}
	p.get = func(ctx context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		given := map[string]any{}
		for name, value := range request.Params.Arguments {
			given[name] = value
		}
		var blanks In
		if problem := assignChecked(in, given, reflect.ValueOf(&blanks).Elem()); problem != "" {
			return nil, Errorf("%s", problem)
		}
		out, err := fn(ctx, blanks)
		if err != nil {
			return nil, err
		}
		return promptResult(info.Description, out), nil
	}
	return p
}

// RawPrompt makes a prompt of a ready definition and function: for one that
// must see more of the request than its arguments, such as the answers to its
// own questions. It completes and validates nothing.
func RawPrompt(definition mcp.Prompt, needs string, get func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error)) Prompt {
	return Prompt{definition: definition, needs: needs, get: get}
}

// Definition is the prompt as prompts/list shows it.
func (p Prompt) Definition() mcp.Prompt { return p.definition }

// Needs is the tool that a key must be allowed to use to see the prompt.
func (p Prompt) Needs() string { return p.needs }

// Err tells everything that is wrong with the declaration, or nil.
func (p Prompt) Err() error { return declared(p.definition.Name, p.problems) }

// Get fills in the blanks. Bad arguments are an error that is [ForModel].
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
		list = append(list, mcp.PromptArgument{Name: f.name, Description: f.schema.doc, Required: f.required})
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
