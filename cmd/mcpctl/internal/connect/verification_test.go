package main

import (
	"errors"
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
)

// Two servers, stages or stacks must not share an entry, as they would share
// the variable with the key.
func TestOwnName(t *testing.T) {
	p := &program{dir: t.TempDir(), environ: []string{"SERVER_NAME=sky", "STAGE=dev", "STACK_NAME=Weather"}}
	for want, in := range map[string]target{
		settings.Settings{ServerName: "sky", Stage: "dev"}.EntryName(): {stackTarget: stackTarget{given: true}},
		"sky-local":           {local: true},
		"sky-prod":            {stackTarget: stackTarget{given: true, stage: "prod"}},
		"mcp-serverstack-x":   {stackTarget: stackTarget{given: true, stack: "Mcp_ServerStack-X"}},
		"mcp-serverstack-x-q": {stackTarget: stackTarget{given: true, stack: "Mcp_ServerStack-X", stage: "q"}},
	} {
		if got := p.ownName(in); got != want {
			t.Errorf("ownName(%+v) = %q, want %q", in, got, want)
		}
	}
	if got := p.ownName(target{stackTarget: stackTarget{given: true, stack: "Weather-dev"}}); got != "sky-dev" {
		t.Errorf("the stack of the settings, by its name: %q, want sky-dev", got)
	}
}

func TestEntryNameOfAServer(t *testing.T) {
	refused := errors.New("it was refused")
	for _, c := range []struct {
		proof     proof
		want, err string
	}{
		{proof{tried: true, name: "Weather (test)"}, "weather-test", ""},
		{proof{}, "", "set MCP_API_KEY"},
		{proof{tried: true, err: refused}, "", "it was refused"},
		{proof{tried: true, name: "天気"}, "", `calls itself "天気"`},
		{proof{tried: true, name: "3D"}, "", `calls itself "3D"`},
	} {
		got, err := c.proof.entryName()
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%+v: %q, %v; want %q, an error with %q", c.proof, got, err, c.want, c.err)
		}
		if c.proof.err != nil && !errors.Is(err, refused) {
			t.Errorf("the cause is not in %v, so there is no hint", err)
		}
	}
}
