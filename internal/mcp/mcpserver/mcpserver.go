// Package mcpserver builds an MCP server from tools, resources, templates and
// prompts, and limits every request to the scope of its key.
//
// mcp-go implements the protocol. This package adds what mcp-go lacks: scopes that
// also cover resources and prompts, panics and errors that are logged instead of sent,
// one log line per request, immediate errors for server-to-client requests whose
// responses could not arrive, and, in [Respond], error codes that mcp-go does not let
// handlers set.
package mcpserver

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// CacheTTL is how long a client of protocol 2026-07-28 may cache a list, and so how
// long a tool that was removed from a key's scope may stay visible. Calls to it
// are rejected at once.
const CacheTTL = time.Minute

// Options of [New].
type Options struct {
	Name         string           // the server's name, as clients show it; required
	Version      string           // empty means "dev"
	Instructions string           // for the model, about the whole server; may be empty
	Title        string           // display name; empty means that clients show Name
	Website      string           // URL, for people; may be empty
	Icons        []mcp.Icon       // for clients to show; may be empty
	Streaming    bool             // responses can stream, so the logging capability is declared
	Jobs         mcpjob.Service   // runs jobs outside of their calls; nil means that none can
	JobsInCall   bool             // without Jobs, jobs run in their call; false means that they return a tool error
	JobWait      time.Duration    // how long a call waits for a job if the client cannot poll it; zero means 20 seconds
	Limit        Limit            // counts the tool calls that scopes allow; nil means no limits
	Log          *slog.Logger     // nil means no log
	Now          func() time.Time // nil means time.Now
}

// New returns the server. Its error lists every mistake in the set.
func New(o Options, set tool.Set) (*server.MCPServer, error) {
	if o.Name == "" {
		return nil, errors.New("the MCP server has no name")
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
	j := newJobs(o)
	if j.service != nil && set.HasJobs() {
		set.Tools = append(slices.Clone(set.Tools), j.tool())
	} else {
		o.Jobs = nil // nothing to declare
	}
	sc := newScope(set)
	s := server.NewMCPServer(o.Name, o.Version, options(o, sc)...)
	register(s, set, guard{o.Log, o.Limit}, j)
	return s, nil
}

// options returns the configuration of the server without its tools. mcp-go declares
// resources and prompts, without changes and subscriptions, when the first is added.
func options(o Options, sc scope) []server.ServerOption {
	list := []server.ServerOption{
		server.WithInstructions(o.Instructions),
		server.WithTitle(o.Title),
		server.WithWebsiteURL(o.Website),
		server.WithIcons(o.Icons...),
		server.WithToolCapabilities(false), // false: the list never changes while the server runs
		server.WithToolFilter(sc.filterTools),
		server.WithPromptFilter(sc.filterPrompts),
		// Lists depend on the key, so shared caches must not store them. Resources
		// may change at any time, so no cache may.
		server.WithCacheHints(CacheTTL.Milliseconds(), mcp.CacheScopePrivate),
		server.WithMethodCacheHints(mcp.MethodResourcesRead, 0, mcp.CacheScopePrivate),
		server.WithHooks(hooks(o, sc)),
	}
	if len(sc.templates)+len(sc.prompts) > 0 {
		c := completion{sc, guard{log: o.Log}}
		list = append(list, server.WithCompletions(),
			server.WithPromptCompletionProvider(c), server.WithResourceCompletionProvider(c))
	}
	if o.Jobs != nil {
		list = append(list, server.WithExtensions(map[string]any{mcpjob.Extension: struct{}{}}))
	}
	if o.Streaming {
		list = append(list, server.WithLogging())
	}
	return list
}

// register adds every handler, each behind its guard.
func register(s *server.MCPServer, set tool.Set, g guard, j jobs) {
	for _, t := range set.Tools {
		run := t.Handle
		if t.IsJob() {
			run = func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				return j.handle(ctx, t, request)
			}
		}
		limited := g
		if t.Definition().Name == tool.JobTool && set.HasJobs() {
			limited.limit = nil // waiting for a long job would use up the limit
		}
		s.AddTool(t.Definition(), limited.tool(t.Definition().Name, run))
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

// hooks returns what mcp-go calls around every request.
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
