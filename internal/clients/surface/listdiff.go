package surface

import (
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

func (d *differ) resources(before, after []mcp.Resource) {
	d.setKind("resource")
	pairs(before, after, func(r mcp.Resource) string { return r.URI },
		func(r mcp.Resource) { d.at(r.URI).add(Breaking, "", "removed") },
		func(r mcp.Resource) { d.at(r.URI).add(Safe, "", "added") },
		func(old, now mcp.Resource) {
			d.at(old.URI).document(old.MIMEType, now.MIMEType, [3]string{old.Name, old.Title, old.Description}, [3]string{now.Name, now.Title, now.Description})
			d.shown("icons", old.Icons, now.Icons)
			d.shown("_meta", old.Meta, now.Meta)
		})
}

func (d *differ) templates(before, after []Template) {
	d.setKind("template")
	pairs(before, after, func(t Template) string { return t.URITemplate },
		func(t Template) { d.at(t.URITemplate).add(Breaking, "", "removed") },
		func(t Template) { d.at(t.URITemplate).add(Safe, "", "added") },
		func(old, now Template) {
			d.at(old.URITemplate).document(old.MIMEType, now.MIMEType, [3]string{old.Name, old.Title, old.Description}, [3]string{now.Name, now.Title, now.Description})
			d.shown("icons", old.Icons, now.Icons)
			d.shown("_meta", old.Meta, now.Meta)
		})
}

func (d *differ) setKind(kind string) { d.kind = kind }

// document compares the MIME type, and name, title and description.
func (d *differ) document(oldType, newType string, before, after [3]string) {
	switch {
	case oldType == newType:
	case oldType == "":
		d.add(Safe, "mimeType", "declared as "+newType)
	case newType == "":
		d.add(Breaking, "mimeType", oldType+" is no longer declared")
	default:
		d.add(Breaking, "mimeType", oldType+" became "+newType)
	}
	for i, path := range []string{"name", "title", "description"} {
		d.words(path, before[i], after[i])
	}
}

func (d *differ) prompts(before, after []mcp.Prompt) {
	d.setKind("prompt")
	pairs(before, after, mcp.Prompt.GetName,
		func(p mcp.Prompt) { d.at(p.Name).add(Breaking, "", "removed") },
		func(p mcp.Prompt) { d.at(p.Name).add(Safe, "", "added") },
		func(old, now mcp.Prompt) {
			d.at(old.Name).words("description", old.Description, now.Description)
			d.words("title", old.Title, now.Title)
			d.shown("icons", old.Icons, now.Icons)
			d.shown("_meta", old.Meta, now.Meta)
			d.promptArguments(old.Arguments, now.Arguments)
		})
}

func (d *differ) promptArguments(before, after []mcp.PromptArgument) {
	path := func(a mcp.PromptArgument) string { return strings.Join([]string{"arguments", a.Name}, ".") }
	pairs(before, after, func(a mcp.PromptArgument) string { return a.Name },
		func(a mcp.PromptArgument) { d.add(Breaking, path(a), "removed") },
		func(a mcp.PromptArgument) {
			if a.Required {
				d.add(Breaking, path(a), "new required argument")
			} else {
				d.add(Safe, path(a), "new optional argument")
			}
		},
		func(old, now mcp.PromptArgument) {
			d.words(path(old)+".description", old.Description, now.Description)
			d.words(path(old)+".title", old.Title, now.Title)
			switch {
			case !old.Required && now.Required:
				d.add(Breaking, path(old), "became required")
			case old.Required && !now.Required:
				d.add(Safe, path(old), "became optional")
			}
		})
}
