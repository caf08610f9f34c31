// Command bench measures this project against what people would use instead,
// all in one run, and writes BENCHMARKS.md with its charts. It needs Linux, and
// for the TypeScript peers: npm ci --prefix bench/node.
//
//	go run ./bench              everything; about a quarter of an hour
//	go run ./bench --quick      fewer rounds, under three minutes; prints, writes nothing
//	go run ./bench --ci         under a minute; fails where a ratio has doubled
//	go run ./bench --parts cold,warm
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
	out, charts     string
	save, load      string
}

// run reads the flags and does what they say.
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

// command is how anybody can repeat the measurement.
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
	f.BoolVar(&o.quick, "quick", false, "few rounds, and print the report")
	f.BoolVar(&o.ci, "ci", false, "only the ratios that must not double")
	f.BoolVar(&o.node, "node", true, "measure the TypeScript peers too")
	parts := f.String("parts", "", "which parts, joined by commas: "+strings.Join(partNames(), ", ")+"; empty means all")
	f.StringVar(&o.out, "out", "BENCHMARKS.md", "where the report is written; - prints it")
	f.StringVar(&o.charts, "charts", "bench/charts", "where the charts are written")
	f.StringVar(&o.save, "save", "", "keep the numbers in this file")
	f.StringVar(&o.load, "load", "", "write the report from numbers that were kept")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if *parts == "" {
		return o, nil
	}
	o.parts = map[string]bool{}
	for name := range strings.SplitSeq(*parts, ",") {
		if !known(name) {
			return o, fmt.Errorf("there is no part %q; there are %s", name, strings.Join(partNames(), ", "))
		}
		o.parts[name] = true
	}
	return o, nil
}
