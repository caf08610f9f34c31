package connect

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/clients/clientconfig"
)

// claudeManaged checks for an administrator's file, which has exclusive control of the
// servers.
func (o *obstacles) claudeManaged() {
	path := filepath.Join(o.claudeMachine(), "managed-mcp.json")
	if o.f.Has(path) && !isEntry(o.entryIn(path)) {
		o.add("ask the administrator of this machine", "%s has exclusive control of the servers, and does not list it", path)
	}
}

// claudeMachine returns the folder for the settings of the whole machine.
func (o *obstacles) claudeMachine() string {
	switch o.f.GOOS {
	case "darwin":
		return "/Library/Application Support/ClaudeCode"
	case "windows":
		return `C:\Program Files\ClaudeCode`
	}
	return "/etc/claude-code"
}

// A claudeSource is one of the files with settings of Claude Code.
type claudeSource struct {
	path     string
	settings map[string]any
	managed  bool // by the administrator
	project  bool // of the project; fully effective only in a trusted folder
}

// claudeSources returns the settings that apply in the project.
func (o *obstacles) claudeSources() []claudeSource {
	machine := o.claudeMachine()
	paths := []string{filepath.Join(machine, "managed-settings.json")}
	more, _ := filepath.Glob(filepath.Join(machine, "managed-settings.d", "*.json")) // only a bad pattern is an error
	paths = append(paths, more...)
	managed := len(paths)
	paths = append(paths, filepath.Join(o.claudeFolder(), "settings.json"))
	if o.f.Project != "" {
		paths = append(paths, filepath.Join(o.f.Project, ".claude", "settings.json"), filepath.Join(o.f.Project, ".claude", "settings.local.json"))
	}
	var all []claudeSource
	for i, path := range paths {
		all = append(all, claudeSource{path, object(o.value(clientconfig.JSON, path)), i < managed, i > managed})
	}
	return all
}

// claudeLists checks the settings, which may deny servers, or allow only some, and deny the
// tools of a server.
func (o *obstacles) claudeLists() {
	var allowed []any
	limited, managedOnly := false, false
	limits := ""
	for _, source := range o.claudeSources() {
		managedOnly = managedOnly || source.managed && source.settings["allowManagedMcpServersOnly"] == true
		denied, _ := source.settings["deniedMcpServers"].([]any)
		if o.isNamed(denied) || o.hasURL(denied) {
			o.add("remove it from that list", "deniedMcpServers lists it, in %s", source.path)
		}
		if list, isList := source.settings["allowedMcpServers"].([]any); isList && (source.managed || !managedOnly) {
			allowed, limited, limits = append(allowed, list...), true, source.path
		}
		rules := texts(object(source.settings["permissions"])["deny"])
		tool := "mcp__" + o.name + "__" + anyTool
		if slices.ContainsFunc(rules, func(rule string) bool { return rule == "mcp__"+o.name || matches(rule, tool) }) {
			o.add("remove it from that list", "permissions.deny lists all of its tools, in %s", source.path)
		}
	}
	if limited && !o.isAllowed(allowed) {
		o.add("add it to that list", "allowedMcpServers does not list it, in %s", limits)
	}
}

// isAllowed reports whether a list allows the entry: by its URL if the list has any
// URL, and otherwise by its name.
func (o *obstacles) isAllowed(list []any) bool {
	if slices.ContainsFunc(list, func(item any) bool { return text(object(item)["serverUrl"]) != "" }) {
		return o.hasURL(list)
	}
	return o.isNamed(list)
}

func (o *obstacles) isNamed(list []any) bool {
	return slices.ContainsFunc(list, func(item any) bool { return object(item)["serverName"] == o.name })
}

func (o *obstacles) hasURL(list []any) bool {
	address := text(o.entryIn(o.path)["url"])
	return slices.ContainsFunc(list, func(item any) bool {
		pattern := text(object(item)["serverUrl"])
		return pattern != "" && (matches(pattern, address) || matches(strings.TrimSuffix(pattern, "/"), strings.TrimSuffix(address, "/")))
	})
}

// claudeProjects checks the entries under projects in the user's file, which take
// precedence over the user's and the project's own entries.
func (o *obstacles) claudeProjects() {
	user := o.c.UserFile(o.f)
	for dir, settings := range object(o.value(o.c.Format, user, "projects")) {
		if _, found := object(object(settings)["mcpServers"])[o.name]; found {
			o.add(fmt.Sprintf("run \"claude mcp remove --scope local %s\" in %s", o.name, dir),
				"in %s, another entry with this name takes precedence, under projects in %s", dir, user)
		}
	}
	if slices.Contains(texts(o.claudeProject()["disabledMcpServers"]), o.name) {
		o.add("enable it by /mcp in Claude Code", "it is disabled in %s", o.f.Project)
	}
}

// claudeApproval checks the approval that Claude Code requires for a server of .mcp.json.
func (o *obstacles) claudeApproval() {
	if !o.inProject() {
		return
	}
	stored := o.claudeProject()
	trusted := stored["hasTrustDialogAccepted"] == true
	var approved, rejected []string
	all := false
	for _, source := range append(o.claudeSources(), claudeSource{settings: stored, project: true}) {
		rejected = append(rejected, texts(source.settings["disabledMcpjsonServers"])...)
		if source.project && !trusted {
			continue // a project cannot approve its own servers
		}
		approved = append(approved, texts(source.settings["enabledMcpjsonServers"])...)
		all = all || source.settings["enableAllProjectMcpServers"] == true
	}
	const ask = "start claude in the project, and approve the server (\"claude mcp reset-project-choices\" makes it ask again)"
	switch {
	case slices.Contains(rejected, o.name):
		o.add(ask, "you have rejected it for this project")
	case !all && !slices.Contains(approved, o.name):
		o.add(ask, "it waits for your approval")
	}
}

// claudeProject returns what Claude Code has stored about the project.
func (o *obstacles) claudeProject() map[string]any {
	for dir, settings := range object(o.value(o.c.Format, o.c.UserFile(o.f), "projects")) {
		if o.f.Project != "" && real(dir) == real(o.f.Project) {
			return object(settings)
		}
	}
	return nil
}

func (o *obstacles) claudeFolder() string {
	if dir := o.f.Env("CLAUDE_CONFIG_DIR"); dir != "" {
		return dir
	}
	return filepath.Join(o.f.Home, ".claude")
}

// claudeMemory is how long Claude Code remembers that a server required authentication, and
// does not try again.
const claudeMemory = 15 * time.Minute

// claudeRefusal checks whether Claude Code remembers that the server required
// authentication. Its cache contains the time in milliseconds by the server's name.
func (o *obstacles) claudeRefusal() {
	path := filepath.Join(o.claudeFolder(), "mcp-needs-auth-cache.json")
	entry, found := object(o.value(clientconfig.JSON, path))[o.name]
	if !found || clientconfig.ForSignin(text(o.entryIn(o.path)["url"])) { // it only waits for the sign-in
		return
	}
	if n, ok := object(entry)["timestamp"].(json.Number); ok {
		if ms, err := n.Int64(); err == nil && o.now.Sub(time.UnixMilli(ms)) > claudeMemory {
			return
		}
	}
	o.add(fmt.Sprintf("remove %q from that file, or run \"claude mcp remove %s\" and connect again", o.name, o.name),
		"it remembers for %.0f minutes that the server rejected it, in %s", claudeMemory.Minutes(), path)
}
