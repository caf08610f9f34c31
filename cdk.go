// The CDK app: it reads the settings, declares the stack, and synthesises it.
// cdk.json runs it for every command of the CDK CLI.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
	"serverless-mcp/stacks"
)

func main() {
	stderr := os.Stderr // ours, whatever becomes of it
	if err := run(os.Environ(), os.Getenv("DIST_DIR"), stderr); err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// run synthesises into the folder that the CLI names in CDK_OUTDIR. What it
// prints goes to stderr, since standard output is the template's.
func run(environ []string, dist string, stderr io.Writer) error {
	defer stacks.Quiet()() // also when the CDK reports an error, which it does by a panic
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
	} else if !nameable(values) {
		return problem // or "cdk destroy" would destroy another stack
	}
	app := awscdk.NewApp(nil)
	stacks.New(app, stacks.Props{Settings: s, Dist: dist, Custom: stacks.Custom, Problem: problem})
	app.Synth(nil)
	return nil
}

// hidesName reports whether, with that error of reading .env, it is not certain
// what the stack is called.
func hidesName(err error) bool {
	lines, ok := errors.AsType[*dotenv.LineError](err)
	return err != nil && (!ok || lines.MayHide("STACK_NAME", "STAGE"))
}

// nameable reports whether the settings that make the stack's name are right,
// whatever else is wrong.
func nameable(values map[string]string) bool {
	_, err := settings.Parse(map[string]string{"STACK_NAME": values["STACK_NAME"], "STAGE": values["STAGE"]})
	return err == nil
}
