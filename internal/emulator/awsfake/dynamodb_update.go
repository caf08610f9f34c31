package awsfake

import (
	"maps"
	"slices"
	"strings"
)

// action is one change of an update expression. compute returns the new value of the
// attribute at path, given the item before the update; a value without a kind removes the
// attribute.
type action struct {
	path    path
	compute func(before item) (attribute, *Error)
}

// update parses an update expression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
func (p *parser) update() []action {
	clauses := map[string]func() action{"SET": p.set, "REMOVE": p.remove, "ADD": p.add, "DELETE": p.deleteFrom}
	var actions []action
	seen := map[string]bool{}
	for len(p.tokens) > 0 {
		name := strings.ToUpper(p.peek(0))
		clause, known := clauses[name]
		if !known {
			p.failSyntax()
		}
		if seen[name] {
			p.fail("The %q section can only be used once in an update expression;", name)
		}
		seen[name] = true
		p.next()
		actions = append(actions, list(p, clause)...)
	}
	for i, a := range actions {
		for _, b := range actions[:i] {
			if a.path.overlap(b.path) {
				p.fail("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %v, path two: %v", b.path, a.path)
			}
		}
	}
	return actions
}

// computed is a value in a SET clause. fixed is set if the request contains the value.
type computed struct {
	value func(item) (attribute, *Error)
	fixed attribute
}

func (p *parser) set() action {
	at := p.path()
	p.expect("=")
	a := p.setOperand()
	for _, operator := range []string{"+", "-"} {
		if p.accept(operator) {
			return action{at, p.sum(operator, a, p.setOperand())}
		}
	}
	return action{at, a.value}
}

// sum returns the function that adds or subtracts two numbers.
func (p *parser) sum(operator string, a, b computed) func(item) (attribute, *Error) {
	for _, o := range []computed{a, b} {
		if o.fixed.kind != "" && o.fixed.kind != kindN {
			p.failType(operator, o.fixed)
		}
	}
	return func(before item) (attribute, *Error) {
		x, err := a.value(before)
		if err != nil {
			return x, err
		}
		y, err := b.value(before)
		if err != nil {
			return y, err
		}
		return addNumbers(x, y, operator == "-")
	}
}

func addNumbers(x, y attribute, subtract bool) (attribute, *Error) {
	if x.kind != kindN || y.kind != kindN {
		return attribute{}, errOperandType()
	}
	sum, err := x.number.add(y.number, subtract)
	return attribute{kind: kindN, number: sum}, err
}

func errOperandType() *Error {
	return invalid("An operand in the update expression has an incorrect data type")
}

