package upgrade

import (
	"fmt"
	"slices"
	"strings"

	"serverless-mcp/internal/lambdaops/runtimes"
)

func (p *Plan) warn(table runtimes.Table) {
	add := func(format string, args ...any) { p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...)) }
	add("the test runs the function's code with its role, on the copy and on the function, with real effects")
	if stack, ok := p.tags["aws:cloudformation:stack-name"]; ok {
		add("the function belongs to the CloudFormation stack %s: change the runtime there too, or the next deployment reverts it", stack)
	}
	if node, ok := strings.CutPrefix(p.To, "nodejs"); ok && runtimes.Newer("nodejs23.x", p.To) && runtimes.Newer(p.From, "nodejs24.x") {
		add("nodejs%s does not call handlers with a callback: they must be async", node)
	}
	if n := len(p.latest.Layers); n == 1 {
		add("the function keeps its layer: check that it supports %s", p.To)
	} else if n > 1 {
		add("the function keeps its %d layers: check that they support %s", n, p.To)
	}
	if slices.ContainsFunc(p.Aliases, func(a AliasPlan) bool { return a.Action != Leave }) {
		add("callers that use the function without an alias get the new runtime at the update, before the test")
	} else {
		add("callers of the function get the new runtime at the update, before the test, as no alias protects them")
	}
	p.warnOfUsers(add)
	if table.Note != "" {
		add("%s", table.Note)
	}
}

// warnOfUsers names what uses $LATEST, and the versions in use that keep their runtime.
// It leaves out aliases that the plan moves, and their users, which move with them.
func (p *Plan) warnOfUsers(add func(format string, args ...any)) {
	moved := func(name string) bool {
		return slices.ContainsFunc(p.Aliases, func(a AliasPlan) bool {
			return a.Action != Leave && (name == "alias "+a.Name || strings.HasSuffix(name, " of alias "+a.Name))
		})
	}
	for _, name := range p.usage.Latest {
		if !moved(name) {
			add("%s uses $LATEST and gets the new runtime at the update, before the test", name)
		}
	}
	for _, v := range p.usage.Versions {
		if names := slices.DeleteFunc(slices.Clone(v.Users), moved); len(names) > 0 {
			add("version %s keeps its runtime %s, and is in use by %s", v.Number, v.Runtime, strings.Join(names, ", "))
		}
	}
	for _, err := range p.usage.Unread {
		add("other users of the function's versions are unknown: %s", ErrorText(err))
	}
}
