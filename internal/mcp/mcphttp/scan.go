package mcphttp

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a message, in addition to Options.MaxBody. They are checked in one pass over
// the bytes, before anything is decoded.
const (
	maxDepth   = 100      // nested objects and arrays
	maxValues  = 100_000  // objects, arrays, strings, numbers and literals, in all
	maxMembers = 64       // of the message, of its params, and of _meta, ref and argument in them
	maxText    = 4 << 10  // bytes of an id, name, URI, cursor, token or any other simple member of the message, its params and their _meta
	maxState   = 64 << 10 // bytes of params.requestState, which the server issued
)

// errSyntax means that a body is not one JSON value in UTF-8.
var errSyntax = errors.New("the message is not valid JSON")

// limitError means that a part of a message exceeds a limit. It does not quote the
// message.
type limitError string

func (e limitError) Error() string { return string(e) }

// part is a member of an object: its decoded name and the JSON text of its value.
type part struct {
	name string
	text []byte
}

// is reports whether encoding/json would decode the member into a field of that name.
func (p part) is(name string) bool { return strings.EqualFold(p.name, name) }

// parts holds the members of a message, of its params and of their _meta, if these are
// objects.
type parts struct {
	object  bool // the message is an object
	message []part
	params  []part
	meta    []part // of the last _meta
}

// scan checks a body's syntax and limits and returns its parts, which are slices of
// body.
func scan(body []byte) (parts, error) {
	s := scanner{data: body}
	if !utf8.Valid(body) {
		return parts{}, errSyntax
	}
	var p parts
	s.space()
	p.object = s.next() == '{'
	var err error
	if p.object {
		err = s.object(1, func(name string) error { return s.messageMember(&p, name) })
	} else {
		err = s.value(0)
	}
	if s.space(); err == nil && s.pos != len(body) {
		err = errSyntax
	}
	return p, err
}

// messageMember reads a member of the message.
func (s *scanner) messageMember(p *parts, name string) error {
	start, simple := s.pos, s.simple()
	var err error
	if strings.EqualFold(name, "params") && s.next() == '{' {
		err = s.object(2, func(name string) error { return s.paramsMember(p, name) })
	} else {
		err = s.value(1)
	}
	p.message = append(p.message, part{name, s.data[start:s.pos]})
	return s.limit(err, start, len(p.message), simple, maxText)
}

// paramsMember reads a member of the params.
func (s *scanner) paramsMember(p *parts, name string) error {
	start, simple := s.pos, s.simple()
	max := maxText
	var err error
	isMeta := strings.EqualFold(name, "_meta")
	if isMeta {
		p.meta = nil
	}
	switch nested := s.next() == '{'; {
	case nested && (isMeta || strings.EqualFold(name, "ref") || strings.EqualFold(name, "argument")):
		var members []part
		err = s.object(3, func(name string) error {
			start, simple := s.pos, s.simple()
			err := s.value(3)
			members = append(members, part{name, s.data[start:s.pos]})
			return s.limit(err, start, len(members), simple, maxText)
		})
		if isMeta {
			p.meta = members
		}
	case strings.EqualFold(name, "requestState"):
		max = maxState
		fallthrough
	default:
		err = s.value(2)
	}
	p.params = append(p.params, part{name, s.data[start:s.pos]})
	return s.limit(err, start, len(p.params), simple, max)
}

// limit checks the size of a simple member that began at start, and the number of
// members so far.
func (s *scanner) limit(err error, start, members int, simple bool, max int) error {
	switch {
	case err != nil:
		return err
	case members > maxMembers:
		return limitError(fmt.Sprintf("an object of the message has more than %d members", maxMembers))
	case simple && s.pos-start > max:
		return limitError(fmt.Sprintf("a member of the message is larger than %d bytes", max))
	}
	return nil
}
