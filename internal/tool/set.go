package tool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Set holds everything that a server offers.
type Set struct {
	Tools     []Tool
	Resources []Resource
	Templates []Template
	Prompts   []Prompt
}

// JobTool is the name of the tool with which clients without the Tasks extension wait
// for a job. A set with jobs cannot have another tool of that name.
const JobTool = "job"

// HasJobs reports whether a tool of the set was made by [NewJob].
func (s Set) HasJobs() bool { return slices.ContainsFunc(s.Tools, Tool.IsJob) }

// Check reports all mistakes in the declarations in one error: invalid tags and
// types, duplicate names, and resources, templates and prompts whose Needs is
// not a tool of the set, because no key could ever be allowed to use them.
func (s Set) Check() error {
	c := checker{seen: map[string]bool{}}
	for _, t := range s.Tools {
		c.unique("tool", t.definition.Name)
		c.add("tool", t.Err())
	}
	if s.HasJobs() && c.seen["tool "+JobTool] {
		c.problems = append(c.problems, fmt.Sprintf("tool %q has the name of the tool that waits for jobs: rename it", JobTool))
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
	seen     map[string]bool // kind and name of each declaration so far, such as "tool calculate"
	problems []string
}

func (c *checker) add(kind string, err error) {
	if err != nil {
		c.problems = append(c.problems, kind+" "+err.Error())
	}
}

func (c *checker) unique(kind, name string) {
	if c.seen[kind+" "+name] {
		c.problems = append(c.problems, fmt.Sprintf("%s %q is declared twice", kind, name))
	}
	c.seen[kind+" "+name] = true
}

func (c *checker) needs(kind, name, tool string) {
	if !c.seen["tool "+tool] {
		c.problems = append(c.problems, fmt.Sprintf("%s %q requires tool %q, which is not registered", kind, name, tool))
	}
}
