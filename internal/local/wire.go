package local

import (
	"errors"
	"fmt"

	"serverless-mcp/internal/gateway"
	"serverless-mcp/internal/lambdahost"
)

// gatewayConfig connects the routes to the functions.
func gatewayConfig(t Topology, o Options, functions map[string]*lambdahost.Function) (gateway.Config, error) {
	config := gateway.Config{
		ThrottleRate: t.Throttle.Rate, ThrottleBurst: t.Throttle.Burst, Timeout: t.Timeout,
		AccessLog: o.AccessLog, Now: o.Now,
		// Lambda is out of instances: not the function's fault.
		Unavailable: func(err error) bool { return errors.Is(err, lambdahost.ErrThrottled) },
	}
	if len(t.CORS.AllowOrigins) > 0 {
		config.CORS = &gateway.CORS{
			AllowOrigins: t.CORS.AllowOrigins, AllowMethods: t.CORS.AllowMethods,
			AllowHeaders: t.CORS.AllowHeaders, MaxAge: t.CORS.MaxAge,
		}
	}
	authorizer, err := gatewayAuthorizer(t, functions)
	if err != nil {
		return gateway.Config{}, err
	}
	for _, r := range t.Routes {
		f, ok := functions[r.Function]
		if !ok {
			return gateway.Config{}, fmt.Errorf("route %s %s leads to %q, which is no function", r.Method, r.Path, r.Function)
		}
		route := gateway.Route{Method: r.Method, Path: r.Path, Integration: f}
		if r.Authorized {
			route.Authorizer = authorizer
		}
		if r.Authorized && authorizer == nil {
			return gateway.Config{}, fmt.Errorf("route %s %s wants an authorizer, and there is none", r.Method, r.Path)
		}
		config.Routes = append(config.Routes, route)
	}
	return config, nil
}

// gatewayAuthorizer is nil where the topology has none.
func gatewayAuthorizer(t Topology, functions map[string]*lambdahost.Function) (*gateway.Authorizer, error) {
	if t.Authorizer.Function == "" {
		return nil, nil
	}
	f, ok := functions[t.Authorizer.Function]
	if !ok {
		return nil, fmt.Errorf("the authorizer is %q, which is no function", t.Authorizer.Function)
	}
	return &gateway.Authorizer{IdentitySource: t.Authorizer.IdentitySource, TTL: t.Authorizer.TTL, Function: f}, nil
}
