package connect

import (
	"fmt"
	"time"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// An Obstacle prevents a client from using an entry that is written correctly.
type Obstacle struct {
	What string // the end of a sentence that begins with the client's name: "… will not use the entry: …"
	Do   string // how to remove the obstacle
}

// Obstacles returns what prevents the client from using the entry with that name in the
// file at path: the entry is disabled, a list or a policy excludes it, another file or
// scope takes precedence, the folder is not trusted, the entry waits for approval, or the
// client remembers a rejection. Settings in the client's online account are not known here.
func Obstacles(c clientconfig.Client, name, path string, f clientconfig.Folders, now time.Time) []Obstacle {
	return obstaclesOf(c, name, path, f, now, fileCache{})
}

func obstaclesOf(c clientconfig.Client, name, path string, f clientconfig.Folders, now time.Time, read fileCache) []Obstacle {
	o := obstacles{c: c, name: name, path: path, f: f, now: now, read: read}
	o.disabled()
	o.noTools()
	o.shadowed()
	switch c.ID {
	case "vscode", "vscode-local":
		o.vscodeAccess()
	case "claude-code":
		o.claudeManaged()
		o.claudeLists()
		o.claudeProjects()
		o.claudeApproval()
		o.claudeRefusal()
	case "codex":
		o.codexTrust()
		o.codexRequirements()
	case "gemini", "qwen":
		o.geminiLists()
		o.geminiTrust()
		o.qwenApproval()
	case "copilot":
		o.copilotDisabled()
		o.copilotTrust()
	case "opencode", "opencode-2", "kilo":
		o.opencodeFiles()
		o.opencodeTools()
	case "amp":
		o.ampPermissions()
	case "crush":
		o.overridden(o.crushFiles())
	case "continue":
		o.overridden(o.continueFiles())
	}
	return o.all
}

// obstacles collects the obstacles of one entry.
type obstacles struct {
	c          clientconfig.Client
	name, path string
	f          clientconfig.Folders
	now        time.Time
	read       fileCache
	all        []Obstacle
}

func (o *obstacles) add(do, format string, args ...any) {
	o.all = append(o.all, Obstacle{fmt.Sprintf(format, args...), do})
}

func (o *obstacles) inProject() bool { return o.path == o.c.ProjectFile(o.f) }

// isHere reports whether dir is the project's folder, or a folder above it.
func (o *obstacles) isHere(dir string) bool {
	return o.f.Project != "" && (real(dir) == real(o.f.Project) || isBelow(real(o.f.Project), real(dir)))
}

// value reads a value of a file; nil if there is none or the file is not valid.
func (o *obstacles) value(f clientconfig.Format, path string, at ...string) any {
	return o.read.value(f, path, at)
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }

func (o *obstacles) entryIn(path string) map[string]any {
	return object(o.value(o.c.Format, path, entryPath(o.c, o.name)...))
}

func isDisabled(entry map[string]any) bool {
	return entry["disabled"] == true || entry["enabled"] == false
}

func (o *obstacles) disabled() {
	if isDisabled(o.entryIn(o.path)) {
		o.add("enable it in the client, or in "+o.path, "it is disabled in this file")
	}
}

// toolLists are the members of an entry that list the tools to offer, by client. An empty
// list means no tools; in Goose, which is not in the map, it means all tools.
var toolLists = map[string]string{
	"gemini": "includeTools", "qwen": "includeTools", "codex": "enabled_tools", "copilot": "tools", "vscode": "tools",
}

// noTools checks whether the list of tools is empty.
func (o *obstacles) noTools() {
	member := toolLists[o.c.ID]
	if list, isList := o.entryIn(o.path)[member].([]any); isList && len(list) == 0 {
		o.add("name its tools there, or remove "+member, "its %s is an empty list, so it offers none of its tools", member)
	}
}

// shadowed checks the files that take precedence over the one at path: the project's file
// over the user's, and a file with another name in the same folder.
func (o *obstacles) shadowed() {
	others := o.c.Twins(o.path)
	if project := o.c.ProjectFile(o.f); project != "" && !o.inProject() {
		others = append(others, project)
		others = append(others, o.c.Twins(project)...)
	}
	o.overridden(others)
}

// overridden looks for another entry with the name in files that take precedence over the
// one at path, or may do so.
func (o *obstacles) overridden(others []string) {
	mine := o.entryIn(o.path)
	for _, other := range others {
		entry := o.entryIn(other)
		if !isEntry(entry) && !isDisabled(entry) || configfile.Equal(entry, mine) {
			continue
		}
		what := "another entry with this name takes precedence, in " + other
		if isDisabled(entry) {
			what += ", and is disabled"
		}
		o.add("remove or correct that one", "%s", what)
	}
}
