// The CDK app reads the settings, declares the stack and synthesizes it. cdk.json
// runs it for every command of the CDK CLI.
package main

import (
	"fmt"
	"os"

	"serverless-mcp/stacks"
)

func main() {
	stderr := os.Stderr // stacks.Run replaces os.Stderr
	if err := stacks.Run(os.Environ(), os.Getenv("DIST_DIR"), stderr); err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}
