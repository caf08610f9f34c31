package tools

import (
	"context"

	"serverless-mcp/internal/tool"
)

type whereOutput struct {
	Function string `json:"function" doc:"name of the Lambda function; empty where there is none"`
}

func where(cfg Config) tool.Tool {
	return tool.New(tool.Info{Name: "where", Description: "Returns the name of the Lambda function.", ReadOnly: true},
		func(context.Context, struct{}) (whereOutput, error) {
			return whereOutput{cfg.Runtime.Function}, nil
		})
}
