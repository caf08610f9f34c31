// Command cmd prints the surface of the module's tools as JSON; mcpctl surface and
// mcpctl diff run it.
package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"

	"serverless-mcp/internal/clients/surface"
	"serverless-mcp/internal/settings"
	"serverless-mcp/tools"
)

func main() {
	if err := run(os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(getenv func(string) string, stdout io.Writer) error {
	p := settings.PresentationFromEnv(getenv)
	// A region lets tools that need AWS declare themselves; none is called.
	region := cmp.Or(getenv("AWS_REGION"), getenv("AWS_DEFAULT_REGION"), "us-east-1")
	s, err := surface.Of(
		surface.Server{Title: p.Title, Instructions: p.Instructions, Website: p.Website, Icon: p.Icon},
		tools.All(tools.Config{Setting: getenv, AWS: aws.Config{Region: region}}),
	)
	if err != nil {
		return err
	}
	text, err := s.Format()
	if err != nil {
		return err
	}
	_, err = stdout.Write(text)
	return err
}
