// The CDK app reads the settings, declares the stack and synthesizes it. cdk.json
// runs it for every command of the CDK CLI.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"serverless-mcp/internal/deploy/plan"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
	"serverless-mcp/stacks"
)

func main() {
	stderr := os.Stderr // stacks.Quiet replaces os.Stderr
	if err := run(os.Environ(), os.Getenv("DIST_DIR"), stderr); err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// run synthesizes into the folder of CDK_OUTDIR, which the CLI sets. It prints to
// stderr, since the CLI prints the template to standard output.
func run(environ []string, dist string, stderr io.Writer) error {
	defer stacks.Quiet()() // also after a panic, by which the CDK reports errors
	values, notes, unread := dotenv.Load(".", environ)
	if hidesName(unread) {
		return unread
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, "note:", note)
	}
	s, invalid := settings.Parse(values)
	problem := errors.Join(unread, invalid)
	if problem == nil {
		fmt.Fprintln(stderr, stacks.KeyOf(s))
		if s.Watch != (settings.Watch{}) {
			fmt.Fprintf(stderr, "Highest monthly price that throttle, memory and timeouts allow: about %.0f USD\n", plan.WorstMonthUSD(s))
		}
	} else if !nameable(values) {
		return problem // otherwise "cdk destroy" would destroy another stack
	}
	app := awscdk.NewApp(nil)
	stacks.New(app, stacks.Props{Settings: s, Dist: dist, Custom: stacks.Custom, Problem: problem})
	app.Synth(nil)
	return nil
}

// hidesName reports whether an error of reading .env leaves the stack's name
// uncertain.
func hidesName(err error) bool {
	lines, ok := errors.AsType[*dotenv.LineError](err)
	return err != nil && (!ok || lines.MayHide("STACK_NAME", "STAGE"))
}

// nameable reports whether the settings of the stack's name are valid, even if
// others are not.
func nameable(values map[string]string) bool {
	_, err := settings.Parse(map[string]string{"STACK_NAME": values["STACK_NAME"], "STAGE": values["STAGE"]})
	return err == nil
}
