package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"serverless-mcp/internal/deploy/plan"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// Run is the CDK app: it declares the stack with the settings of .env and the environment
// and synthesizes it into the folder of CDK_OUTDIR, which the CLI sets. dist is the folder
// of the functions' zips. Run prints to stderr, since the CLI prints the template to
// standard output.
func Run(environ []string, dist string, stderr io.Writer) error {
	defer Quiet()() // also after a panic: the CDK reports errors as panics
	p, err := props(environ, stderr)
	if err != nil {
		return err
	}
	p.Dist, p.Custom = dist, Custom
	app := awscdk.NewApp(nil)
	New(app, p)
	app.Synth(nil)
	return nil
}

// props reads the settings. It returns an error only if the stack's name is uncertain.
func props(environ []string, stderr io.Writer) (Props, error) {
	values, notes, unread := dotenv.Load(".", environ)
	if hidesName(values, unread) {
		return Props{}, unread
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, "note:", note)
	}
	s, invalid := settings.Parse(values)
	problem := errors.Join(unread, invalid)
	if problem == nil {
		fmt.Fprintln(stderr, KeyOf(s))
		fmt.Fprintf(stderr, "Highest monthly price that throttle, memory and timeouts allow: about %.0f USD (docs/alarms.md)\n", plan.WorstMonthUSD(s))
		if removed := removedShapes(environ, s); len(removed) > 0 {
			fmt.Fprintf(stderr, "warning: SHAPES no longer has %s. If it is deployed, the deployment deletes its URL for good, even with PROTECT=true; "+
				"go tool mcpctl check looks at the deployed stack.\n", strings.Join(removed, " and "))
		}
	} else if !nameable(values) {
		return Props{}, problem // otherwise "cdk destroy" would destroy another stack
	}
	return Props{Settings: s, Problem: problem}, nil
}

// removedShapes returns the shapes of the last synthesis that are no longer in the
// settings. The last template is in the folder of CDK_OUTDIR until this synthesis replaces
// it.
func removedShapes(environ []string, s settings.Settings) []string {
	var folder string
	for _, variable := range environ {
		if value, ok := strings.CutPrefix(variable, "CDK_OUTDIR="); ok {
			folder = value
		}
	}
	var template struct{ Outputs map[string]any }
	text, err := os.ReadFile(filepath.Join(folder, s.FullStackName()+".template.json"))
	if err != nil || json.Unmarshal(text, &template) != nil {
		return nil // nothing was synthesized, or not by this version
	}
	outputs := map[string]bool{}
	for name := range template.Outputs {
		outputs[name] = true
	}
	return slices.DeleteFunc(settings.ShapesOf(outputs), s.Has)
}

// hidesName reports whether an error of [dotenv.Load] leaves the stack's name uncertain.
func hidesName(values map[string]string, err error) bool {
	lines, ok := errors.AsType[*dotenv.LineError](err)
	return err != nil && values == nil || ok && lines.MayHide("STACK_NAME", "STAGE")
}

// nameable reports whether STACK_NAME and STAGE are valid, even if other settings are not.
func nameable(values map[string]string) bool {
	_, err := settings.Parse(map[string]string{"STACK_NAME": values["STACK_NAME"], "STAGE": values["STAGE"]})
	return err == nil
}
