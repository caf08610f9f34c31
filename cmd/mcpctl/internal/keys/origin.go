package keys

import (
	"cmp"
	"regexp"
	"strings"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/deploy/deployed"
)

// byDefault means that neither a flag nor a setting names the stack.
const byDefault = "by default"

// namedBy returns the flag or setting that names the stack.
func namedBy(t cli.StackTarget, values map[string]string) string {
	switch {
	case t.Stack != "":
		return "--stack"
	case t.Stage != "":
		return "--stage"
	case values["STAGE"] != "":
		return "STAGE"
	case values["STACK_NAME"] != "":
		return "STACK_NAME"
	}
	return byDefault
}

// regionFrom returns where the region was set.
func regionFrom(env *cli.Env, stack *deployed.Stack, flag, profile string) string {
	switch {
	case stack.RegionOfDefault:
		return "profile default, as for the CDK"
	case flag != "":
		return "--region"
	case env.Getenv("AWS_REGION") != "":
		return "AWS_REGION"
	case env.Getenv("AWS_DEFAULT_REGION") != "":
		return "AWS_DEFAULT_REGION"
	}
	return "profile " + cmp.Or(profile, "default")
}

// credentialsFrom translates the SDK's name for the source of credentials.
func credentialsFrom(source, profile string) string {
	switch {
	case source == "EnvConfigCredentials":
		return "AWS_ACCESS_KEY_ID"
	case profile != "":
		return "profile " + profile
	case strings.HasPrefix(source, "SharedConfigCredentials"), strings.HasPrefix(source, "SSO"), source == "":
		return "profile default"
	}
	return source
}

// stageOf returns the stage of a stack, "" if it has none. Unless --stage is given, it is
// the end of the stack's name. The name of another project's stack may end in a word that
// is not a stage: an unneeded stage in a key does no harm, but two stages with the same
// word in their keys would.
func stageOf(t cli.StackTarget, stack, base string) string {
	if t.Stage != "" {
		return t.Stage
	}
	at := strings.LastIndex(stack, "-")
	if at < 0 || stack == base || !regexp.MustCompile(`^[a-z0-9]{1,12}$`).MatchString(stack[at+1:]) {
		return ""
	}
	return stack[at+1:]
}

// entryName returns the name that mcpctl connect gives the server in the
// clients' files.
func entryName(env *cli.Env, f targetFlags, stage string) string {
	t := cli.Target{Local: f.Local, StackTarget: f.StackTarget}
	t.Given = !f.Local
	if f.Stack == "" && !f.Local {
		t.Stage = stage // of the stack that was found, if no flag names one
	}
	return cli.EntryName(env, t)
}
