package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type calculateInput struct {
	Operation string  `json:"operation" jsonschema:"add, subtract, multiply or divide"`
	A         float64 `json:"a" jsonschema:"first number"`
	B         float64 `json:"b" jsonschema:"second number; the divisor when dividing"`
}

type calculateOutput struct {
	Expression string  `json:"expression"`
	Result     float64 `json:"result"`
}

func calculate(_ context.Context, _ *mcp.CallToolRequest, in calculateInput) (*mcp.CallToolResult, calculateOutput, error) {
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
			return nil, calculateOutput{}, errors.New("b is 0; division by 0 is not defined")
		}
		symbol, result = "/", in.A/in.B
	default:
		return nil, calculateOutput{}, errors.New("operation must be add, subtract, multiply or divide")
	}
	return nil, calculateOutput{number(in.A) + " " + symbol + " " + number(in.B), result}, nil
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

type weatherInput struct {
	City string `json:"city" jsonschema:"name of the city, such as Lisbon"`
}

type measure struct {
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

type weather struct {
	City        string  `json:"city"`
	Temperature measure `json:"temperature"`
	Condition   string  `json:"condition"`
	Humidity    measure `json:"humidity"`
	Wind        measure `json:"wind"`
	Source      string  `json:"source"`
}

func getWeather(_ context.Context, _ *mcp.CallToolRequest, in weatherInput) (*mcp.CallToolResult, weather, error) {
	return nil, weather{in.City, measure{18.5, "°C"}, "clear sky", measure{60, "%"}, measure{12, "km/h"}, "sample"}, nil
}

type lookupUserInput struct {
	UserID string `json:"user_id" jsonschema:"the user's id, such as u-1001"`
}

type user struct {
	UserID     string `json:"user_id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Department string `json:"department"`
	Active     bool   `json:"active"`
	Source     string `json:"source"`
}

func lookupUser(_ context.Context, _ *mcp.CallToolRequest, in lookupUserInput) (*mcp.CallToolResult, user, error) {
	for _, u := range []user{
		{"u-1001", "Ada Byron", "ada@example.com", "Engineering", true, "sample"},
		{"u-1002", "Grace Murray", "grace@example.com", "Engineering", true, "sample"},
		{"u-1003", "Alan Mathison", "alan@example.com", "Research", true, "sample"},
		{"u-1004", "Katherine Coleman", "katherine@example.com", "Operations", false, "sample"},
	} {
		if u.UserID == in.UserID {
			return nil, u, nil
		}
	}
	return nil, user{}, fmt.Errorf("unknown user %q; ids have the form u-1001, the letter u and four digits", in.UserID)
}
