package connect

import (
	"slices"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// A removal removes an entry from one file.
type removal struct {
	c    clientconfig.Client
	name string
	at   []string
}

// run sets the change's new text, or the reason why the entry stays.
func (rm removal) run(ch *Change) error {
	old, found, err := configfile.Get(rm.c.Format, ch.File.Text, rm.at)
	if err != nil {
		return err
	}
	base := ch.next.base(ch.File)
	r := ch.next
	e, known := r.entry(rm.at), r.has(rm.at)
	if !found {
		r.forget(rm.at)
		ch.next = r.after(ch.File.Text, base, true)
		return nil
	}
	if ch.Left = rm.reason(old, e, known); ch.Left != "" {
		return nil
	}
	if e.InBase {
		if base, err = rm.cut(base, old, e); err != nil {
			return err
		}
	}
	r.forget(rm.at)
	if known && !e.InBase && r.pending() == 0 && rm.fits(base, ch.File.Text, e) {
		ch.After, ch.Gone = base, r.Absent
		if r.Absent {
			ch.next = record{Made: r.Made}
			return nil
		}
	} else if ch.After, err = rm.cut(ch.File.Text, old, e); err != nil {
		return err
	}
	ch.next = r.after(ch.After, base, true)
	return nil
}

// reason returns why connect must not remove the entry, or "" if it may.
func (rm removal) reason(old any, e entry, known bool) string {
	url, problem := serverURL(rm.c, old)
	switch {
	case known && (problem != "" || sum([]byte(url)) != e.Server):
		return "has been changed since mcpctl connect wrote it, and now leads elsewhere: remove it by hand"
	case known && e.Kept:
		return "was there before mcpctl connect, which only corrected it: remove it by hand"
	case known:
		return ""
	case problem != "" || !ownShape(rm.c, rm.name, url, old):
		return "was not written by mcpctl connect: remove it by hand"
	}
	return ""
}

// cut removes what connect wrote: the entry, or only the key's members from an entry that
// was there before, and containers that become empty.
func (rm removal) cut(text []byte, old any, e entry) ([]byte, error) {
	var err error
	if e.Existed {
		text, err = rm.cutKey(text, old)
	} else {
		text, err = configfile.Delete(rm.c.Format, text, rm.at)
	}
	if err == nil && (e.Input || e.Server == "") {
		text, err = withoutExtra(rm.c, clientconfig.Server{Name: rm.name}, text)
	}
	for _, path := range slices.Backward(e.Created) {
		if err == nil {
			text, err = deleteIfEmpty(rm.c.Format, text, path)
		}
	}
	return text, err
}

// cutKey removes the key's header and variable from an entry that was there
// before.
func (rm removal) cutKey(text []byte, old any) ([]byte, error) {
	members, _ := old.(map[string]any)
	url, _ := serverURL(rm.c, old)
	a := addition{c: rm.c, s: clientconfig.Server{Name: rm.name, URL: url}, at: rm.at}
	literal := otherWay(a.s)
	var err error
	for _, s := range []clientconfig.Server{a.s, literal} {
		entry := rm.c.Entry(s)
		for _, place := range append(keyHeaders(entry), variables(entry)...) {
			for _, path := range matching(members, place[:len(place)-1], place[len(place)-1]) {
				if text, err = a.drop(text, path, nil); err != nil {
					return nil, err
				}
			}
		}
	}
	return a.dropItems(text, members, nil, rm.c.Entry(a.s))
}

// fits reports whether base is the current text without the entry. It may not be, because
// the record may be damaged.
func (rm removal) fits(base, text []byte, e entry) bool {
	was, found, err := configfile.Get(rm.c.Format, base, rm.at)
	if err != nil || found != e.Existed {
		return false
	}
	others := func(text []byte) map[string]any {
		value, _, _ := configfile.Get(rm.c.Format, text, rm.c.Path)
		all, _ := value.(map[string]any)
		delete(all, rm.name)
		return all
	}
	now, _, _ := configfile.Get(rm.c.Format, text, rm.at)
	a, b := others(base), others(text)
	return (len(a) == 0 && len(b) == 0 || configfile.Equal(a, b)) && (!found || contains(now, was))
}

// deleteIfEmpty removes an object or a list without members.
func deleteIfEmpty(f clientconfig.Format, text []byte, path []string) ([]byte, error) {
	value, found, err := configfile.Get(f, text, path)
	if err != nil || !found || !isEmpty(value) {
		return text, err
	}
	return configfile.Delete(f, text, path)
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// missing returns the prefixes of path at which the text has nothing.
func missing(f clientconfig.Format, text []byte, path []string) [][]string {
	var all [][]string
	for i := range path {
		if _, found, _ := configfile.Get(f, text, path[:i+1]); !found {
			all = append(all, slices.Clone(path[:i+1]))
		}
	}
	return all
}
