package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// A Server is what runs the tools in one of the shapes that were chosen.
type Server struct {
	Shape string                           // as in SHAPES
	Role  awsiam.IGrantable                // what the tools may do: grant it what they need
	Set   func(name string, value *string) // gives the tools a setting, TOOL_*
}

// server is the function as [Custom] sees it.
func (f function) server(shape string) Server {
	return Server{Shape: shape, Role: f.Function, Set: func(name string, value *string) {
		f.Function.AddEnvironment(jsii.String(name), value, nil)
	}}
}
