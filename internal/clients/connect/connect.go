// Package connect tells MCP clients on this machine about a server: which
// clients there are ([Found]), what to change in a client's file and what it
// would look like ([Add], [Remove], [Change.Diff]), how the key gets to the
// client ([Advice]), and whether there is evidence that it will ([Evidence]).
//
// How each client wants to be told is in package clientconfig; how a file is
// changed without harm to the rest of it, in package configfile.
package connect

import (
	"fmt"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// A Change is what is to be done to one client's file.
type Change struct {
	Client clientconfig.Client
	File   configfile.File
	After  []byte
	Secret bool // the key stands in the text
}

// OtherServerError says that an entry of the name is there, for another server.
type OtherServerError struct {
	Client, Name, URL string
}

// Error implements error.
func (e *OtherServerError) Error() string {
	if e.URL == "" {
		return fmt.Sprintf("%s has an entry %q for something else", e.Client, e.Name)
	}
	return fmt.Sprintf("%s has an entry %q for another server, %s", e.Client, e.Name, e.URL)
}

// Add prepares the server's entry in a client's file. An entry of that name
// for another server is an [OtherServerError], unless replace is set: then it
// goes. Of one for the same server, only what connects is corrected, and what
// the user or the client keeps there stays.
func Add(c clientconfig.Client, s clientconfig.Server, path string, replace bool) (Change, error) {
	file, err := configfile.Open(path)
	if err != nil {
		return Change{}, err
	}
	ch := Change{Client: c, File: file, Secret: s.Key != ""}
	if ch.After, err = added(c, s, file.Text, replace); err != nil {
		return Change{}, fmt.Errorf("%s: %w", path, err)
	}
	return ch, nil
}

func added(c clientconfig.Client, s clientconfig.Server, text []byte, replace bool) ([]byte, error) {
	at := entryPath(c, s.Name)
	old, found, err := configfile.Get(c.Format, text, at)
	if err != nil {
		return nil, err
	}
	if found && !slices.Contains(stringsIn(old), s.URL) {
		if !replace {
			return nil, &OtherServerError{c.Name, s.Name, firstURL(old)}
		}
		if text, err = configfile.Delete(c.Format, text, at); err != nil {
			return nil, err
		}
	}
	for _, name := range stale(c, s) {
		if text, err = configfile.Delete(c.Format, text, append(slices.Clone(at), name)); err != nil {
			return nil, err
		}
	}
	if text, err = withExtra(c, s, text); err != nil {
		return nil, err
	}
	return configfile.Set(c.Format, text, at, c.Entry(s))
}

// Remove prepares to take the entry of that name out of a client's file. There
// will be no copy of the file with it: the key may stand there.
func Remove(c clientconfig.Client, name, path string) (Change, error) {
	file, err := configfile.Open(path)
	if err != nil {
		return Change{}, err
	}
	file.NoCopy = true
	ch := Change{Client: c, File: file, After: file.Text}
	if !file.Exists {
		return ch, nil
	}
	if _, found, err := configfile.Get(c.Format, file.Text, entryPath(c, name)); err != nil || !found {
		return ch, wrap(path, err)
	}
	ch.After, err = configfile.Delete(c.Format, file.Text, entryPath(c, name))
	if err == nil {
		ch.After, err = withoutExtra(c, clientconfig.Server{Name: name}, ch.After)
	}
	return ch, wrap(path, err)
}

// Changed reports whether there is anything to do.
func (ch Change) Changed() bool { return string(ch.After) != string(ch.File.Text) }

// Write does it, and returns the path of the copy of the file as it was, if
// one was made. Of a file in a git work tree the copy goes to backups, a folder
// of the user's alone: it may hold a key, and beside the file it would be new to
// git, and committed with all the rest.
func (ch Change) Write(backups string) (backup string, err error) {
	if WorkTree(ch.File.Target) != "" {
		ch.File.Backups = backups
	}
	return ch.File.Write(ch.After, ch.Secret)
}

func entryPath(c clientconfig.Client, name string) []string {
	return append(slices.Clone(c.Path), name)
}

// stale are the members that an entry has when the key comes in the other way.
func stale(c clientconfig.Client, s clientconfig.Server) []string {
	other := s
	other.Key = "a key"
	if s.Key != "" {
		other.Key = ""
	}
	var names []string
	for _, m := range c.Entry(other) {
		if !slices.ContainsFunc(c.Entry(s), func(n clientconfig.Member) bool { return n.Name == m.Name }) {
			names = append(names, m.Name)
		}
	}
	return names
}

// withExtra adds what the file needs beside the entry, such as VS Code's
// question for the key.
func withExtra(c clientconfig.Client, s clientconfig.Server, text []byte) ([]byte, error) {
	extra := c.Extra(s)
	if extra == nil {
		return withoutExtra(c, s, text)
	}
	for _, m := range extra {
		items, _ := m.Value.([]clientconfig.Object)
		for _, item := range items {
			var err error
			if text, err = configfile.Add(c.Format, text, m.Name, item); err != nil {
				return nil, err
			}
		}
	}
	return text, nil
}

func withoutExtra(c clientconfig.Client, s clientconfig.Server, text []byte) ([]byte, error) {
	s.Key = ""
	for _, m := range c.Extra(s) {
		items, _ := m.Value.([]clientconfig.Object)
		for _, item := range items {
			var err error
			if text, err = configfile.Remove(c.Format, text, m.Name, idOf(item)); err != nil {
				return nil, err
			}
		}
	}
	return text, nil
}

func idOf(item clientconfig.Object) string {
	for _, m := range item {
		if id, ok := m.Value.(string); ok && m.Name == "id" {
			return id
		}
	}
	return ""
}

// stringsIn are all texts in a value, at any depth.
func stringsIn(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, stringsIn(item)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, item := range v {
			all = append(all, stringsIn(item)...)
		}
		return all
	}
	return nil
}

func firstURL(value any) string {
	all := stringsIn(value)
	i := slices.IndexFunc(all, func(s string) bool {
		return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
	})
	if i < 0 {
		return ""
	}
	return withoutSecrets(all[i])
}

func wrap(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
