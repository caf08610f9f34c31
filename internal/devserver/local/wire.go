package local

import (
	"errors"
	"fmt"
	"net/http"

	"serverless-mcp/internal/emulator/gateway"
	"serverless-mcp/internal/emulator/lambdahost"
)

// gatewayConfig returns the configuration of a gateway with the topology's routes.
func gatewayConfig(t Topology, o Options, functions map[string]*lambdahost.Function) (gateway.Config, error) {
	config := gateway.Config{
		ThrottleRate: t.Throttle.Rate, ThrottleBurst: t.Throttle.Burst, Timeout: t.Timeout,
		Domain: t.Domain, DisableEndpoint: t.OnlyDomain,
		AccessLog: o.AccessLog, Now: o.Now, CORS: t.CORS.gateway(), Unavailable: outOfInstances,
	}
	authorizers, err := gatewayAuthorizers(t, functions)
	if err != nil {
		return gateway.Config{}, err
	}
	for _, r := range t.Routes {
		f, ok := functions[r.Function]
		if !ok {
			return gateway.Config{}, fmt.Errorf("route %s %s leads to %q, which is not a function", r.Method, r.Path, r.Function)
		}
		authorizer, ok := authorizers[r.Authorizer]
		if r.Authorizer != "" && !ok {
			return gateway.Config{}, fmt.Errorf("route %s %s needs authorizer %q, which does not exist", r.Method, r.Path, r.Authorizer)
		}
		config.Routes = append(config.Routes, gateway.Route{
			Method: r.Method, Path: r.Path, Integration: f, Authorizer: authorizer,
			ThrottleRate: r.Throttle.Rate, ThrottleBurst: r.Throttle.Burst,
		})
	}
	return config, nil
}

// outOfInstances reports whether an error means that no instance is available.
func outOfInstances(err error) bool { return errors.Is(err, lambdahost.ErrThrottled) }

// gateway converts c to the gateway's type.
func (c CORS) gateway() *gateway.CORS {
	if len(c.AllowOrigins) == 0 {
		return nil
	}
	return &gateway.CORS{AllowOrigins: c.AllowOrigins, AllowMethods: c.AllowMethods, AllowHeaders: c.AllowHeaders, MaxAge: c.MaxAge}
}

// functionURL returns the handler of the Function URL.
func functionURL(t Topology, o Options, functions map[string]*lambdahost.Function) (http.Handler, error) {
	f, ok := functions[t.URL.Function]
	if !ok {
		return nil, fmt.Errorf("the Function URL leads to %q, which is not a function", t.URL.Function)
	}
	return gateway.NewFunctionURL(gateway.FunctionURL{
		Function: f, CORS: t.URL.CORS.gateway(), Unavailable: outOfInstances, Now: o.Now,
	}), nil
}

// gatewayAuthorizers returns the authorizers by name. Each has its own cache.
func gatewayAuthorizers(t Topology, functions map[string]*lambdahost.Function) (map[string]*gateway.Authorizer, error) {
	all := map[string]*gateway.Authorizer{}
	for name, a := range t.Authorizers {
		f, ok := functions[a.Function]
		if !ok {
			return nil, fmt.Errorf("authorizer %s is %q, which is not a function", name, a.Function)
		}
		all[name] = &gateway.Authorizer{IdentitySource: a.IdentitySource, TTL: a.TTL, Function: f}
	}
	return all, nil
}
