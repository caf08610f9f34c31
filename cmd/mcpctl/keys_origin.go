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

// stageOf is the stage in a stack's name, "" where there is none.
func stageOf(stack, base string) string {
	stage, found := strings.CutPrefix(stack, base+"-")
	if !found || !regexp.MustCompile(`^[a-z0-9]{1,12}$`).MatchString(stage) {
		return ""
	}
	return stage
}