func (p *parser) setOperand() computed {
	switch token := p.peek(0); {
	case p.peek(1) == "(":
		return p.setFunction()
	case strings.HasPrefix(token, ":"):
		a := p.value()
		return computed{func(item) (attribute, *Error) { return a, nil }, a}
	}
	at := p.path()
	return computed{value: func(before item) (attribute, *Error) {
		a := before.get(at)
		if a.kind == "" {
			return a, invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return a, nil
	}}
}

func (p *parser) setFunction() computed {
	name := p.next()
	p.expect("(")
	var result computed
	switch name {
	case "if_not_exists":
		at := p.path()
		p.expect(",")
		otherwise := p.setOperand()
		result.value = func(before item) (attribute, *Error) {
			if a := before.get(at); a.kind != "" {
				return a, nil
			}
			return otherwise.value(before)
		}
	case "list_append":
		a := p.setOperand()
		p.expect(",")
		result.value = appended(a, p.setOperand())
	default:
		p.fail("Invalid function name; function: %s", name)
	}
	p.expect(")")
	return result
}

func appended(a, b computed) func(item) (attribute, *Error) {
	return func(before item) (attribute, *Error) {
		x, err := a.value(before)
		if err != nil {
			return x, err
		}
		y, err := b.value(before)
		if err != nil {
			return y, err
		}
		if x.kind != kindL || y.kind != kindL {
			return attribute{}, errOperandType()
		}
		return attribute{kind: kindL, list: slices.Concat(x.list, y.list)}, nil
	}
}

func (p *parser) remove() action {
	return action{p.path(), func(item) (attribute, *Error) { return attribute{}, nil }}
}

// merge returns the action that combines the attribute at a path, or missing, with an
// operand of the same kind.
func merge(at path, operand, missing attribute, combine func(old attribute) (attribute, *Error)) action {
	return action{at, func(before item) (attribute, *Error) {
		switch old := before.get(at); old.kind {
		case "":
			return missing, nil
		case operand.kind:
			return combine(old)
		}
		return attribute{}, errOperandType()
	}}
}

// add parses an ADD action, which adds to a number or to a set.
func (p *parser) add() action {
	at, more := p.path(), p.value()
	if more.kind != kindN && elementKind(more.kind) == "" {
		p.failType("ADD", more)
	}
	return merge(at, more, more, func(old attribute) (attribute, *Error) {
		if more.kind == kindN {
			return addNumbers(old, more, false)
		}
		union := slices.Clone(old.list)
		for _, element := range more.list {
			if !contains(union, element) {
				union = append(union, element)
			}
		}
		slices.SortFunc(union, compare)
		return attribute{kind: old.kind, list: union}, nil
	})
}

// deleteFrom parses a DELETE action, which removes elements of a set.
func (p *parser) deleteFrom() action {
	at, less := p.path(), p.value()
	if elementKind(less.kind) == "" {
		p.failType("DELETE", less)
	}
	return merge(at, less, attribute{}, func(old attribute) (attribute, *Error) {
		rest := slices.DeleteFunc(slices.Clone(old.list), func(a attribute) bool { return contains(less.list, a) })
		if len(rest) == 0 {
			return attribute{}, nil // a set is never empty
		}
		return attribute{kind: old.kind, list: rest}, nil
	})
}

// apply returns the item with all actions applied.
func apply(before item, actions []action) (item, *Error) {
	after := attribute{kind: kindM, fields: before}
	for _, a := range actions {
		value, err := a.compute(before)
		if err != nil {
			return nil, err
		}
		var ok bool
		if after, ok = after.with(a.path, value); !ok {
			return nil, invalid("The document path provided in the update expression is invalid for update")
		}
	}
	return after.fields, nil
}

// with returns a copy of a document in which the attribute at a path has a value, or
// is removed if the value has no kind. It reports false if the path's parent is
// missing.
func (a attribute) with(at path, value attribute) (attribute, bool) {
	if len(at) == 0 {
		return value, true
	}
	if s := at[0]; s.name == "" {
		return a.withElement(s.index, at[1:], value)
	}
	if a.kind != kindM {
		return a, false
	}
	inner, ok := a.fields[at[0].name].with(at[1:], value)
	if !ok {
		return a, false
	}
	fields := maps.Clone(a.fields)
	if inner.kind == "" {
		delete(fields, at[0].name)
	} else {
		fields[at[0].name] = inner
	}
	return attribute{kind: kindM, fields: fields}, true
}

// withElement is like with, for an element of a list. A value at an index past the end is
// appended.
func (a attribute) withElement(index int, rest path, value attribute) (attribute, bool) {
	if a.kind != kindL {
		return a, false
	}
	elements := slices.Clone(a.list)
	if index >= len(elements) {
		if len(rest) > 0 {
			return a, false
		}
		if value.kind != "" {
			elements = append(elements, value)
		}
		return attribute{kind: kindL, list: elements}, true
	}
	inner, ok := elements[index].with(rest, value)
	if !ok {
		return a, false
	}
	if elements[index] = inner; inner.kind == "" {
		elements = slices.Delete(elements, index, index+1)
	}
	return attribute{kind: kindL, list: elements}, true
}
