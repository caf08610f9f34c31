package local

import (
	"context"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/emulator/loopback"
	"serverless-mcp/internal/settings"
)

// envLambda points the AWS SDK at the local Lambda.
const envLambda = "AWS_ENDPOINT_URL_LAMBDA"

// events is the local Lambda, which accepts asynchronous invocations on a loopback port.
type events struct {
	*awsfake.AsyncInvoke
	service *loopback.Server
}

// startEvents serves the invocation of the job function. Without that function it
// returns nil.
func (s *System) startEvents(o Options) (*events, error) {
	if _, ok := s.topology.Functions[settings.JobID]; !ok {
		return nil, nil
	}
	invoke := awsfake.NewAsyncInvoke(awsfake.Options{Now: o.Now}, func(name string) (awsfake.Deliver, bool) {
		f, ok := s.functions[name]
		return func(ctx context.Context, payload []byte) error {
			_, err := f.Invoke(ctx, payload)
			return err
		}, ok && name == settings.JobID
	})
	invoke.Times = o.EventTimes
	service, err := startService("Lambda", invoke)
	if err != nil {
		return nil, err
	}
	return &events{invoke, service}, nil
}

// environment adds the service's address to a program's environment.
func (e *events) environment(env map[string]string) {
	if e != nil {
		env[envLambda] = e.service.URL()
	}
}

// close drops the waiting events. Close the functions first.
func (e *events) close() error {
	if e == nil {
		return nil
	}
	err := e.service.Close()
	e.Close()
	return err
}
