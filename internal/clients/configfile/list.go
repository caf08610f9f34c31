package configfile

import (
	"errors"

	"github.com/tailscale/hujson"

	"serverless-mcp/internal/clients/clientconfig"
)

// Add adds item to the list called name at the top level of a JSON file, unless
// the list has an object with item's id.
func Add(f clientconfig.Format, text []byte, name string, item clientconfig.Object) ([]byte, error) {
	if f != clientconfig.JSON {
		return nil, errors.New("lists are supported in JSON files only")
	}
	id := idOf(item)
	return change(f, text, func(s syntax, text []byte, data map[string]any) ([]byte, error) {
		list, found := data[name].([]any)
		switch {
		case !found:
			return s.putAt(text, []string{name}, []clientconfig.Object{item})
		case indexOf(list, id) >= 0:
			return text, nil
		}
		return editList(text, name, func(a *hujson.Array, st jsonStyle) []span {
			st.append(a, item, 2)
			return nil
		})
	}, func(data map[string]any) error {
		list, ok := data[name].([]any)
		if data[name] != nil && !ok {
			return notAnObject([]string{name})
		}
		if indexOf(list, id) < 0 {
			data[name] = append(list, generic(item))
		}
		return nil
	})
}

// Remove removes the object with that id from the list called name, if it is
// there.
func Remove(f clientconfig.Format, text []byte, name, id string) ([]byte, error) {
	return change(f, text, func(_ syntax, text []byte, data map[string]any) ([]byte, error) {
		list, _ := data[name].([]any)
		at := indexOf(list, id)
		if at < 0 {
			return text, nil
		}
		return editList(text, name, func(a *hujson.Array, _ jsonStyle) []span {
			own := span{a.Elements[at].StartOffset, a.Elements[at].EndOffset}
			cutElement(a, at)
			return []span{own}
		})
	}, func(data map[string]any) error {
		list, _ := data[name].([]any)
		if at := indexOf(list, id); at >= 0 {
			data[name] = append(list[:at:at], list[at+1:]...)
		}
		return nil
	})
}

func idOf(item clientconfig.Object) string {
	for _, m := range item {
		if id, ok := m.Value.(string); ok && m.Name == "id" {
			return id
		}
	}
	return ""
}

func indexOf(list []any, id string) int {
	for i, item := range list {
		if object, ok := item.(map[string]any); ok && object["id"] == id {
			return i
		}
	}
	return -1
}

// editList edits the list called name, and verifies that no comment is lost
// except those in the spans that edit returns as removed.
func editList(text []byte, name string, edit func(*hujson.Array, jsonStyle) (removed []span)) ([]byte, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	object := root.Value.(*hujson.Object) // parseJSON guarantees it
	at, err := memberOf(object, name)
	if err != nil {
		return nil, err
	}
	array, ok := object.Members[at].Value.Value.(*hujson.Array)
	if !ok {
		return nil, ErrByHand
	}
	before, _ := jsonComments(text) // never fails
	before = outside(before, edit(array, jsonStyleOf(root, text)))
	out := packJSON(root, text)
	if after, _ := jsonComments(out); !kept(before, after) {
		return nil, ErrByHand
	}
	return out, nil
}

// cutElement is like cutMember, for arrays.
func cutElement(a *hujson.Array, at int) {
	e := a.Elements[at]
	last := at == len(a.Elements)-1
	a.Elements = append(a.Elements[:at], a.Elements[at+1:]...)
	comments := surroundingComments(e.BeforeExtra, e.AfterExtra)
	if !last {
		next := &a.Elements[at]
		next.BeforeExtra = join(comments, next.BeforeExtra)
		return
	}
	if at > 0 {
		before := &a.Elements[at-1]
		comments = join(commentsOf(before.AfterExtra), comments)
		before.AfterExtra = nil
		if e.AfterExtra != nil {
			before.AfterExtra = hujson.Extra{}
		}
	}
	a.AfterExtra = join(comments, a.AfterExtra)
	if len(a.Elements) == 0 && len(a.AfterExtra) > 0 && a.AfterExtra.IsStandard() {
		a.AfterExtra = nil
	}
}
