package awsfake

import (
	"slices"
	"strconv"
	"strings"
)

// placeholders are the values of #names and :values in the expressions of a request.
type placeholders struct {
	names  map[string]string
	values map[string]attribute
	used   map[string]bool
	parsed bool // an expression was parsed
}

// checkUsed returns an error if a placeholder is not used in any expression.
func (p *placeholders) checkUsed() *Error {
	switch {
	case p.parsed:
	case len(p.names) > 0:
		return invalid("ExpressionAttributeNames can only be specified when using expressions")
	case len(p.values) > 0:
		return invalid("ExpressionAttributeValues can only be specified when using expressions")
	}
	for name := range p.names {
		if !p.used[name] {
			return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", name)
		}
	}
	for name := range p.values {
		if !p.used[name] {
			return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", name)
		}
	}
	return nil
}

// parser is a recursive-descent parser for one expression. Its methods panic with an
// *Error, which parse returns.
type parser struct {
	*placeholders
	kind   string // of the expression, such as ConditionExpression; used in errors
	tokens []string
	paths  []path // document paths in the expression
}

// parse runs one of the parser's methods on an expression, which it must consume.
func parse[T any](p *placeholders, kind, text string, method func(*parser) T) (result T, paths []path, err *Error) {
	if p.used == nil {
		p.used = map[string]bool{}
	}
	p.parsed = true
	q := &parser{placeholders: p, kind: kind}
	defer func() {
		if refused, ok := recover().(*Error); ok {
			err = refused
		}
	}()
	var ok bool
	switch q.tokens, ok = tokens(text); {
	case strings.TrimSpace(text) == "":
		q.fail("The expression can not be empty;")
	case len(text) > maxExpression:
		q.fail("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	case !ok:
		q.failSyntax()
	}
	result = method(q)
	if len(q.tokens) > 0 {
		q.failSyntax()
	}
	return result, q.paths, nil
}

func (p *parser) fail(format string, args ...any) {
	panic(invalid("Invalid "+p.kind+": "+format, args...))
}

func (p *parser) failSyntax() {
	near := strings.Join(p.tokens[:min(3, len(p.tokens))], " ")
	if near == "" {
		near = "<EOF>"
	}
	p.fail("Syntax error; near: %q", near)
}

// peek returns the token that is ahead tokens after the next one, or "" past the end.
func (p *parser) peek(ahead int) string {
	if ahead >= len(p.tokens) {
		return ""
	}
	return p.tokens[ahead]
}

func (p *parser) next() string {
	token := p.peek(0)
	if token == "" {
		p.failSyntax()
	}
	p.tokens = p.tokens[1:]
	return token
}

// accept consumes a token if it is the next one. Keywords are case-insensitive.
func (p *parser) accept(token string) bool {
	if !strings.EqualFold(p.peek(0), token) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *parser) expect(token string) {
	if !p.accept(token) {
		p.failSyntax()
	}
}

// list parses one or more elements that are separated by commas.
func list[T any](p *parser, element func() T) []T {
	all := []T{element()}
	for p.accept(",") {
		all = append(all, element())
	}
	return all
}

// path is a document path: a name, then names and list indexes.
type path []step

type step struct {
	name  string
	index int // used if name is empty
}

func (s step) String() string {
	if s.name == "" {
		return "[" + strconv.Itoa(s.index) + "]"
	}
	return s.name
}

func (p *parser) path() path {
	at := path{{name: p.name()}}
	for {
		switch {
		case p.accept("."):
			at = append(at, step{name: p.name()})
		case p.accept("["):
			n, err := strconv.Atoi(p.next())
			if err != nil {
				p.failSyntax()
			}
			p.expect("]")
			at = append(at, step{index: n})
		default:
			p.paths = append(p.paths, at)
			return at
		}
	}
}

func (p *parser) name() string {
	token := p.next()
	switch {
	case token[0] == '#':
		name, ok := p.names[token]
		if !ok {
			p.fail("An expression attribute name used in the document path is not defined; attribute name: %s", token)
		}
		p.used[token] = true
		return name
	case !wordByte(token[0]) || token[0] >= '0' && token[0] <= '9':
		p.failSyntax()
	case reserved()[strings.ToUpper(token)]:
		p.fail("Attribute name is a reserved keyword; reserved keyword: %s", token)
	}
	return token
}

func (p *parser) value() attribute {
	token := p.next()
	if token[0] != ':' {
		p.failSyntax()
	}
	a, ok := p.values[token]
	if !ok {
		p.fail("An expression attribute value used in expression is not defined; attribute value: %s", token)
	}
	p.used[token] = true
	return a
}

// get returns the value at a path; its kind is empty if there is none.
func (it item) get(at path) attribute {
	current := attribute{kind: kindM, fields: it}
	for _, s := range at {
		switch {
		case s.name != "" && current.kind == kindM:
			current = current.fields[s.name]
		case s.name == "" && current.kind == kindL && s.index < len(current.list):
			current = current.list[s.index]
		default:
			return attribute{}
		}
	}
	return current
}

// overlap reports whether one path is the other or contains it.
func (at path) overlap(other path) bool {
	n := min(len(at), len(other))
	return slices.Equal(at[:n], other[:n])
}
