package cli

import (
	"testing"

	"serverless-mcp/internal/settings"
)

// Two servers, stages or stacks must not share an entry, as they would share
// the variable with the key.
func TestEntryName(t *testing.T) {
	env := &Env{Dir: t.TempDir(), Environ: []string{"SERVER_NAME=sky", "STAGE=dev", "STACK_NAME=Weather"}}
	for want, in := range map[string]Target{
		settings.Settings{ServerName: "sky", Stage: "dev"}.EntryName(): {StackTarget: StackTarget{Given: true}},
		"sky-local":           {Local: true},
		"sky-prod":            {StackTarget: StackTarget{Given: true, Stage: "prod"}},
		"mcp-serverstack-x":   {StackTarget: StackTarget{Given: true, Stack: "Mcp_ServerStack-X"}},
		"mcp-serverstack-x-q": {StackTarget: StackTarget{Given: true, Stack: "Mcp_ServerStack-X", Stage: "q"}},
	} {
		if got := EntryName(env, in); got != want {
			t.Errorf("EntryName(%+v) = %q, want %q", in, got, want)
		}
	}
	if got := EntryName(env, Target{StackTarget: StackTarget{Given: true, Stack: "Weather-dev"}}); got != "sky-dev" {
		t.Errorf("the stack of the settings, by its name: %q, want sky-dev", got)
	}
}
