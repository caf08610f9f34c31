package mcpserver

import (
	"context"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/tool"
)

// scope maps resources, templates and prompts to the tool whose permission they need.
// Every list and every use is checked against it, so that a key sees exactly what it
// may use.
type scope struct {
	tools     map[string]mcp.Tool      // definitions by name
	jobs      []string                 // names of the tools that are jobs
	resources map[string]string        // by URI, the tool it needs
	templates map[string]tool.Template // by URI template
	prompts   map[string]tool.Prompt   // by name
}

func newScope(set tool.Set) scope {
	sc := scope{
		tools:     map[string]mcp.Tool{},
		resources: map[string]string{},
		templates: map[string]tool.Template{},
		prompts:   map[string]tool.Prompt{},
	}
	for _, t := range set.Tools {
		sc.tools[t.Definition().Name] = t.Definition()
		if t.IsJob() {
			sc.jobs = append(sc.jobs, t.Definition().Name)
		}
	}
	for _, r := range set.Resources {
		sc.resources[r.Definition().URI] = r.Needs()
	}
	for _, t := range set.Templates {
		sc.templates[t.URITemplate()] = t
	}
	for _, p := range set.Prompts {
		sc.prompts[p.Definition().Name] = p
	}
	return sc
}

// allowed reports whether the caller may use the tool. A request without a
// principal was not authenticated and may use nothing.
func allowed(ctx context.Context, name string) bool {
	p, ok := tool.PrincipalFrom(ctx)
	return ok && p.Allows(name)
}

// filterTools guards tools/list and tools/call: mcp-go calls it for both, and treats a
// tool that filterTools removes as unknown.
func (sc scope) filterTools(ctx context.Context, tools []mcp.Tool) []mcp.Tool {
	visible := make([]mcp.Tool, 0, len(tools))
	for _, t := range tools {
		if sc.shows(ctx, t.Name) {
			visible = append(visible, t)
		}
	}
	return visible
}

// shows reports whether the caller sees a tool.
func (sc scope) shows(ctx context.Context, name string) bool {
	if name == tool.JobTool && len(sc.jobs) > 0 {
		return sc.needsJobTool(ctx)
	}
	return allowed(ctx, name)
}

// needsJobTool reports whether the caller needs the tool that waits for jobs: the caller
// may use a job, and its client does not poll tasks.
func (sc scope) needsJobTool(ctx context.Context) bool {
	return !declaresTasks(ctx) && slices.ContainsFunc(sc.jobs, func(name string) bool { return allowed(ctx, name) })
}

// filterPrompts guards prompts/list and prompts/get in the same way.
func (sc scope) filterPrompts(ctx context.Context, prompts []mcp.Prompt) []mcp.Prompt {
	return slices.DeleteFunc(slices.Clone(prompts), func(p mcp.Prompt) bool {
		return !allowed(ctx, sc.prompts[p.Name].Needs())
	})
}

// filterResources guards resources/list, for which mcp-go has no filter; reads
// are guarded in [guard.read].
func (sc scope) filterResources(ctx context.Context, _ any, _ *mcp.ListResourcesRequest, result *mcp.ListResourcesResult) {
	result.Resources = slices.DeleteFunc(result.Resources, func(r mcp.Resource) bool {
		return !allowed(ctx, sc.resources[r.URI])
	})
}

// filterTemplates guards resources/templates/list.
func (sc scope) filterTemplates(ctx context.Context, _ any, _ *mcp.ListResourceTemplatesRequest, result *mcp.ListResourceTemplatesResult) {
	result.ResourceTemplates = slices.DeleteFunc(result.ResourceTemplates, func(t mcp.ResourceTemplate) bool {
		return !allowed(ctx, sc.templates[t.URITemplate.Raw()].Needs())
	})
}
