package connect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// An Obstacle keeps a client from using an entry, although it is written
// correctly.
type Obstacle struct {
	What string // the end of a sentence that begins with the client's name: "… will not use the entry: …"
	Do   string // what removes it
}

// Obstacles looks for what keeps the client from using the entry of that name in
// the file at path: it is disabled, another file or scope wins, the folder is
// not trusted, the entry waits for approval, or the client remembers a refusal.
func Obstacles(c clientconfig.Client, name, path string, f clientconfig.Folders, now time.Time) []Obstacle {
	o := obstacles{c: c, name: name, path: path, f: f, now: now}
	o.disabled()
	o.shadowed()
	switch c.ID {
	case "claude-code":
		o.claudeProjects()
		o.claudeApproval()
		o.claudeRefusal()
	case "codex":
		o.codexTrust()
	case "gemini", "qwen":
		o.geminiLists()
		o.geminiTrust()
	case "copilot":
		o.copilotTrust()
	case "crush":
		o.winning(o.crushFiles())
	case "continue":
		o.winning(o.continueFiles())
	}
	return o.all
}

type obstacles struct {
	c          clientconfig.Client
	name, path string
	f          clientconfig.Folders
	now        time.Time
	all        []Obstacle
}

func (o *obstacles) add(do, format string, args ...any) {
	o.all = append(o.all, Obstacle{fmt.Sprintf(format, args...), do})
}

func (o *obstacles) inProject() bool { return o.path == o.c.ProjectFile(o.f) }

// value reads a value of a file; nil if there is none or the file is not valid.
func value(f clientconfig.Format, path string, at ...string) any {
	file, err := configfile.Open(path)
	if err != nil || !file.Exists {
		return nil
	}
	v, _, err := configfile.Get(f, file.Text, at)
	if err != nil {
		return nil
	}
	return v
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }

func (o *obstacles) entryIn(path string) map[string]any {
	return object(value(o.c.Format, path, entryPath(o.c, o.name)...))
}

func isDisabled(entry map[string]any) bool {
	return entry["disabled"] == true || entry["enabled"] == false
}

func (o *obstacles) disabled() {
	if isDisabled(o.entryIn(o.path)) {
		o.add("enable it in the client, or in "+o.path, "it is disabled there")
	}
}

// shadowed looks at the files that win over the one at path: the project's over
// the user's, and a file of the same folder with another name.
func (o *obstacles) shadowed() {
	others := o.c.Twins(o.path)
	if project := o.c.ProjectFile(o.f); project != "" && !o.inProject() {
		others = append(others, project)
		others = append(others, o.c.Twins(project)...)
	}
	o.winning(others)
}

// winning looks for another entry of the name in files that win over the one at
// path, or may.
func (o *obstacles) winning(others []string) {
	mine := o.entryIn(o.path)
	for _, other := range others {
		entry := o.entryIn(other)
		if !isEntry(entry) && !isDisabled(entry) || configfile.Equal(entry, mine) {
			continue
		}
		what := "another entry of the name wins, in " + other
		if isDisabled(entry) {
			what += ", and is disabled"
		}
		o.add("remove or correct that one", "%s", what)
	}
}

// crushFiles returns the files that Crush merges over the one at path: its own
// data's, the project's second name, and what it has written for the project.
func (o *obstacles) crushFiles() []string {
	data := cmp.Or(o.f.Env("CRUSH_GLOBAL_DATA"), below(o.f.Env("XDG_DATA_HOME"), "crush"))
	if data == "" && o.f.GOOS == "windows" {
		data = below(cmp.Or(o.f.Env("LOCALAPPDATA"), filepath.Join(o.f.Home, "AppData", "Local")), "crush")
	}
	if data == "" {
		data = filepath.Join(o.f.Home, ".local", "share", "crush")
	}
	var all []string
	if !o.inProject() {
		all = append(all, filepath.Join(data, "crush.json"))
	}
	if o.f.Project != "" {
		all = append(all, filepath.Join(o.f.Project, ".crush.json"), filepath.Join(o.f.Project, ".crush", "crush.json"))
	}
	return all
}

