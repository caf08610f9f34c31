package tool

import (
	"context"
	"reflect"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// maxCompletions is the specification's limit for one response
// (server/utilities/completion).
const maxCompletions = 100

// Completer proposes values for an argument of a prompt or a variable of a
// template. typed is the beginning of the value, as the user typed it; others
// holds the arguments that already have a value. A Completer may return all
// values: those that do not begin with typed are removed. The order is kept.
type Completer func(ctx context.Context, typed string, others map[string]string) ([]string, error)

// strings builds the schema of a struct whose fields must all be strings.
func (b *builder) strings(t reflect.Type) *schema {
	s := b.root(t, "input")
	for _, f := range s.fields {
		if f.schema.kind != kindString {
			b.problem("input "+s.typ.FieldByIndex(f.index).Name, "must be a string here")
		}
	}
	return s
}

// completers returns the declared completers and, for each other field, one that proposes
// the values of its enum.
func (b *builder) completers(in *schema, declared map[string]Completer) map[string]Completer {
	all := map[string]Completer{}
	for _, f := range in.fields {
		values := f.schema.enum
		all[f.name] = func(context.Context, string, map[string]string) ([]string, error) { return values, nil }
	}
	for _, name := range sortedKeys(declared) {
		if all[name] == nil {
			b.problem("completion", "%q is not an argument", name)
		}
		all[name] = declared[name]
	}
	return all
}

func complete(ctx context.Context, completers map[string]Completer, argument mcp.CompleteArgument, others map[string]string) (*mcp.Completion, error) {
	completer := completers[argument.Name]
	if completer == nil {
		return nil, Errorf("there is no argument %q to complete", shorten(argument.Name))
	}
	proposals, err := completer(ctx, argument.Value, others)
	if err != nil {
		return nil, err
	}
	result := mcp.Completion{Values: []string{}}
	for _, p := range proposals {
		if !strings.HasPrefix(strings.ToLower(p), strings.ToLower(argument.Value)) {
			continue
		}
		result.Total++
		if len(result.Values) < maxCompletions {
			result.Values = append(result.Values, p)
		}
	}
	result.HasMore = result.Total > len(result.Values)
	return &result, nil
}
