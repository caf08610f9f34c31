package local

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"serverless-mcp/internal/emulator/awsfake"
)

// service is one of AWS's on a loopback port.
type service struct {
	// url ends in a path that cannot be guessed, since other users of this
	// machine can reach the port, and no signature is checked.
	url string

	server *http.Server
	served sync.WaitGroup
}

// startService serves a service until close.
func startService(name string, h http.Handler) (*service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", name, err)
	}
	path := "/" + rand.Text()
	mux := http.NewServeMux()
	mux.Handle(path+"/", http.StripPrefix(path, h))
	mux.Handle(path, h)
	s := &service{url: "http://" + listener.Addr().String() + path, server: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}}
	s.served.Go(func() { s.server.Serve(listener) }) // ends with close
	return s, nil
}

// close does nothing to a service that was never started.
func (s *service) close() error {
	if s == nil {
		return nil
	}
	err := s.server.Close()
	s.served.Wait()
	return err
}

// APIID is the id by which API Gateway knows the local API.
const APIID = "local"

// startControl serves what API Gateway offers about the API itself: emptying
// the cache of verdicts.
func (s *System) startControl() error {
	if s.Gateway == nil {
		return nil
	}
	var err error
	var apis []awsfake.HTTPAPI
	if s.Gateway != nil {
		apis = append(apis, awsfake.HTTPAPI{ID: APIID, Reset: s.Gateway.ResetAuthorizersCache})
	}
	s.control, err = startService("API Gateway", awsfake.NewAPIGateway(awsfake.Options{}, apis...))
	if err == nil {
		s.APIGateway = s.control.url
	}
	return err
}