// below is name in dir, or "" if dir is.
func below(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// continueFiles returns the other files of the folder: Continue reads them all,
// and of entries with the same name it takes any.
func (o *obstacles) continueFiles() []string {
	all, _ := filepath.Glob(filepath.Join(filepath.Dir(o.path), "*.json")) // a bad pattern finds none
	return slices.DeleteFunc(all, func(path string) bool { return path == o.path })
}

// claudeProjects looks at the entries under projects in the user's file, which
// win over the user's and the project's own.
func (o *obstacles) claudeProjects() {
	user := o.c.UserFile(o.f)
	for dir, settings := range object(value(o.c.Format, user, "projects")) {
		if _, found := object(object(settings)["mcpServers"])[o.name]; found {
			o.add(fmt.Sprintf("run \"claude mcp remove --scope local %s\" in %s", o.name, dir),
				"in %s, another entry of the name wins, under projects in %s", dir, user)
		}
		if o.isHere(dir) && slices.Contains(texts(object(settings)["disabledMcpServers"]), o.name) {
			o.add("enable it by /mcp in Claude Code", "it is disabled in %s", dir)
		}
	}
}

// isHere reports whether dir is the project, or the folder that it is in.
func (o *obstacles) isHere(dir string) bool {
	return o.f.Project != "" && (real(dir) == real(o.f.Project) || isBelow(real(o.f.Project), real(dir)))
}

// claudeApproval: Claude Code asks before it starts a server of .mcp.json.
func (o *obstacles) claudeApproval() {
	if !o.inProject() {
		return
	}
	var approved, rejected []string
	all := false
	sources := []any{
		value(clientconfig.JSON, o.c.UserFile(o.f), "projects", o.f.Project),
		value(clientconfig.JSON, filepath.Join(o.claudeFolder(), "settings.json")),
		value(clientconfig.JSON, filepath.Join(o.f.Project, ".claude", "settings.json")),
		value(clientconfig.JSON, filepath.Join(o.f.Project, ".claude", "settings.local.json")),
	}
	for _, source := range sources {
		m := object(source)
		approved = append(approved, texts(m["enabledMcpjsonServers"])...)
		rejected = append(rejected, texts(m["disabledMcpjsonServers"])...)
		all = all || m["enableAllProjectMcpServers"] == true
	}
	const ask = "start claude in the project, and approve the server (\"claude mcp reset-project-choices\" makes it ask again)"
	switch {
	case slices.Contains(rejected, o.name):
		o.add(ask, "you have rejected it for this project")
	case !all && !slices.Contains(approved, o.name):
		o.add(ask, "it waits for your approval")
	}
}

func (o *obstacles) claudeFolder() string {
	if dir := o.f.Env("CLAUDE_CONFIG_DIR"); dir != "" {
		return dir
	}
	return filepath.Join(o.f.Home, ".claude")
}

// claudeMemory is how long Claude Code remembers that a server wanted
// authentication, without asking it again.
const claudeMemory = 15 * time.Minute

// claudeRefusal: the cache has the time in milliseconds by the server's name.
func (o *obstacles) claudeRefusal() {
	path := filepath.Join(o.claudeFolder(), "mcp-needs-auth-cache.json")
	entry, found := object(value(clientconfig.JSON, path))[o.name]
	if !found || clientconfig.ForSignin(text(o.entryIn(o.path)["url"])) { // where it only waits for the sign-in
		return
	}
	if n, ok := object(entry)["timestamp"].(json.Number); ok {
		if ms, err := n.Int64(); err == nil && o.now.Sub(time.UnixMilli(ms)) > claudeMemory {
			return
		}
	}
	o.add(fmt.Sprintf("remove %q from that file, or run \"claude mcp remove %s\" and connect again", o.name, o.name),
		"it remembers for %.0f minutes that the server refused it, in %s", claudeMemory.Minutes(), path)
}

// codexTrust: a project's file counts in trusted projects only.
func (o *obstacles) codexTrust() {
	if o.inProject() && object(value(o.c.Format, o.c.UserFile(o.f), "projects", o.f.Project))["trust_level"] != "trusted" {
		o.add("start codex in the project, and trust it", "the project is not trusted, so its file does not count")
	}
}

// geminiLists: settings may exclude servers, or allow only some.
func (o *obstacles) geminiLists() {
	for _, path := range []string{o.c.UserFile(o.f), o.c.ProjectFile(o.f)} {
		if path == "" {
			continue
		}
		mcp := object(value(clientconfig.JSON, path, "mcp"))
		allowed, limited := mcp["allowed"].([]any)
		switch {
		case slices.Contains(texts(mcp["excluded"]), o.name):
			o.add("remove it from that list", "mcp.excluded has it, in %s", path)
		case limited && !slices.Contains(texts(allowed), o.name):
			o.add("add it to that list", "mcp.allowed lacks it, in %s", path)
		}
	}
	path := filepath.Join(filepath.Dir(o.c.UserFile(o.f)), "mcp-server-enablement.json")
	if isDisabled(object(value(clientconfig.JSON, path, o.name))) {
		o.add("run \"gemini mcp enable "+o.name+"\"", "it is disabled, in %s", path)
	}
}

// geminiTrust: in a folder that is not trusted, all servers are disabled. Qwen
// Code asks only if the setting is on; Gemini CLI unless it is off.
func (o *obstacles) geminiTrust() {
	user := o.c.UserFile(o.f)
	enabled := object(value(clientconfig.JSON, user, "security", "folderTrust"))["enabled"]
	if o.f.Project == "" || enabled == false || o.c.ID == "qwen" && enabled != true {
		return
	}
	trusted := false
	for dir, level := range object(value(clientconfig.JSON, filepath.Join(filepath.Dir(user), "trustedFolders.json"))) {
		if level == "TRUST_PARENT" {
			dir = filepath.Dir(dir)
		}
		trusted = trusted || level != "DO_NOT_TRUST" && (real(dir) == real(o.f.Project) || isBelow(real(o.f.Project), real(dir)))
	}
	if !trusted {
		o.add("start it there, and trust the folder", "%s is not a trusted folder, where it disables all servers, your own too", o.f.Project)
	}
}

// copilotTrust: a project's file counts in trusted folders only.
func (o *obstacles) copilotTrust() {
	if !o.inProject() {
		return
	}
	config := object(value(clientconfig.JSON, filepath.Join(filepath.Dir(o.c.UserFile(o.f)), "config.json")))
	folders := append(texts(config["trusted_folders"]), texts(config["trustedFolders"])...)
	if !slices.ContainsFunc(folders, func(dir string) bool { return o.isHere(dir) }) {
		o.add("start copilot in the project, and trust the folder", "the project is not a trusted folder, so its file does not count")
	}
}
