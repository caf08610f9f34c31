package tools

import (
	"context"
	"math"
	"strconv"

	"serverless-mcp/internal/tool"
)

type calculateInput struct {
	Operation string  `json:"operation" enum:"add,subtract,multiply,divide" doc:"operation to apply to the two numbers"`
	A         float64 `json:"a" doc:"first number"`
	B         float64 `json:"b" doc:"second number; the divisor for divide"`
}

type calculateOutput struct {
	Expression string  `json:"expression" doc:"the calculation, such as 6 * 7"`
	Result     float64 `json:"result" doc:"the result, with the precision of a 64-bit floating-point number"`
}

// calculate is the simplest kind of tool: a pure function.
func calculate() tool.Tool {
	return tool.New(tool.Info{
		Name:        "calculate",
		Title:       "Calculator",
		Description: "Adds, subtracts, multiplies or divides two numbers.",
		ReadOnly:    true,
		Idempotent:  true,
	}, func(_ context.Context, in calculateInput) (calculateOutput, error) {
		symbol, result := "", 0.0
		switch in.Operation {
		case "add":
			symbol, result = "+", in.A+in.B
		case "subtract":
			symbol, result = "-", in.A-in.B
		case "multiply":
			symbol, result = "*", in.A*in.B
		case "divide":
			if in.B == 0 {
				return calculateOutput{}, tool.Errorf("b is 0; division by 0 is not defined")
			}
			symbol, result = "/", in.A/in.B
		}
		if math.IsInf(result, 0) {
			return calculateOutput{}, tool.Errorf("the result is over %g, the largest number that this tool can return", math.MaxFloat64)
		}
		expression := number(in.A) + " " + symbol + " " + number(in.B)
		return calculateOutput{Expression: expression, Result: result}, nil
	})
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
