package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// A Problem is something in a client's file that prevents an entry from working, or that
// endangers a key. It contains no key.
type Problem struct {
	Client clientconfig.Client
	File   string // empty: the path is unknown
	Entry  string // empty: the file as a whole
	What   string
	Do     string
}

// Examine checks all clients' files on this machine, the user's and the project's, and all
// servers in them, for invalid files, obstacles (see [Obstacles]), literal keys, unset
// variables and old transports. It also returns the number of files and entries.
func (m Machine) Examine(ctx context.Context, f clientconfig.Folders, r Repositories, now time.Time) (problems []Problem, files, entries int) {
	seen := map[string]bool{}
	read := fileCache{}
	m.Run = onlyOnce(m.Run)
	for _, c := range clientconfig.All() {
		if p, ok := misplaced(c, f, seen); ok {
			problems = append(problems, p)
		}
		for _, path := range []string{c.UserFile(f), c.ProjectFile(f)} {
			key := path + "\x00" + strings.Join(c.Path, "\x00")
			if path == "" || seen[key] {
				continue
			}
			seen[key] = true
			file, err := configfile.Open(path)
			if err == nil && !file.Exists {
				continue
			}
			e := examination{m: m, c: c, f: f, r: r, file: file, now: now, read: read}
			n := e.run(ctx, path, err)
			problems = append(problems, e.problems...)
			entries += n
			if !seen[path] {
				seen[path] = true
				files++
			}
		}
	}
	return problems, files, entries
}

// misplaced returns the problem that a variable moves the client's file to a path that
// cannot be used. Several clients may read the same variable: it is reported once.
func misplaced(c clientconfig.Client, f clientconfig.Folders, seen map[string]bool) (Problem, bool) {
	var moved *clientconfig.MovedError
	if !errors.As(cmp.Or(c.Misplaced(f), c.Missing(f)), &moved) || seen[moved.Variable] {
		return Problem{}, false
	}
	seen[moved.Variable] = true
	what := fmt.Sprintf("%s is %q, %s", moved.Variable, moved.Value, moved.What)
	if others := othersMisplaced(c, f, moved.Variable); len(others) > 0 {
		what += "; the same holds for " + strings.Join(others, ", ")
	}
	return Problem{c, "", "", what, moved.Do}, true
}

// othersMisplaced returns the names of other clients with the problem.
func othersMisplaced(c clientconfig.Client, f clientconfig.Folders, variable string) []string {
	var others []string
	for _, other := range clientconfig.All() {
		var moved *clientconfig.MovedError
		if other.ID != c.ID && errors.As(other.Misplaced(f), &moved) && moved.Variable == variable {
			others = append(others, other.Name)
		}
	}
	return others
}

// onlyOnce returns a Runner that runs each command once and caches the output.
func onlyOnce(run Runner) Runner {
	type result struct {
		out string
		err error
	}
	known := map[string]result{}
	return func(ctx context.Context, name string, args ...string) (string, error) {
		key := strings.Join(append([]string{name}, args...), "\x00")
		r, ok := known[key]
		if !ok {
			r.out, r.err = run(ctx, name, args...)
			known[key] = r
		}
		return r.out, r.err
	}
}

// An examination collects the problems of one file.
type examination struct {
	m        Machine
	c        clientconfig.Client
	f        clientconfig.Folders
	r        Repositories
	file     configfile.File
	now      time.Time
	read     fileCache
	problems []Problem
}

func (e *examination) add(entry, what, do string) {
	e.problems = append(e.problems, Problem{e.c, e.file.Path, entry, what, do})
}

