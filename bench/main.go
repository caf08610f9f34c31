// Command bench measures this project and its alternatives in one run and writes
// BENCHMARKS.md. It needs Linux and, for the TypeScript peers,
// npm ci --prefix bench/node.
//
//	go run ./bench              everything; about 15 minutes
//	go run ./bench --quick      fewer rounds, less than three minutes; prints the report
//	go run ./bench --ci         under a minute; fails if a ratio has doubled
//	go run ./bench --parts cold,warm
//	go run ./bench --features   the cost of metrics, limits and sign-in; a few minutes
//	go run ./bench --against REVISION   this project against another revision of it
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command's flags.
type options struct {
	quick, ci, node bool
	parts           map[string]bool // nil means all
	out             string
	save, load      string
	features        bool
	against         string
}

// run parses the flags and executes the command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if o.load != "" {
		r, err := load(o.load)
		if err != nil {
			return err
		}
		return write(o, r, stdout)
	}
	if o.ci {
		return check(ctx, stdout)
	}
	if o.features || o.against != "" {
		return compare(ctx, o, stdout, stderr)
	}
	r, err := measureAll(ctx, o, o.command(), stderr)
	if err != nil {
		return err
	}
	if o.save != "" {
		if err := save(o.save, r); err != nil {
			return err
		}
	}
	return write(o, r, stdout)
}

// command returns the command line that repeats the measurement.
func (o options) command() string {
	command := "go run ./bench"
	if o.quick {
		command += " --quick"
	}
	if !o.node {
		command += " --node=false"
	}
	if o.parts != nil {
		command += " --parts " + strings.Join(slices.Sorted(maps.Keys(o.parts)), ",")
	}
	return command
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.BoolVar(&o.quick, "quick", false, "measure fewer rounds and print the report")
	f.BoolVar(&o.ci, "ci", false, "measure only the ratios that must not double")
	f.BoolVar(&o.node, "node", true, "measure the TypeScript peers too")
	parts := f.String("parts", "", "comma-separated parts: "+strings.Join(partNames(), ", ")+"; empty means all")
	f.StringVar(&o.out, "out", "BENCHMARKS.md", "file for the report; - prints it")
	f.StringVar(&o.save, "save", "", "file to save the numbers to")
	f.BoolVar(&o.features, "features", false, "compare this project with and without metrics, limits and sign-in")
	f.StringVar(&o.against, "against", "", "compare this project with another revision, such as HEAD~1")
	f.StringVar(&o.load, "load", "", "write the report from a file written by --save")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if err := checkCombination(f); err != nil {
		return o, err
	}
	if *parts == "" {
		return o, nil
	}
	o.parts = map[string]bool{}
	for name := range strings.SplitSeq(*parts, ",") {
		if !isPart(name) {
			return o, fmt.Errorf("unknown part %q; the parts are %s", name, strings.Join(partNames(), ", "))
		}
		o.parts[name] = true
	}
	return o, nil
}

// checkCombination rejects flags that would have no effect beside others.
func checkCombination(f *flag.FlagSet) error {
	alone := map[string][]string{"ci": nil, "features": nil, "against": nil, "load": {"out", "quick"}} // with the flags that they accept
	var given []string
	f.Visit(func(f *flag.Flag) { given = append(given, f.Name) })
	for _, name := range given {
		accepted, ok := alone[name]
		if !ok {
			continue
		}
		for _, other := range given {
			if other != name && !slices.Contains(accepted, other) {
				return fmt.Errorf("--%s has no effect together with --%s", other, name)
			}
		}
	}
	return nil
}
