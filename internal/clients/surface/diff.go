package surface

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
)

// Class is the effect of a change on clients.
type Class string

// The classes, the worst first.
const (
	Breaking Class = "breaking" // a call or a client that works today may fail
	Safe     Class = "safe"     // everything that works today still works
	Words    Class = "words"    // only text for people and models
)

// Change is one difference between two surfaces.
type Change struct {
	Class Class  `json:"class"`
	Kind  string `json:"kind"` // tool, resource, template, prompt or server
	Name  string `json:"name"` // or URI; empty for the server
	Path  string `json:"path"` // of the value in the definition, such as input.city; may be empty
	Text  string `json:"text"` // what has changed
}

// Diff returns the changes from one surface to another: breaking ones first, then by kind
// and name.
func Diff(before, after Surface) []Change {
	if before.decoded || after.decoded {
		before, after = before.asDecoded(), after.asDecoded()
	}
	d := &differ{}
	d.server(before.Server, after.Server)
	d.tools(before.Tools, after.Tools)
	d.resources(before.Resources, after.Resources)
	d.templates(before.Templates, after.Templates)
	d.prompts(before.Prompts, after.Prompts)
	order := []Class{Breaking, Safe, Words}
	slices.SortStableFunc(d.changes, func(a, b Change) int {
		return cmp.Compare(slices.Index(order, a.Class), slices.Index(order, b.Class))
	})
	return d.changes
}

// differ compares one declaration after another and collects the changes.
type differ struct {
	changes    []Change
	kind, name string // of the current declaration

	before, after map[string]any  // the schemas that are compared, including definitions
	compared      map[string]bool // the pairs of references in them that were compared
}

func (d *differ) add(class Class, path, text string) {
	d.changes = append(d.changes, Change{class, d.kind, d.name, path, text})
}

// words reports a changed text.
func (d *differ) words(path, before, after string) {
	if before != after {
		d.add(Words, path, "text changed")
	}
}

// shown reports changes of values that clients only show.
func (d *differ) shown(path string, before, after any) {
	if !equal(before, after) {
		d.add(Safe, path, "changed")
	}
}

func (d *differ) server(before, after Server) {
	d.kind, d.name = "server", ""
	d.words("instructions", before.Instructions, after.Instructions)
	d.words("title", before.Title, after.Title)
	d.shown("websiteUrl", before.Website, after.Website)
	d.shown("icon", before.Icon, after.Icon)
}

// pairs calls changed for each declaration of both lists, and removed and added for
// the others.
func pairs[T any](before, after []T, key func(T) string, removed, added func(T), changed func(old, new T)) {
	find := func(list []T, name string) (found T, ok bool) {
		for _, x := range list {
			if key(x) == name {
				return x, true
			}
		}
		return found, false
	}
	for _, old := range before {
		if now, ok := find(after, key(old)); ok {
			changed(old, now)
		} else {
			removed(old)
		}
	}
	for _, now := range after {
		if _, ok := find(before, key(now)); !ok {
			added(now)
		}
	}
}

func (d *differ) tools(before, after []mcp.Tool) {
	var gone, fresh []mcp.Tool
	pairs(before, after, mcp.Tool.GetName,
		func(t mcp.Tool) { gone = append(gone, t) },
		func(t mcp.Tool) { fresh = append(fresh, t) },
		d.tool)
	d.kind = "tool"
	for _, t := range gone {
		d.name = t.Name
		i := slices.IndexFunc(fresh, func(n mcp.Tool) bool { return renamed(t, n) })
		if i < 0 {
			d.add(Breaking, "", "removed")
			continue
		}
		d.add(Breaking, "", "renamed to "+fresh[i].Name)
		fresh = slices.Delete(fresh, i, i+1)
	}
	for _, t := range fresh {
		d.name = t.Name
		d.add(Safe, "", "added")
	}
}

// renamed reports whether two tools differ in their names and titles only.
func renamed(before, after mcp.Tool) bool {
	after.Name, after.Title, after.Annotations.Title = before.Name, before.Title, before.Annotations.Title
	return equal(before, after)
}

func (d *differ) tool(before, after mcp.Tool) {
	d.kind, d.name = "tool", before.Name
	d.words("description", before.Description, after.Description)
	d.words("title", before.Title, after.Title)
	d.hint("readOnlyHint", before.Annotations.ReadOnlyHint, after.Annotations.ReadOnlyHint, true)
	d.hint("destructiveHint", before.Annotations.DestructiveHint, after.Annotations.DestructiveHint, false)
	d.hint("idempotentHint", before.Annotations.IdempotentHint, after.Annotations.IdempotentHint, true)
	d.hint("openWorldHint", before.Annotations.OpenWorldHint, after.Annotations.OpenWorldHint, false)
	d.shown("icons", before.Icons, after.Icons)
	d.shown("_meta", before.Meta, after.Meta)
	if was, is := taskSupport(before), taskSupport(after); was != is {
		d.add(Breaking, "execution.taskSupport", was+" became "+is)
	}
	old, now := schemas(before), schemas(after)
	d.schemas(argument, "input", old.Input, now.Input)
	switch {
	case old.Output == nil && now.Output != nil:
		d.add(Safe, "output", "schema added")
	case old.Output != nil && now.Output == nil:
		d.add(Breaking, "output", "schema removed")
	case old.Output != nil:
		d.schemas(result, "output", old.Output, now.Output)
	}
}

// taskSupport returns whether a tool runs as a task; the specification's default is
// forbidden (2025-11-25, basic/utilities/tasks).
func taskSupport(t mcp.Tool) string {
	if t.Execution == nil || t.Execution.TaskSupport == "" {
		return string(mcp.TaskSupportForbidden)
	}
	return string(t.Execution.TaskSupport)
}

// definitions are the schemas of a tool.
type definitions struct {
	Input  map[string]any `json:"inputSchema"`
	Output map[string]any `json:"outputSchema"`
}

func schemas(t mcp.Tool) (d definitions) {
	text, err := json.Marshal(t)
	if err == nil {
		_ = decodeExact(text, &d) // both were decoded from JSON
	}
	return d
}

// hint reports a changed annotation. Clients run tools with harmless hints without asking
// the user, so a hint that becomes less harmless is a breaking change.
func (d *differ) hint(name string, before, after *bool, harmless bool) {
	is := func(b *bool) bool { return b != nil && *b == harmless }
	switch {
	case is(before) == is(after):
	case is(before):
		d.add(Breaking, "annotations."+name, "no longer promises "+promise(name))
	default:
		d.add(Safe, "annotations."+name, "now promises "+promise(name))
	}
}

func promise(hint string) string {
	return map[string]string{
		"readOnlyHint": "to change nothing", "destructiveHint": "to destroy nothing",
		"idempotentHint": "that a second call changes nothing more", "openWorldHint": "to stay within the server",
	}[hint]
}

// at sets the name of the current declaration, and returns d.
func (d *differ) at(name string) *differ {
	d.name = name
	return d
}