// run examines a file, and returns the number of entries in it.
func (e *examination) run(ctx context.Context, path string, err error) int {
	e.file.Path = path
	var servers any
	if err == nil {
		servers, _, err = configfile.Get(e.c.Format, e.file.Text, e.c.Path)
	}
	if err != nil {
		e.add("", "it cannot be read: "+strings.TrimPrefix(err.Error(), "read "+path+": "), "correct or remove it; until then, the client uses none of its servers")
		return 0
	}
	all := object(servers)
	names := make([]string, 0, len(all))
	for name, entry := range all {
		if isEntry(object(entry)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		e.entry(ctx, name, object(all[name]))
	}
	return len(names)
}

// isEntry reports whether a member is the entry of a server. Another object may be in its
// place, such as the servers of opencode 2 where version 1 has an entry.
func isEntry(entry map[string]any) bool {
	for name := range entry {
		if slices.Contains(urlMembers, folded(name)) || slices.Contains(programMembers, folded(name)) {
			return true
		}
	}
	return false
}

func (e *examination) entry(ctx context.Context, name string, entry map[string]any) {
	for _, o := range obstaclesOf(e.c, name, e.file.Path, e.f, e.now, e.read) {
		e.add(name, o.What, o.Do)
	}
	if len(secrets("", entry)) > 0 {
		e.literal(name)
	}
	e.signin(name, entry)
	for _, variable := range e.references(entry) {
		value, where := e.m.Getenv(variable), "in this terminal"
		if !e.c.Terminal {
			value, where = e.m.desktop(ctx, variable)
		}
		if value == "" {
			e.add(name, fmt.Sprintf("its variable %s is not set %s", variable, where), "set it, as \"mcpctl connect "+e.c.ID+"\" shows")
		}
	}
	switch _, problem := serverURL(e.c, entry); {
	case folded(text(entry["type"])) == "sse":
		e.add(name, "its type is sse, the transport that MCP replaced", "connect again: the type becomes that of Streamable HTTP")
	case !startsMCPRemote(e.c) && slices.ContainsFunc(texts(entry["args"]), func(a string) bool { return strings.HasPrefix(a, "mcp-remote") }):
		e.add(name, "it starts mcp-remote, although the client connects over HTTP itself", "connect again with --replace")
	case strings.HasPrefix(problem, "its URL is in httpUrl"):
		e.add(name, "its URL is in httpUrl, which is deprecated", "connect again with --replace")
	}
}

// signin reports what prevents a client from signing in.
func (e *examination) signin(name string, entry map[string]any) {
	address, _ := serverURL(e.c, entry)
	switch {
	case !clientconfig.ForSignin(address):
	case sendsCredential(entry):
		e.add(name, "it sends a key to the endpoint for sign-in, which takes none", "connect again with --signin --replace, or without --signin")
	case entry["oauth"] == false, e.needsOAuth() && entry["oauth"] != true:
		e.add(name, "its OAuth is off, so the client does not sign in", "connect again with --signin")
	}
}

// needsOAuth reports whether the client signs in only if its entry says so.
func (e *examination) needsOAuth() bool {
	for _, m := range e.c.Entry(clientconfig.Server{Signin: true}) {
		if m.Name == "oauth" && m.Value == true {
			return true
		}
	}
	return false
}

// literal reports a key in the file, and who else can see it.
func (e *examination) literal(name string) {
	what, do := "a key is in the file itself", "connect again: the entry then names a variable"
	if !e.c.HidesKey() {
		do = "keep the file private: the client can read a key from nowhere else"
	}
	switch tree := e.r.Tracking(e.file.Path); {
	case tree != "":
		what += ", which the repository " + tree + " may commit"
	case e.file.Shared():
		what += ", which other users of this machine can read"
		do = "make it readable by you only (chmod 600)"
	case !e.c.HidesKey():
		return
	}
	e.add(name, what, do)
}

// reference matches a reference to a variable in any client's notation.
var reference = regexp.MustCompile(`\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}|\{env:([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)`)

// references returns the variables to which the entry's headers refer.
func (e *examination) references(entry map[string]any) []string {
	var all []string
	for name, value := range entry {
		isVariable := variableName.MatchString(name)
		if folded(name) != "headers" && !isVariable {
			continue
		}
		for _, text := range allTexts(value) {
			if isVariable {
				all = append(all, text)
				continue
			}
			for _, m := range reference.FindAllStringSubmatch(text, -1) {
				all = append(all, m[1]+m[2]+m[3])
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// allTexts returns the strings in a value, at any depth.
func allTexts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, allTexts(item)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, item := range v {
			all = append(all, allTexts(item)...)
		}
		return all
	}
	return nil
}
