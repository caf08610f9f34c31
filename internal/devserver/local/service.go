package local

import (
	"fmt"
	"net/http"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/emulator/loopback"
)

// startService serves a fake AWS service, or another internal one, under a secret
// address.
func startService(name string, h http.Handler) (*loopback.Server, error) {
	s, err := loopback.Serve(h)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", name, err)
	}
	return s, nil
}

// APIID is the id of the local API in calls to API Gateway.
const APIID = "local"

// startControl serves API Gateway's control plane for the local API, which can
// flush the authorizer cache.
func (s *System) startControl() error {
	if s.Gateway == nil {
		return nil
	}
	api := awsfake.HTTPAPI{ID: APIID, Reset: s.Gateway.ResetAuthorizersCache}
	var err error
	if s.control, err = startService("API Gateway", awsfake.NewAPIGateway(awsfake.Options{}, api)); err != nil {
		return err
	}
	s.APIGateway = s.control.URL()
	return nil
}
