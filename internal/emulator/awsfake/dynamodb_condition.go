package awsfake

import (
	"slices"
	"strings"
)

// condition is a parsed condition.
type condition func(item) bool

// operand is a value in a condition. fixed is set if the request contains the value.
type operand struct {
	value func(item) attribute
	fixed attribute
	path  path
}

// condition parses conditions joined by OR.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
func (p *parser) condition() condition {
	left := p.allOf()
	for p.accept("OR") {
		a, b := left, p.allOf()
		left = func(it item) bool { return a(it) || b(it) }
	}
	return left
}

func (p *parser) allOf() condition {
	left := p.negated()
	for p.accept("AND") {
		a, b := left, p.negated()
		left = func(it item) bool { return a(it) && b(it) }
	}
	return left
}

func (p *parser) negated() condition {
	if p.accept("NOT") {
		inner := p.negated()
		return func(it item) bool { return !inner(it) }
	}
	if p.accept("(") {
		inner := p.condition()
		p.expect(")")
		return inner
	}
	if p.peek(1) == "(" && p.peek(0) != "size" {
		return p.function()
	}
	return p.comparison()
}

func (p *parser) comparison() condition {
	a := p.operand()
	if p.accept("BETWEEN") {
		low := p.ordered("BETWEEN", p.operand())
		p.expect("AND")
		high := p.ordered("BETWEEN", p.operand())
		return func(it item) bool {
			return less(low.value(it), a.value(it), true) && less(a.value(it), high.value(it), true)
		}
	}
	if p.accept("IN") {
		p.expect("(")
		choices := list(p, p.operand)
		p.expect(")")
		return func(it item) bool {
			return slices.ContainsFunc(choices, func(o operand) bool { return equalPresent(a.value(it), o.value(it)) })
		}
	}
	return p.compared(a, p.next())
}

func (p *parser) compared(a operand, operator string) condition {
	switch operator {
	case "=":
		b := p.operand()
		return func(it item) bool { return equalPresent(a.value(it), b.value(it)) }
	case "<>":
		b := p.operand()
		return func(it item) bool { return !equalPresent(a.value(it), b.value(it)) }
	case "<", "<=":
		a, b, same := p.ordered(operator, a), p.ordered(operator, p.operand()), operator == "<="
		return func(it item) bool { return less(a.value(it), b.value(it), same) }
	case ">", ">=":
		a, b, same := p.ordered(operator, a), p.ordered(operator, p.operand()), operator == ">="
		return func(it item) bool { return less(b.value(it), a.value(it), same) }
	}
	p.failSyntax()
	return nil
}

// ordered rejects an operand whose type has no order.
func (p *parser) ordered(operator string, o operand) operand {
	switch o.fixed.kind {
	case "", kindS, kindN, kindB:
		return o
	}
	p.failType(operator, o.fixed)
	return o
}

func (p *parser) failType(operator string, a attribute) {
	p.fail("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, a.kind)
}

// less reports whether a < b, or a <= b if same is true. It returns false unless both have
// the same type and that type has an order.
func less(a, b attribute, same bool) bool {
	switch a.kind {
	case kindS, kindN, kindB:
		n := compare(a, b)
		return a.kind == b.kind && (n < 0 || same && n == 0)
	}
	return false
}

// equalPresent reports whether two values are present and equal.
func equalPresent(a, b attribute) bool { return a.kind != "" && equal(a, b) }

func (p *parser) operand() operand {
	switch token := p.peek(0); {
	case token == "size" && p.peek(1) == "(":
		p.tokens = p.tokens[2:]
		inner := p.operand()
		p.expect(")")
		return operand{value: func(it item) attribute { return sizeOf(inner.value(it)) }}
	case strings.HasPrefix(token, ":"):
		a := p.value()
		return operand{value: func(item) attribute { return a }, fixed: a}
	}
	at := p.path()
	return operand{value: func(it item) attribute { return it.get(at) }, path: at}
}

// sizeOf returns the result of the function size.
func sizeOf(a attribute) attribute {
	n := 0
	switch a.kind {
	case kindS, kindB:
		n = len(a.text)
	case kindM:
		n = len(a.fields)
	case kindL, kindSS, kindNS, kindBS:
		n = len(a.list)
	default:
		return attribute{}
	}
	return attribute{kind: kindN, number: decimalOf(int64(n))}
}

// function parses a function that returns true or false.
func (p *parser) function() condition {
	name := p.next()
	p.expect("(")
	arguments := list(p, p.operand)
	p.expect(")")
	count, known := map[string]int{"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2}[name]
	switch {
	case !known:
		p.fail("Invalid function name; function: %s", name)
	case len(arguments) != count:
		p.fail("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(arguments))
	case arguments[0].path == nil && count == 1:
		p.fail("Operator or function requires a document path; operator or function: %s", name)
	}
	a := arguments[0]
	switch name {
	case "attribute_exists":
		return func(it item) bool { return a.value(it).kind != "" }
	case "attribute_not_exists":
		return func(it item) bool { return a.value(it).kind == "" }
	}
	return p.twoOperands(name, a, arguments[1])
}

func (p *parser) twoOperands(name string, a, b operand) condition {
	switch name {
	case "attribute_type":
		if b.fixed.kind != kindS {
			p.failType(name, b.fixed)
		}
		return func(it item) bool { return a.value(it).kind == b.fixed.text }
	case "begins_with":
		switch b.fixed.kind {
		case "", kindS, kindB:
		default:
			p.failType(name, b.fixed)
		}
		return func(it item) bool {
			x, y := a.value(it), b.value(it)
			return x.kind == y.kind && (x.kind == kindS || x.kind == kindB) && strings.HasPrefix(x.text, y.text)
		}
	}
	return func(it item) bool { return containsOperand(a.value(it), b.value(it)) }
}

// containsOperand returns the result of the function contains.
func containsOperand(a, b attribute) bool {
	switch a.kind {
	case kindS, kindB:
		return a.kind == b.kind && strings.Contains(a.text, b.text)
	case kindL, kindSS, kindNS, kindBS:
		return contains(a.list, b)
	}
	return false
}
