package main

import (
	"cmp"
	"regexp"
	"strings"
)

// byDefault says that nobody has named a stack.
const byDefault = "by default"

// namedBy says where the stack's name comes from.
func namedBy(t stackTarget, values map[string]string) string {
	switch {
	case t.stack != "":
		return "--stack"
	case t.stage != "":
		return "--stage"
	case values["STAGE"] != "":
		return "STAGE"
	case values["STACK_NAME"] != "":
		return "STACK_NAME"
	}
	return byDefault
}

func (p *program) regionFrom(flag, profile string) string {
	switch {
	case flag != "":
		return "--region"
	case p.getenv("AWS_REGION") != "":
		return "AWS_REGION"
	case p.getenv("AWS_DEFAULT_REGION") != "":
		return "AWS_DEFAULT_REGION"
	}
	return "profile " + cmp.Or(profile, "default")
}

// credentialsFrom puts the SDK's name for where credentials came from into
// people's words.
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

// stageOf is the stage of a stack, "" where there is none. Unless the flags say,
// it is the end of the stack's name. Nobody here can tell whether another
// project's name ends that way without a stage; a word too many in a key does no
// harm, but two stages whose keys look the same would.
func stageOf(t stackTarget, stack, base string) string {
	if t.stage != "" {
		return t.stage
	}
	at := strings.LastIndex(stack, "-")
	if at < 0 || stack == base || !regexp.MustCompile(`^[a-z0-9]{1,12}$`).MatchString(stack[at+1:]) {
		return ""
	}
	return stack[at+1:]
}

// entryOf is what mcpctl connect calls the same server in the clients' files.
func (p *program) entryOf(t keysTarget, stage string) string {
	like := target{local: t.local, stackTarget: t.stackTarget}
	like.given = !t.local
	if t.stack == "" && !t.local {
		like.stage = stage // of the stack that was found, if nobody named one
	}
	return p.ownName(like)
}
