// Package mcpserver makes an MCP server out of tools, resources, templates and
// prompts, and keeps every request within what its key is allowed.
//
// The protocol itself is mcp-go's. What is added here is what it leaves open:
// scopes for everything and not only for tools, panics and errors that stay in
// the log, one log line a request, questions to the user refused where their
// answer could never arrive, and, in [Correct], the error codes that mcp-go
// does not let a function choose.
package mcpserver

import (
	"errors"
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// CacheTTL is how long a client of protocol 2026-07-28 may hold on to a list
// before it asks again, and so how long a tool that was taken from a key may
// stay visible there. It only stays visible: calls are checked one by one.
const CacheTTL = time.Minute

// Options say who the server is and where it logs.
type Options struct {
	Name         string           // the server's name, as clients show it; required
	Version      string           // empty means "dev"
	Instructions string           // for the model, about the server as a whole; may be empty
	Streaming    bool             // answers can stream, so clients are told that tools may log to them
	Log          *slog.Logger     // nil means no log
	Now          func() time.Time // nil means time.Now
}

// New makes the server. A set with anything wrong in it is refused, with
// everything that is wrong.
func New(o Options, set tool.Set) (*server.MCPServer, error) {
	if o.Name == "" {
		return nil, errors.New("MCP server: it has no name")
	}
	if err := set.Check(); err != nil {
		return nil, err
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	sc := newScope(set)
	s := server.NewMCPServer(o.Name, o.Version, options(o, sc)...)
	register(s, set, guard{o.Log})
	return s, nil
}

// options are everything about the server that is not one of its tools.
func options(o Options, sc scope) []server.ServerOption {
	list := []server.ServerOption{
		server.WithInstructions(o.Instructions),
		server.WithToolCapabilities(false), // false: the lists never change while it runs
		server.WithToolFilter(sc.filterTools),
		server.WithPromptFilter(sc.filterPrompts),
		// Lists depend on the key, so no shared cache may hold them; what is
		// read is as of now, so nobody may.
		server.WithCacheHints(CacheTTL.Milliseconds(), mcp.CacheScopePrivate),
		server.WithMethodCacheHints(mcp.MethodResourcesRead, 0, mcp.CacheScopePrivate),
		server.WithHooks(hooks(o, sc)),
	}
	if len(sc.resources)+len(sc.templates) > 0 {
		list = append(list, server.WithResourceCapabilities(false, false))
	}
	if len(sc.prompts) > 0 {
		list = append(list, server.WithPromptCapabilities(false))
	}
	if len(sc.templates)+len(sc.prompts) > 0 {
		c := completion{sc, guard{o.Log}}
		list = append(list, server.WithCompletions(),
			server.WithPromptCompletionProvider(c), server.WithResourceCompletionProvider(c))
	}
	if o.Streaming {
		list = append(list, server.WithLogging())
	}
	return list
}

// register hands mcp-go every handler, each behind its guard.
func register(s *server.MCPServer, set tool.Set, g guard) {
	for _, t := range set.Tools {
		s.AddTool(t.Definition(), g.tool(t))
	}
	for _, r := range set.Resources {
		s.AddResource(r.Definition(), g.read(r.Needs(), r.Read))
	}
	for _, t := range set.Templates {
		s.AddResourceTemplate(t.Definition(), server.ResourceTemplateHandlerFunc(g.read(t.Needs(), t.Read)))
	}
	for _, p := range set.Prompts {
		s.AddPrompt(p.Definition(), g.prompt(p))
	}
}

// hooks are called by mcp-go around every request.
func hooks(o Options, sc scope) *server.Hooks {
	h := &server.Hooks{}
	h.AddAfterListResources(sc.filterResources)
	h.AddAfterListResourceTemplates(sc.filterTemplates)
	h.AddOnError(noteCorrection)
	l := &requestLog{log: o.Log, now: o.Now, scope: sc}
	h.AddBeforeAny(l.begin)
	h.AddOnSuccess(l.success)
	h.AddOnError(l.failure)
	return h
}
