// Command ours is functions/mcp with what a measurement needs and a deployment
// does not: more tools, one that takes large arguments, and profiles.
//
//	BENCH_TOOLS   how many tools there are in all, the four samples included
//	BENCH_CPU     file for a profile of CPU time, written on SIGTERM
//	BENCH_ALLOCS  file for a profile of allocations, in the same way
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"

	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

func main() {
	log := logs.New(os.Stdout, slog.LevelInfo)
	if err := run(log); err != nil {
		log.Error("start", "error", err.Error())
		os.Exit(1)
	}
}

func run(log *slog.Logger) error {
	if err := profile(os.Getenv("BENCH_CPU"), os.Getenv("BENCH_ALLOCS")); err != nil {
		return err
	}
	set := tools.All(tools.Config{Setting: os.Getenv})
	if text := os.Getenv("BENCH_TOOLS"); text != "" {
		count, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("read BENCH_TOOLS: %w", err)
		}
		for n := len(set.Tools); n < count; n++ {
			set.Tools = append(set.Tools, further(n))
		}
	}
	set.Tools = append(set.Tools, length())
	server, err := mcpserver.New(mcpserver.Options{Name: "bench", Log: log}, set)
	if err != nil {
		return err
	}
	handler := mcphttp.New(server, mcphttp.Options{Authenticate: mcphttp.FromAuthorizer, Log: log})
	lambda.Start(lambdahttp.Buffered(handler, log))
	return nil
}

type furtherInput struct {
	City string   `json:"city" min:"1" max:"80" doc:"name of the city, such as Lisbon"`
	Days int      `json:"days" min:"1" max:"7" default:"1" doc:"days ahead"`
	Unit string   `json:"unit" enum:"celsius,fahrenheit" default:"celsius" doc:"of the temperatures"`
	Only []string `json:"only,omitempty" doc:"parts of the forecast that are wanted"`
}

type furtherOutput struct {
	City  string   `json:"city" doc:"the city"`
	Lines []string `json:"lines" doc:"one a day"`
}

// further is one of many tools of an ordinary size.
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
	Bytes int `json:"bytes" doc:"its length"`
}

// length takes arguments of any size.
func length() tool.Tool {
	return tool.New(tool.Info{Name: "length", Description: "Tells how long a text is.", ReadOnly: true},
		func(_ context.Context, in lengthInput) (lengthOutput, error) { return lengthOutput{len(in.Text)}, nil })
}
