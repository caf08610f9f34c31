package connect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// geminiSystem returns the settings of the whole machine that Gemini CLI or Qwen Code
// reads, later ones taking precedence (packages/cli/src/config/settings.ts of both).
func (o *obstacles) geminiSystem() []string {
	prefix, mac, windows, linux := "GEMINI_CLI", "GeminiCli", "gemini-cli", "gemini-cli"
	if o.c.ID == "qwen" {
		prefix, mac, windows, linux = "QWEN_CODE", "QwenCode", "qwen-code", "qwen-code"
	}
	settings := o.f.Env(prefix + "_SYSTEM_SETTINGS_PATH")
	if settings == "" {
		settings = map[string]string{
			"darwin":  "/Library/Application Support/" + mac + "/settings.json",
			"windows": `C:\ProgramData\` + windows + `\settings.json`,
		}[o.f.GOOS]
	}
	if settings == "" {
		settings = "/etc/" + linux + "/settings.json"
	}
	defaults := o.f.Env(prefix + "_SYSTEM_DEFAULTS_PATH")
	if defaults == "" {
		defaults = filepath.Join(filepath.Dir(settings), "system-defaults.json")
	}
	return []string{defaults, settings}
}

// geminiLists checks the settings of the machine, the user and the project, which may
// exclude servers, or allow only some; all lists apply.
func (o *obstacles) geminiLists() {
	system := o.geminiSystem()
	for _, path := range []string{system[0], o.c.UserFile(o.f), o.c.ProjectFile(o.f), system[1]} {
		mcp := object(o.value(clientconfig.JSON, path, "mcp"))
		allowed, limited := mcp["allowed"].([]any)
		switch {
		case o.isListed(texts(mcp["excluded"])):
			o.add("remove it from that list", "mcp.excluded lists it, in %s", path)
		case limited && !o.isListed(texts(allowed)):
			o.add("add it to that list", "mcp.allowed does not list it, in %s", path)
		}
	}
	o.overridden(system[1:])
	if o.c.ID == "qwen" {
		return // it has no such file
	}
	path := filepath.Join(filepath.Dir(o.c.UserFile(o.f)), "mcp-server-enablement.json")
	if isDisabled(object(o.value(clientconfig.JSON, path, o.name))) {
		o.add("run \"gemini mcp enable "+o.name+"\"", "it is disabled, in %s", path)
	}
}

// isListed reports whether a list contains the entry's name or, for Qwen Code, a pattern
// with * and ? that matches the name.
func (o *obstacles) isListed(list []string) bool {
	return slices.ContainsFunc(list, func(item string) bool {
		return item == o.name || o.c.ID == "qwen" && matches(item, o.name)
	})
}

// geminiTrust checks whether the folder is trusted: otherwise all servers are disabled.
// Qwen Code asks for trust only if the setting is on, Gemini CLI unless it is off.
func (o *obstacles) geminiTrust() {
	if o.f.Project == "" || o.trustIsOff() {
		return
	}
	if o.c.ID == "gemini" {
		switch {
		case o.f.Env("GEMINI_RESTRICTED_MODE") == "true" || o.f.Env("GEMINI_CLI_TRUST_WORKSPACE") == "false":
			o.add("unset GEMINI_RESTRICTED_MODE and GEMINI_CLI_TRUST_WORKSPACE", "a variable makes every folder untrusted, and the client disables all servers in untrusted folders, including your own")
			return
		case o.f.Env("GEMINI_CLI_TRUST_WORKSPACE") == "true":
			return
		}
	}
	if !o.trusts(o.trustFile()) {
		o.add("start it there, and trust the folder", "%s is not a trusted folder, and the client disables all servers there, including your own", o.f.Project)
	}
}

// trustIsOff reports whether the client does not ask for trust. The machine's settings take
// precedence over the user's; a project cannot trust itself.
func (o *obstacles) trustIsOff() bool {
	enabled := o.c.ID == "gemini"
	system := o.geminiSystem()
	for _, path := range []string{system[0], o.c.UserFile(o.f), system[1]} {
		if on, isSet := object(o.value(clientconfig.JSON, path, "security", "folderTrust"))["enabled"].(bool); isSet {
			enabled = on
		}
	}
	return !enabled
}

// trustFile returns the file that lists trusted folders.
func (o *obstacles) trustFile() string {
	variable := map[string]string{"gemini": "GEMINI_CLI_TRUSTED_FOLDERS_PATH", "qwen": "QWEN_CODE_TRUSTED_FOLDERS_PATH"}[o.c.ID]
	if path := o.f.Env(variable); path != "" {
		return path
	}
	return filepath.Join(filepath.Dir(o.c.UserFile(o.f)), "trustedFolders.json")
}

// trusts reports whether the project is trusted. The rule for the nearest folder applies;
// of two rules for the same folder, the one that denies trust.
func (o *obstacles) trusts(path string) bool {
	trusted, nearest := false, -1
	for dir, level := range object(o.value(clientconfig.JSON, path)) {
		if level == "TRUST_PARENT" {
			dir = filepath.Dir(dir)
		}
		dir = real(dir)
		if !isBelow(real(o.f.Project), dir) {
			continue
		}
		denies := level == "DO_NOT_TRUST"
		if len(dir) > nearest || len(dir) == nearest && denies {
			trusted, nearest = !denies, len(dir)
		}
	}
	return trusted
}

// qwenApproval checks the approval that Qwen Code requires for a project's servers. It is
// bound to the entry. A .mcp.json of the project takes precedence over the user's settings,
// and needs approval too.
func (o *obstacles) qwenApproval() {
	if o.c.ID != "qwen" || o.f.Project == "" {
		return
	}
	if !o.inProject() {
		o.overridden([]string{filepath.Join(o.f.Project, ".mcp.json")})
		return
	}
	path := o.f.Env("QWEN_CODE_MCP_APPROVALS_PATH")
	if path == "" {
		path = filepath.Join(filepath.Dir(o.c.UserFile(o.f)), "mcpApprovals.json")
	}
	record := object(o.value(clientconfig.JSON, path, o.f.Project, o.name))
	const approve = "in the project, run \"qwen mcp approve "
	switch {
	case record["status"] == "rejected":
		o.add(approve+o.name+"\"", "you have rejected it for this project")
	case record["status"] != "approved":
		o.add(approve+o.name+"\"", "it waits for your approval")
	case !o.isApproved(text(record["hash"])):
		o.add(approve+o.name+"\"", "it was changed since you approved it, and waits for your approval again")
	}
}

// isApproved reports whether a hash is that of the entry (hashMcpServerConfig in
// packages/core/src/mcp/configHash.ts). If the entry refers to a variable that is unset
// here, the client's hash is unknown, and the result is true.
func (o *obstacles) isApproved(hash string) bool {
	entry := o.entryIn(o.path)
	flat, err := json.Marshal(entry)
	if err != nil || firstUnset(string(flat), o.f.Env) != "" {
		return true
	}
	behavior := map[string]any{}
	for name, value := range entry {
		if name != "scope" && name != "extensionName" && name != "description" {
			behavior[name] = expanded(value, o.f.Env)
		}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(behavior) != nil {
		return true
	}
	sum := sha256.Sum256([]byte(strings.TrimSuffix(b.String(), "\n")))
	return hex.EncodeToString(sum[:]) == hash
}

// expanded returns a value in which references are replaced with the values of variables,
// at any depth.
func expanded(value any, getenv func(string) string) any {
	switch v := value.(type) {
	case string:
		return os.Expand(v, getenv)
	case []any:
		all := make([]any, 0, len(v))
		for _, item := range v {
			all = append(all, expanded(item, getenv))
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for name, item := range v {
			all[name] = expanded(item, getenv)
		}
		return all
	}
	return value
}

// firstUnset returns the first unset variable to which a text refers, "" if none is unset.
func firstUnset(text string, getenv func(string) string) string {
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		if name := strings.Join(m[1:], ""); getenv(name) == "" {
			return name
		}
	}
	return ""
}
