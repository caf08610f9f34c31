// Command ours is functions/mcp with additions for measurements: more tools, a tool that
// takes large arguments, and profiles.
//
//	BENCH_TOOLS   total number of tools, including the samples
//	BENCH_CPU     file for a CPU profile, written on SIGTERM
//	BENCH_ALLOCS  file for an allocation profile, written on SIGTERM
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/hosting/mcplambda"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

func main() {
	if err := run(os.Getenv); err != nil {
		logs.New(os.Stdout, slog.LevelInfo).Error("cannot start", "error", err.Error())
		os.Exit(1)
	}
}

func run(getenv func(string) string) error {
	if err := profile(getenv("BENCH_CPU"), getenv("BENCH_ALLOCS")); err != nil {
		return err
	}
	count := 0
	if text := getenv("BENCH_TOOLS"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("read BENCH_TOOLS: %w", err)
		}
	}
	handler, err := mcplambda.Buffered(getenv, func(cfg tools.Config) tool.Set {
		set := tools.All(cfg)
		for n := len(set.Tools); n < count; n++ {
			set.Tools = append(set.Tools, further(n))
		}
		set.Tools = append(set.Tools, length())
		return set
	})
	if err != nil {
		return err
	}
	lambda.Start(handler)
	return nil
}

type furtherInput struct {
	City string   `json:"city" min:"1" max:"80" doc:"name of the city, such as Lisbon"`
	Days int      `json:"days" min:"1" max:"7" default:"1" doc:"days ahead"`
	Unit string   `json:"unit" enum:"celsius,fahrenheit" default:"celsius" doc:"of the temperatures"`
	Only []string `json:"only,omitempty" doc:"parts of the forecast to return"`
}

type furtherOutput struct {
	City  string   `json:"city" doc:"the city"`
	Lines []string `json:"lines" doc:"one line a day"`
}

// further returns the n-th of many tools of ordinary size.
func further(n int) tool.Tool {
	return tool.New(tool.Info{
		Name:        fmt.Sprintf("forecast_%d", n),
		Description: "Returns the weather forecast for a city, one line a day, with the requested parts.",
		ReadOnly:    true,
	}, func(_ context.Context, in furtherInput) (furtherOutput, error) {
		return furtherOutput{City: in.City}, nil
	})
}

type lengthInput struct {
	Text string `json:"text" doc:"any text"`
}

type lengthOutput struct {
	Bytes int `json:"bytes" doc:"the length of the text in bytes"`
}

// length returns a tool that accepts arguments of any size.
func length() tool.Tool {
	return tool.New(tool.Info{Name: "length", Description: "Returns the length of a text.", ReadOnly: true},
		func(_ context.Context, in lengthInput) (lengthOutput, error) { return lengthOutput{len(in.Text)}, nil })
}
