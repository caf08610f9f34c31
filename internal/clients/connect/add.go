package connect

import (
	"errors"
	"slices"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// An addition adds a server's entry to one file.
type addition struct {
	c       clientconfig.Client
	s       clientconfig.Server
	at      []string // path of the entry
	replace bool
}

// run sets the change's new text, and the record that goes with it.
//
// The record's base is the file without what connect wrote. An entry that the user replaces
// is removed from the base too; one that connect corrects is corrected in both texts, so
// that the record keeps no old key.
func (a addition) run(ch *Change) error {
	base := ch.next.base(ch.File)
	r := ch.next
	old, found, err := configfile.Get(a.c.Format, ch.File.Text, a.at)
	if err != nil {
		return err
	}
	text := ch.File.Text
	problem := a.problem(text, old, found)
	switch {
	case problem != nil && !a.replace:
		return problem
	case problem != nil:
		if text, base, err = both(text, base, a.remove); err != nil {
			return err
		}
		r.forget(a.at)
		found = false
	}
	e := r.entry(a.at)
	e.Server = sum([]byte(a.s.URL))
	if !found {
		e.Created, e.Existed, e.Kept, e.InBase = missing(a.c.Format, text, a.c.Path), false, false, false
		e.Input = false
	}
	if ch.After, err = a.connect(text, &e); err != nil {
		return err
	}
	if found && !r.has(a.at) {
		now, _, err := configfile.Get(a.c.Format, ch.After, a.at)
		if err != nil {
			return err
		}
		e.Existed = true
		e.Kept = !contains(now, old)
	}
	if e.Kept || e.InBase {
		e.InBase = true
		if base, err = a.connect(base, new(entry)); err != nil {
			base = ch.After // the base cannot be corrected; start with a new one
		}
	}
	r.set(e)
	ch.next = r.after(ch.After, base, ch.File.Exists)
	return nil
}

// problem returns why connect cannot complete the existing entry: it is for another server,
// of another kind, or written in a way that cannot be changed safely.
func (a addition) problem(text []byte, old any, found bool) error {
	if !found {
		return nil
	}
	if err := checkExisting(a.c, a.s, old); err != nil {
		return err
	}
	if _, err := a.connect(text, new(entry)); errors.Is(err, configfile.ErrByHand) {
		return err
	}
	return nil
}

func (a addition) remove(text []byte) ([]byte, error) {
	return configfile.Delete(a.c.Format, text, a.at)
}

// both applies an edit to both texts.
func both(text, base []byte, edit func([]byte) ([]byte, error)) (newText, newBase []byte, err error) {
	if newText, err = edit(text); err != nil {
		return nil, nil, err
	}
	if newBase, err = edit(base); err != nil {
		newBase = newText
	}
	return newText, newBase, nil
}

// connect writes the entry, and what the file needs in addition to it. Members of an
// existing entry stay, except those that describe the connection.
func (a addition) connect(text []byte, e *entry) ([]byte, error) {
	text, err := a.extra(text, e)
	if err != nil {
		return nil, err
	}
	want := a.c.Entry(a.s)
	old, found, err := configfile.Get(a.c.Format, text, a.at)
	if err != nil {
		return nil, err
	}
	members, ok := old.(map[string]any)
	if !found || !ok {
		return configfile.Set(a.c.Format, text, a.at, want)
	}
	if text, err = a.dropStale(text, members, want); err != nil {
		return nil, err
	}
	if text, err = a.dropSwitches(text, members, want); err != nil {
		return nil, err
	}
	for _, m := range a.toSet(members, want) {
		if text, err = configfile.Set(a.c.Format, text, a.at, clientconfig.Object{m}); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// toSet returns the members of want that have to be set in an existing entry: lists are
// merged, and members that are up to the user are omitted.
func (a addition) toSet(old map[string]any, want clientconfig.Object) []clientconfig.Member {
	var all []clientconfig.Member
	for _, m := range want {
		existing, there := old[m.Name]
		if there && existing != nil && (m.Name == "command" || m.Name == "name" || m.Name == "enabled") {
			continue
		}
		if list, ok := m.Value.([]string); ok && there {
			if m.Name == "args" {
				m.Value = mergeArgs(texts(existing), list)
			} else {
				m.Value = union(texts(existing), list)
			}
		}
		all = append(all, m)
	}
	return all
}

// dropStale removes outdated headers with the key: those in other spellings, and the one
// for the other way to pass the key.
func (a addition) dropStale(text []byte, old map[string]any, want clientconfig.Object) ([]byte, error) {
	other := a.c.Entry(otherWay(a.s))
	wanted := append(keyHeaders(want), variables(want)...)
	places := slices.Concat(keyHeaders(want), keyHeaders(other), variables(other))
	for _, place := range places {
		container, name := place[:len(place)-1], place[len(place)-1]
		for _, path := range matching(old, container, name) {
			if slices.ContainsFunc(wanted, func(w []string) bool { return slices.Equal(w, path) }) {
				continue
			}
			var err error
			if text, err = a.drop(text, path, wanted); err != nil {
				return nil, err
			}
		}
	}
	return a.dropItems(text, old, want, other)
}

// dropSwitches removes the OAuth switch of the other kind of entry: from an entry for
// sign-in, the one that turns OAuth off (such as opencode's); from an entry for a key, the
// one that turns OAuth on (such as Crush's).
func (a addition) dropSwitches(text []byte, old map[string]any, want clientconfig.Object) ([]byte, error) {
	other := a.s
	other.Signin = !other.Signin
	for _, m := range a.c.Entry(other) {
		isWanted := slices.ContainsFunc(want, func(w clientconfig.Member) bool { return w.Name == m.Name })
		if on, isSwitch := m.Value.(bool); !isSwitch || isWanted || old[m.Name] != on {
			continue
		}
		var err error
		if text, err = a.drop(text, []string{m.Name}, nil); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// drop removes a member of the entry, and its container if that becomes empty.
func (a addition) drop(text []byte, path []string, wanted [][]string) ([]byte, error) {
	text, err := configfile.Delete(a.c.Format, text, slices.Concat(a.at, path))
	if err != nil || len(path) < 2 {
		return text, err
	}
	container := path[:len(path)-1]
	if slices.ContainsFunc(wanted, func(w []string) bool { return hasPrefix(w, container) }) {
		return text, nil
	}
	return deleteIfEmpty(a.c.Format, text, slices.Concat(a.at, container))
}

// dropItems removes our items from lists that the entry needs only if the key is passed in
// the other way.
func (a addition) dropItems(text []byte, old map[string]any, want, other clientconfig.Object) ([]byte, error) {
	for _, m := range other {
		list, ok := m.Value.([]string)
		isWanted := slices.ContainsFunc(want, func(w clientconfig.Member) bool { return w.Name == m.Name })
		if !ok || isWanted || old[m.Name] == nil {
			continue
		}
		path := slices.Concat(a.at, []string{m.Name})
		left := slices.DeleteFunc(texts(old[m.Name]), func(item string) bool { return slices.Contains(list, item) })
		var err error
		if len(left) == 0 {
			text, err = configfile.Delete(a.c.Format, text, path)
		} else {
			text, err = configfile.Set(a.c.Format, text, a.at, clientconfig.Object{{Name: m.Name, Value: left}})
		}
		if err != nil {
			return nil, err
		}
	}
	return text, nil
}

// extra adds what the file needs in addition to the entry, such as VS Code's input for the
// key, or removes it if the key is in the entry.
func (a addition) extra(text []byte, e *entry) ([]byte, error) {
	extra := a.c.Extra(a.s)
	if extra == nil {
		return withoutExtra(a.c, a.s, text)
	}
	for _, m := range extra {
		items, _ := m.Value.([]clientconfig.Object)
		for _, item := range items {
			e.Created = append(e.Created, missing(a.c.Format, text, []string{m.Name})...)
			after, err := configfile.Add(a.c.Format, text, m.Name, item)
			if err != nil {
				return nil, err
			}
			e.Input = e.Input || string(after) != string(text)
			text = after
		}
	}
	return text, nil
}

func withoutExtra(c clientconfig.Client, s clientconfig.Server, text []byte) ([]byte, error) {
	s.Key, s.Signin = "", false
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

// otherWay returns s with the key passed in the other way: in the file instead of a
// variable, or the reverse; in a variable if people sign in.
func otherWay(s clientconfig.Server) clientconfig.Server {
	switch {
	case s.Signin:
		s.Signin = false
	case s.Key != "":
		s.Key = ""
	default:
		s.Key = clientconfig.Placeholder
	}
	return s
}

func idOf(item clientconfig.Object) string {
	for _, m := range item {
		if id, ok := m.Value.(string); ok && m.Name == "id" {
			return id
		}
	}
	return ""
}
