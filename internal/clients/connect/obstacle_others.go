package connect

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// codexTrust checks whether the project is trusted: otherwise its file is ignored.
func (o *obstacles) codexTrust() {
	if o.inProject() && object(o.value(o.c.Format, o.c.UserFile(o.f), "projects", o.f.Project))["trust_level"] != "trusted" {
		o.add("start codex in the project, and trust it", "the project is not trusted, so its file is ignored")
	}
}

// codexRequirements checks an administrator's list of servers, which disables all other
// servers, and those whose URL differs from the list's.
func (o *obstacles) codexRequirements() {
	if o.f.GOOS == "windows" {
		return // the folder of the list depends on the machine
	}
	const path = "/etc/codex/requirements.toml"
	servers, limited := object(o.value(clientconfig.TOML, path))["mcp_servers"].(map[string]any)
	if !limited {
		return
	}
	identity := object(object(servers[o.name])["identity"])
	if text(identity["url"]) == "" || text(identity["url"]) != text(o.entryIn(o.path)["url"]) {
		o.add("ask the administrator of this machine", "the list of servers in %s does not contain it", path)
	}
}

// copilotDisabled checks the list of disabled servers in the settings.
func (o *obstacles) copilotDisabled() {
	for _, name := range []string{"settings.json", "config.json"} {
		path := filepath.Join(filepath.Dir(o.c.UserFile(o.f)), name)
		if slices.Contains(texts(object(o.value(clientconfig.JSON, path))["disabledMcpServers"]), o.name) {
			o.add("enable it by /mcp in GitHub Copilot CLI", "disabledMcpServers lists it, in %s", path)
			return
		}
	}
}

// copilotTrust checks whether the folder is trusted: otherwise the project's file is ignored.
func (o *obstacles) copilotTrust() {
	if !o.inProject() {
		return
	}
	var folders []string
	for _, name := range []string{"settings.json", "config.json"} {
		m := object(o.value(clientconfig.JSON, filepath.Join(filepath.Dir(o.c.UserFile(o.f)), name)))
		folders = slices.Concat(folders, texts(m["trusted_folders"]), texts(m["trustedFolders"]))
	}
	if !slices.ContainsFunc(folders, func(dir string) bool { return o.isHere(dir) }) {
		o.add("start copilot in the project, and trust the folder", "the project is not a trusted folder, so its file is ignored")
	}
}

// crushFiles returns the files that Crush merges over the one at path: the file in its data
// folder, the project's file with the second name, and the file that it has written for the
// project.
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

// below returns the path of name in dir, or "" if dir is "".
func below(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// continueFiles returns the other files in the folder: Continue reads all of them, and uses
// any of the entries with the same name.
func (o *obstacles) continueFiles() []string {
	all, _ := filepath.Glob(filepath.Join(filepath.Dir(o.path), "*.json")) // a bad pattern finds none
	return slices.DeleteFunc(all, func(path string) bool { return path == o.path })
}

// vscodeAccess checks whether VS Code is set to use no MCP server, or only those of a
// registry.
func (o *obstacles) vscodeAccess() {
	var paths []string
	local, _ := clientconfig.Find("vscode-local") // whose file is in the folder of VS Code's own settings
	if file := local.UserFile(o.f); file != "" {
		paths = append(paths, filepath.Join(filepath.Dir(file), "settings.json"))
	}
	if o.f.Project != "" {
		paths = append(paths, filepath.Join(o.f.Project, ".vscode", "settings.json"))
	}
	for _, path := range paths {
		m := object(o.value(clientconfig.JSON, path))
		switch {
		case m["chat.mcp.enabled"] == false:
			o.add("remove chat.mcp.enabled there", "chat.mcp.enabled is false, in %s", path)
		case m["chat.mcp.access"] == "none" || m["chat.mcp.access"] == "registry":
			o.add("set chat.mcp.access to all there", "chat.mcp.access is %s, in %s", text(m["chat.mcp.access"]), path)
		}
	}
}

// opencodeFiles checks what opencode, and Kilo Code, which is based on it, merges over the
// file at path: a file named by a variable, the text of another variable, the project's
// other folder, and the files of the whole machine.
func (o *obstacles) opencodeFiles() {
	prefix, name := "OPENCODE", "opencode"
	if o.c.ID == "kilo" {
		prefix, name = "KILO", "kilo"
	}
	var others []string
	both := func(dir string) {
		others = append(others, filepath.Join(dir, name+".json"), filepath.Join(dir, name+".jsonc"))
	}
	if file := o.f.Env(prefix + "_CONFIG"); file != "" && !o.inProject() {
		others = append(others, file)
	}
	if o.f.Project != "" {
		both(filepath.Join(o.f.Project, "."+name))
		if name == "kilo" {
			both(filepath.Join(o.f.Project, ".kilocode"))
		}
	}
	if dir := o.f.Env(prefix + "_CONFIG_DIR"); dir != "" {
		both(dir)
	}
	switch o.f.GOOS {
	case "darwin":
		both("/Library/Application Support/" + name)
	case "windows":
		both(filepath.Join(cmp.Or(o.f.Env("ProgramData"), `C:\ProgramData`), name))
	default:
		both("/etc/" + name)
	}
	o.overridden(others)
	variable := prefix + "_CONFIG_CONTENT"
	data, _, err := configfile.Get(clientconfig.JSON, []byte(o.f.Env(variable)), entryPath(o.c, o.name))
	if entry := object(data); err == nil && (isEntry(entry) || isDisabled(entry)) {
		o.add("remove it from "+variable, "another entry with this name takes precedence, in the variable %s", variable)
	}
}

// opencodeTools looks for patterns that disable or deny all tools of the entry.
func (o *obstacles) opencodeTools() {
	for _, path := range []string{o.c.UserFile(o.f), o.c.ProjectFile(o.f)} {
		for member, off := range map[string]any{"tools": false, "permission": "deny"} {
			for pattern, value := range object(object(o.value(clientconfig.JSON, path))[member]) {
				if value == off && matches(pattern, o.name+"_"+anyTool) {
					o.add("remove it there", "%s switches off all of its tools by %q, in %s", member, pattern, path)
				}
			}
		}
	}
}

// ampPermissions checks the rules for servers, of which the first that matches applies.
func (o *obstacles) ampPermissions() {
	address := text(o.entryIn(o.path)["url"])
	managed := map[string]string{"darwin": "/Library/Application Support/ampcode/managed-settings.json", "linux": "/etc/ampcode/managed-settings.json"}[o.f.GOOS]
	for _, path := range []string{managed, o.c.UserFile(o.f), o.c.ProjectFile(o.f)} {
		rules, _ := object(o.value(clientconfig.JSON, path))["amp.mcpPermissions"].([]any)
		for _, rule := range rules {
			pattern := text(object(object(rule)["matches"])["url"])
			if pattern == "" || !matches(pattern, address) {
				continue
			}
			if object(rule)["action"] == "reject" {
				o.add("remove that rule, or put one with the action allow before it", "amp.mcpPermissions rejects its URL by %q, in %s", pattern, path)
			}
			break
		}
	}
}

// anyTool stands for the name of any tool. It is in no list, so only a pattern for all
// tools of a server matches it.
const anyTool = "\x01"

// matches reports whether a pattern with * (any characters) and ? (one character)
// matches the whole text.
func matches(pattern, text string) bool {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(quoted)
	return regexp.MustCompile(`(?s)^` + quoted + `$`).MatchString(text) // a quoted pattern is valid
}
