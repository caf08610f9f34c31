package tool

import "github.com/mark3labs/mcp-go/mcp"

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
	Strict      bool   // reject the client mistakes that the package comment says are accepted
	TasksOnly   bool   // for [NewJob]: reject clients without the Tasks extension instead of letting them wait in calls

	Icons []Icon         // for clients to show; may be empty
	Meta  map[string]any // sent as _meta; may be nil
}

func (i Info) check() []string {
	problems := checkDocumented(i.Name, i.Description)
	if i.ReadOnly && i.Destructive {
		problems = append(problems, "it cannot be both read-only and destructive")
	}
	return append(problems, presentation(i.Icons, i.Meta)...)
}

func (i Info) definition(in, out *schema) mcp.Tool {
	t := mcp.Tool{
		Name:        i.Name,
		Title:       i.Title,
		Description: i.Description,
		Icons:       i.Icons,
		Meta:        metaOf(i.Meta),
		Annotations: mcp.ToolAnnotation{
			Title:           i.Title,
			ReadOnlyHint:    &i.ReadOnly,
			DestructiveHint: &i.Destructive,
			IdempotentHint:  &i.Idempotent,
			OpenWorldHint:   &i.OpenWorld,
		},
	}
	t.RawInputSchema, _ = in.MarshalJSON() // it never fails
	if out != nil {
		t.RawOutputSchema, _ = out.MarshalJSON()
	}
	return t
}
