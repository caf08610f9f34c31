package configfile

import (
	"bytes"

	"github.com/tailscale/hujson"
)

func jsonCut(text []byte, path []string) ([]byte, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	v := &root
	for i, name := range path {
		object, err := objectIn(v, path[:i])
		if err != nil {
			return nil, err
		}
		at, err := memberOf(object, name)
		if err != nil || at < 0 {
			return text, err
		}
		if i == len(path)-1 {
			cutMember(object, at)
			return packJSON(root, text), nil
		}
		v = &object.Members[at].Value
	}
	return packJSON(root, text), nil
}

// jsonExtent returns the span of the member at path, from its name to the end of its
// value.
func jsonExtent(text []byte, path []string) ([]span, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	v, from := &root, 0
	for _, name := range path {
		object, ok := v.Value.(*hujson.Object)
		if !ok {
			return nil, nil
		}
		at, err := memberOf(object, name)
		if err != nil || at < 0 {
			return nil, err
		}
		v, from = &object.Members[at].Value, object.Members[at].Name.StartOffset
	}
	return []span{{from, v.EndOffset}}, nil
}

// cutMember removes a member. Comments before and after it stay: they may
// belong to a neighbor.
func cutMember(o *hujson.Object, at int) {
	m := o.Members[at]
	last := at == len(o.Members)-1
	o.Members = append(o.Members[:at], o.Members[at+1:]...)
	comments := surroundingComments(m.Name.BeforeExtra, m.Value.AfterExtra)
	if !last {
		next := &o.Members[at].Name
		next.BeforeExtra = join(comments, next.BeforeExtra)
		return
	}
	if at > 0 {
		before := &o.Members[at-1].Value
		comments = join(commentsOf(before.AfterExtra), comments)
		before.AfterExtra = nil
		if m.Value.AfterExtra != nil { // keep the trailing comma style
			before.AfterExtra = hujson.Extra{}
		}
	}
	o.AfterExtra = join(comments, o.AfterExtra)
	if len(o.Members) == 0 && len(bytes.TrimSpace(o.AfterExtra)) == 0 {
		o.AfterExtra = nil
	}
}

// commentsOf returns extra up to its last comment, nil if it has none.
func commentsOf(extra hujson.Extra) hujson.Extra {
	if extra.IsStandard() {
		return nil
	}
	return bytes.TrimRight(extra, " \t\r\n")
}

// surroundingComments returns the comments before and after the removed member.
func surroundingComments(before, behind hujson.Extra) hujson.Extra {
	if behind = commentsOf(behind); behind != nil {
		return join(commentsOf(before), behind)
	}
	return commentsOf(before)
}

// join puts comments, if any, before extra. The first newline of extra ends a line comment.
func join(comments, extra hujson.Extra) hujson.Extra {
	if len(comments) == 0 {
		return extra
	}
	if !bytes.HasPrefix(bytes.TrimLeft(extra, " \t\r"), []byte("\n")) {
		comments = append(bytes.Clone(comments), '\n')
	}
	return append(bytes.Clone(comments), extra...)
}
