package connect

import (
	"net/textproto"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

const keyHeader = "x-api-key"

// keyHeaders returns the paths of the key's header in one of our entries.
func keyHeaders(o clientconfig.Object) [][]string {
	return find(o, func(container, name string) bool { return strings.EqualFold(name, keyHeader) })
}

// variables returns the paths of the key's variable in an entry that starts
// mcp-remote.
func variables(o clientconfig.Object) [][]string {
	return find(o, func(container, name string) bool { return container == "env" })
}

// find returns the paths of the members for which wanted returns true. It gets the
// names of the object and of the member.
func find(o clientconfig.Object, wanted func(container, name string) bool) [][]string {
	var all [][]string
	var walk func(o clientconfig.Object, at []string)
	walk = func(o clientconfig.Object, at []string) {
		for _, m := range o {
			path := append(slices.Clone(at), m.Name)
			if inner, ok := m.Value.(clientconfig.Object); ok {
				walk(inner, path)
			} else if len(at) > 0 && wanted(at[len(at)-1], m.Name) {
				all = append(all, path)
			}
		}
	}
	walk(o, nil)
	return all
}

// matching returns the paths of the members of a container with that name in any case,
// because names of HTTP headers are case-insensitive.
func matching(members map[string]any, container []string, name string) [][]string {
	var value any = members
	for _, step := range container {
		object, _ := value.(map[string]any)
		value = object[step]
	}
	var all [][]string
	object, _ := value.(map[string]any)
	for member := range object {
		if textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(member)) == textproto.CanonicalMIMEHeaderKey(name) {
			all = append(all, append(slices.Clone(container), member))
		}
	}
	return all
}

// mergeArgs gives mcp-remote's arguments our header, if there is one, and keeps all
// others.
func mergeArgs(old, ours []string) []string {
	at := slices.Index(ours, "--header")
	if at < 0 {
		return withTransport(slices.Clone(old), ours)
	}
	header := ours[at+1]
	var out []string
	placed := false
	for i := 0; i < len(old); i++ {
		value, width := headerArgument(old[i:])
		switch {
		case width == 0 || !isKeyHeader(value):
			out = append(out, old[i:i+max(width, 1)]...)
		case !placed:
			out, placed = append(out, "--header", header), true
		}
		i += max(width, 1) - 1
	}
	if !placed {
		out = append(out, "--header", header)
	}
	return withTransport(out, ours)
}

// headerArgument returns the header at the beginning of args and the number of its
// arguments, 0 if args do not begin with a header.
func headerArgument(args []string) (value string, width int) {
	if value, ok := strings.CutPrefix(args[0], "--header="); ok {
		return value, 1
	}
	if args[0] == "--header" && len(args) > 1 {
		return args[1], 2
	}
	return "", 0
}

func isKeyHeader(argument string) bool {
	name, _, _ := strings.Cut(argument, ":")
	return strings.EqualFold(strings.TrimSpace(name), keyHeader)
}

// withTransport sets the arguments that determine how mcp-remote connects.
func withTransport(args, ours []string) []string {
	const transport = "--transport"
	switch i := slices.Index(args, transport); {
	case i < 0 || i+1 == len(args):
		args = append(slices.DeleteFunc(args, func(a string) bool { return a == transport }), transport, "http-only")
	case args[i+1] != "http-first":
		args[i+1] = "http-only"
	}
	const allow = "--allow-http"
	if slices.Contains(ours, allow) && !slices.Contains(args, allow) {
		args = append(args, allow)
	}
	return args
}

// union returns old, followed by the items of more that are not in it.
func union(old, more []string) []string {
	out := slices.Clone(old)
	for _, item := range more {
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// contains reports whether a decoded value contains part: all its members of objects, at
// any depth, and all its items of lists.
func contains(whole, part any) bool {
	switch p := part.(type) {
	case map[string]any:
		w, ok := whole.(map[string]any)
		if !ok {
			return false
		}
		for name, value := range p {
			if inner, found := w[name]; !found || !contains(inner, value) {
				return false
			}
		}
		return true
	case []any:
		w, ok := whole.([]any)
		return ok && !slices.ContainsFunc(p, func(item any) bool {
			return !slices.ContainsFunc(w, func(other any) bool { return configfile.Equal(item, other) })
		})
	}
	return configfile.Equal(whole, part)
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// text returns value if it is a string, otherwise "".
func text(value any) string {
	s, _ := value.(string)
	return s
}

// texts returns the strings in a list.
func texts(value any) []string {
	list, _ := value.([]any)
	var all []string
	for _, item := range list {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}
