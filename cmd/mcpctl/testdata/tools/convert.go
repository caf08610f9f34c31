package tools

import (
	"context"

	"serverless-mcp/internal/tool"
)

type convertInput struct {
	To      string  `json:"to" enum:"kelvin,celsius" doc:"the scale that is wanted"`
	Degrees float64 `json:"degrees" doc:"degrees on the other scale"`
}

type convertOutput struct {
	Degrees float64 `json:"degrees" doc:"the same on the scale that is wanted"`
}

func convert() tool.Tool {
	return tool.New(tool.Info{Name: "convert", Description: "Converts a temperature.", ReadOnly: true},
		func(_ context.Context, in convertInput) (convertOutput, error) {
			switch {
			case in.To == "kelvin":
				return convertOutput{in.Degrees + 273}, nil
			case in.Degrees < 0:
				return convertOutput{}, tool.Errorf("degrees is below 0, and nothing is colder than that")
			}
			return convertOutput{in.Degrees - 273}, nil
		})
}
