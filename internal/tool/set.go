package tool

import (
	"errors"
	"fmt"
	"strings"
)

// Set is all that a server offers.
type Set struct {
	Tools     []Tool
	Resources []Resource
	Templates []Template
	Prompts   []Prompt
}

// Check tells everything that is wrong with the declarations, in one error:
// bad tags and types, names given twice, and whatever needs no tool of the set,
// which no key could ever be allowed to use.
func (s Set) Check() error {
	c := checker{seen: map[string]bool{}}
	for _, t := range s.Tools {
		c.unique("tool", t.definition.Name)
		c.add("tool", t.Err())
	}
	for _, r := range s.Resources {
		c.unique("resource", r.definition.Name)
		c.unique("URI", r.definition.URI)
		c.needs("resource", r.definition.Name, r.needs)
		c.add("resource", r.Err())
	}
	for _, t := range s.Templates {
		c.unique("template", t.definition.Name)
		c.unique("URI", t.uri)
		c.needs("template", t.definition.Name, t.needs)
		c.add("template", t.Err())
	}
	for _, p := range s.Prompts {
		c.unique("prompt", p.definition.Name)
		c.needs("prompt", p.definition.Name, p.needs)
		c.add("prompt", p.Err())
	}
	if len(c.problems) == 0 {
		return nil
	}
	return errors.New("tools: " + strings.Join(c.problems, "; "))
}

type checker struct {
	seen     map[string]bool // what there is so far, as "tool name"
	problems []string
}

func (c *checker) add(kind string, err error) {
	if err != nil {
		c.problems = append(c.problems, kind+" "+err.Error())
	}
}

func (c *checker) unique(kind, name string) {
	if c.seen[kind+" "+name] {
		c.problems = append(c.problems, fmt.Sprintf("%s %q is there twice", kind, name))
	}
	c.seen[kind+" "+name] = true
}

func (c *checker) needs(kind, name, tool string) {
	if !c.seen["tool "+tool] {
		c.problems = append(c.problems, fmt.Sprintf("%s %q needs the tool %q, which there is not", kind, name, tool))
	}
}
