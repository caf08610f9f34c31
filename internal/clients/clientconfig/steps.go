package clientconfig

import (
	"strings"
	"unicode"
)

// A Step is an instruction for making the key available to a client. Commands are for the
// system's usual shell, and never contain the key.
type Step struct {
	Text    string
	Command string // to paste, shown below the text; empty: none
}

// Steps returns how the user makes the key available to the client on an operating system
// (a GOOS), and how long that lasts. keyFile is a file that contains the key, "" if there
// is none. For a client that needs no variable, the steps say what happens instead.
func (c Client) Steps(s Server, goos, keyFile string) []Step {
	v := variableSteps{c: c, name: s.Variable(), keyFile: keyFile}
	switch {
	case s.Signin:
		return c.loginSteps(s)
	case s.Key != "" || !c.HidesKey():
		return []Step{{Text: "Quit " + c.Name + " entirely and start it again."}}
	case c.Asks:
		return []Step{{Text: c.Name + " asks for the key when it first starts the server: paste it there. The client stores it securely."}}
	case goos == "windows":
		return v.windows()
	case c.Terminal:
		return v.shell(goos)
	case goos == "darwin":
		return v.mac()
	}
	return v.linux()
}

// loginSteps returns how a person signs in; nil if the client cannot sign in.
func (c Client) loginSteps(s Server) []Step {
	if !c.SignsIn() {
		return nil
	}
	return []Step{c.login(s.Name)}
}

// browserOpens returns the step for clients that open the browser as soon as they use
// the server.
func browserOpens(text string) func(string) Step {
	return func(string) Step { return Step{Text: text + " A browser opens, in which you sign in."} }
}

// loginCommand returns the step for clients that have a command to sign in.
func loginCommand(text, command string) func(string) Step {
	return func(name string) Step { return Step{Text: text, Command: command + " " + name} }
}

// variableSteps builds the steps that set a variable for a client.
type variableSteps struct {
	c             Client
	name, keyFile string
}

// ask returns a command for bash and zsh that reads the key without showing it.
func (v variableSteps) ask() string {
	if v.keyFile != "" {
		return v.name + "=\"$(cat " + QuoteShell(v.keyFile) + ")\""
	}
	return "read -rs " + v.name
}

func (v variableSteps) paste() string {
	if v.keyFile != "" {
		return ":"
	}
	return ", then paste the key and press Enter:"
}

func (v variableSteps) restart() string {
	return "Then quit " + v.c.Name + " entirely and start it again."
}

func (v variableSteps) shell(goos string) []Step {
	rc := "~/.bashrc"
	if goos == "darwin" {
		rc = "~/.zshrc"
	}
	return []Step{
		{"Run this in the terminal that starts " + v.c.Name + v.paste(), v.ask() + " && export " + v.name},
		{Text: "It lasts as long as the terminal. For all terminals, export " + v.name + " in " + rc + "."},
	}
}

func (v variableSteps) mac() []Step {
	return []Step{
		{"Programs started from the desktop do not see a shell's variables. Run this in a terminal" + v.paste(),
			v.ask() + " && launchctl setenv " + v.name + " \"$" + v.name + "\""},
		{Text: "It lasts until you restart the Mac; to have it set at each login, let a LaunchAgent run launchctl setenv."},
		{Text: v.restart()},
	}
}

func (v variableSteps) linux() []Step {
	file := "~/.config/environment.d/" + strings.ToLower(strings.ReplaceAll(v.name, "_", "-")) + ".conf"
	return []Step{
		{"Programs started from the desktop do not see a shell's variables. Run this in a terminal" + v.paste(),
			"mkdir -p ~/.config/environment.d && " + v.ask() + " && (umask 077; echo \"" + v.name + "=$" + v.name + "\" >" + file + ")"},
		{Text: "It takes effect at your next login, and stays. For this session: start " + v.c.Name + " from a terminal that exports " + v.name + "."},
	}
}

func (v variableSteps) windows() []Step {
	key := "(Read-Host 'Key')"
	if v.keyFile != "" {
		key = "(Get-Content '" + strings.ReplaceAll(v.keyFile, "'", "''") + "')"
	}
	again := v.restart()
	if v.c.Terminal {
		again = "Then start " + v.c.Name + " in a new terminal."
	}
	return []Step{
		{"Run this in PowerShell" + v.paste(), "[Environment]::SetEnvironmentVariable('" + v.name + "', " + key + ", 'User')"},
		{Text: "It is permanent, and programs started from now on see it. " + again},
	}
}

// QuoteShell quotes a path for a POSIX shell, unless no shell treats any of its characters
// specially.
func QuoteShell(path string) string {
	special := func(r rune) bool {
		return r != '/' && r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	if path == "" || strings.ContainsFunc(path, special) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
