package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// A Server runs the tools in one of the deployment shapes.
type Server struct {
	Shape string                           // as in SHAPES; "job" for the function that runs jobs
	Role  awsiam.IGrantable                // grant it what the tools need
	Set   func(name string, value *string) // sets a TOOL_* setting of the tools
}

// server returns the function as [Custom] uses it.
func (f function) server(shape string) Server {
	return Server{Shape: shape, Role: f.Function, Set: func(name string, value *string) {
		f.Function.AddEnvironment(jsii.String(name), value, nil)
	}}
}
