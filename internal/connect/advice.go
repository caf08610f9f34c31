package connect

import (
	"strings"

	"serverless-mcp/internal/clientconfig"
)

// Advice says how the key gets from the user to the client on an operating
// system (a GOOS): commands to paste, none of which has the key in it, and
// what they do not do. keyFile is a file that holds the key, "" if there is
// none. For a client that needs no variable it says what will happen instead.
func Advice(c clientconfig.Client, s clientconfig.Server, goos, keyFile string) string {
	switch {
	case s.Key != "":
		return "Quit " + c.Name + " entirely and start it again."
	case c.Asks:
		return c.Name + " asks for the key when it first starts the server: paste it there. It keeps it safe."
	case goos == "windows":
		return windowsAdvice(c, s.Variable(), keyFile)
	case c.Terminal:
		return shellAdvice(c, s.Variable(), keyFile, goos)
	case goos == "darwin":
		return macAdvice(c, s.Variable(), keyFile)
	}
	return linuxAdvice(c, s.Variable(), keyFile)
}

// ask reads the key without showing it, in bash and zsh, into the variable.
func ask(variable, keyFile string) string {
	if keyFile != "" {
		return variable + "=\"$(cat " + quote(keyFile) + ")\""
	}
	return "read -rs " + variable
}

func paste(keyFile string) string {
	if keyFile != "" {
		return ""
	}
	return " (then paste the key, and press Enter)"
}

func shellAdvice(c clientconfig.Client, v, keyFile, goos string) string {
	rc := "~/.bashrc"
	if goos == "darwin" {
		rc = "~/.zshrc"
	}
	return "In the terminal that starts " + c.Name + paste(keyFile) + ":\n" +
		"  " + ask(v, keyFile) + " && export " + v + "\n" +
		"It lasts as long as the terminal. For all of them, export " + v + " in " + rc + "."
}

func macAdvice(c clientconfig.Client, v, keyFile string) string {
	return "Programs of the desktop do not see a shell's variables. In a terminal" + paste(keyFile) + ":\n" +
		"  " + ask(v, keyFile) + " && launchctl setenv " + v + " \"$" + v + "\"\n" +
		"It lasts until you restart the Mac; to have it set at each login, let a LaunchAgent run launchctl setenv.\n" +
		"Then quit " + c.Name + " entirely and start it again."
}

func linuxAdvice(c clientconfig.Client, v, keyFile string) string {
	file := "~/.config/environment.d/" + strings.ToLower(strings.ReplaceAll(v, "_", "-")) + ".conf"
	return "Programs of the desktop do not see a shell's variables. In a terminal" + paste(keyFile) + ":\n" +
		"  mkdir -p ~/.config/environment.d && " + ask(v, keyFile) + " && (umask 077; echo \"" + v + "=$" + v + "\" >" + file + ")\n" +
		"It counts from your next login, and stays. For this session: start " + c.Name + " from a terminal that exports " + v + "."
}

func windowsAdvice(c clientconfig.Client, v, keyFile string) string {
	key := "(Read-Host 'Key')"
	if keyFile != "" {
		key = "(Get-Content '" + strings.ReplaceAll(keyFile, "'", "''") + "')"
	}
	again := "Then quit " + c.Name + " entirely and start it again."
	if c.Terminal {
		again = "Then start " + c.Name + " in a new terminal."
	}
	return "In PowerShell:\n" +
		"  [Environment]::SetEnvironmentVariable('" + v + "', " + key + ", 'User')\n" +
		"It stays, and programs that are started from now on see it. " + again
}

// quote quotes a path for a shell where it needs it.
func quote(path string) string {
	if strings.ContainsAny(path, " '\"$&();<>|*?`\\") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
