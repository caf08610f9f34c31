// The CDK app: it reads the settings, declares the stack, and synthesises it.
// cdk.json runs it for every command of the CDK CLI.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
	"serverless-mcp/stacks"
)

func main() {
	if os.Getenv(silence) == "" {
		os.Setenv(silence, "20")
	}
	if err := run(os.Environ(), os.Getenv("DIST_DIR"), os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		defer os.Exit(1)
	}
	closeQuietly()
}

// silence names the Node versions about whose age jsii says nothing: 20 is out
// of support and works.
const silence = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"

// run synthesises into the folder that the CLI names in CDK_OUTDIR. What it
// prints goes to stderr, since standard output is the template's.
func run(environ []string, dist string, stderr io.Writer) error {
	values, notes, err := dotenv.Load(".", environ)
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, "note:", note)
	}
	s, problem := settings.Parse(values)
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

// nameable reports whether the settings that make the stack's name are right,
// whatever else is wrong.
func nameable(values map[string]string) bool {
	_, err := settings.Parse(map[string]string{"STACK_NAME": values["STACK_NAME"], "STAGE": values["STAGE"]})
	return err == nil
}

// closeQuietly ends the Node process that runs the CDK. jsii waits for it in
// two places at once; the one that comes second says on os.Stderr that the
// process has "exited abnormally", which it has not.
func closeQuietly() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}
