package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"serverless-mcp/internal/awsfake"
	"serverless-mcp/internal/gateway"
	"serverless-mcp/internal/lambdahost"
)

// Options say how a topology is run.
type Options struct {
	// Binary is the path of a function's program, compiled for this machine,
	// by the function's package. Required.
	Binary func(pkg string) string
	// Listener is where the gateway listens, on a loopback address; Start closes
	// it. Nil means a free port. A Function URL beside a gateway has a free port.
	Listener net.Listener
	// Values are values of secrets by logical id, beyond the declared ones.
	Values map[string]string
	// Changed is told the new current value of a secret that a client wrote,
	// by logical id; nil means that nobody wants to know.
	Changed func(id, value string)
	// Fail decides what goes wrong with a call to Secrets Manager, by operation;
	// nil means nothing.
	Fail func(op string) *awsfake.Fault
	// MaxInstances is how many instances a function may have at once, unless it
	// reserves its own number; zero means 100.
	MaxInstances int
	// Log makes the writer of a function's log, one line a Write; nil discards it.
	Log func(pkg string) io.Writer
	// AccessLog receives a line a request; nil discards it.
	AccessLog io.Writer
	// Now is the gateway's clock; nil means time.Now.
	Now func() time.Time
}

// System is a running topology.
type System struct {
	// URL is the address of the gateway, without a path; where there is no
	// gateway, of the Function URL.
	URL string
	// StreamURL is the address of the Function URL, without a path; empty if
	// there is none.
	StreamURL string
	// Gateway is the gateway itself, such as for emptying its cache; nil if there
	// is none.
	Gateway *gateway.API
	// Secrets is Secrets Manager.
	Secrets *Secrets
	// APIGateway is for AWS_ENDPOINT_URL_APIGATEWAYV2: with it, whoever revokes
	// a key empties the cache of the API called [APIID]. Empty where there is no
	// gateway.
	APIGateway string

	control   *service
	functions map[string]*lambdahost.Function
	topology  Topology
	servers   []*http.Server
	served    sync.WaitGroup
}

// Start runs a topology. Functions start with their first request, as on
// Lambda. The system runs until Close.
func Start(t Topology, o Options) (*System, error) {
	listener := o.Listener
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	if !IsLoopback(listener.Addr().String()) {
		listener.Close()
		return nil, fmt.Errorf("listen on %s: only loopback addresses are served, as the traffic is not encrypted", listener.Addr())
	}
	secrets, err := startSecrets(t, o)
	if err != nil {
		listener.Close()
		return nil, err
	}
	s := &System{Secrets: secrets, topology: t, functions: map[string]*lambdahost.Function{}}
	for id, f := range t.Functions {
		s.functions[id] = lambdahost.New(hosted(id, f, o, secrets.URL))
	}
	if err := s.open(o, listener); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open serves what the functions are behind: the first on the listener, which
// is closed if there is nothing to serve.
func (s *System) open(o Options, listener net.Listener) error {
	url := s.topology.URL.Function != ""
	if !url || len(s.topology.Routes) > 0 {
		config, err := gatewayConfig(s.topology, o, s.functions)
		if err == nil {
			s.Gateway, err = gateway.New(config)
		}
		if err != nil {
			listener.Close()
			return fmt.Errorf("start the gateway: %w", err)
		}
		s.URL = s.serve(listener, s.Gateway)
		listener = nil
	}
	if url {
		handler, err := functionURL(s.topology, o, s.functions)
		if listener == nil && err == nil {
			listener, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			if listener != nil {
				listener.Close()
			}
			return fmt.Errorf("start the Function URL: %w", err)
		}
		s.StreamURL = s.serve(listener, handler)
		s.URL = cmp.Or(s.URL, s.StreamURL)
	}
	return s.startControl()
}

// serve begins to serve, until Close, and returns the address.
func (s *System) serve(listener net.Listener, h http.Handler) string {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.served.Go(func() { server.Serve(listener) }) // ends with Close
	return "http://" + listener.Addr().String()
}

// hosted is a function as its host wants it: with its own variables, and the
// address of Secrets Manager, which on AWS the SDK knows by itself.
func hosted(id string, f Function, o Options, secretsURL string) lambdahost.Options {
	env := map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": secretsURL}
	for name, value := range f.Env {
		env[name] = value
	}
	h := lambdahost.Options{
		Name: id, Binary: o.Binary(f.Package), Env: env, MemoryMB: f.MemoryMB, Timeout: f.Timeout,
		MaxInstances: cmp.Or(f.Concurrency, o.MaxInstances),
	}
	if o.Log != nil {
		h.Log = o.Log(f.Package)
	}
	return h
}

// Replace makes further requests run the programs that binary names; see
// Options.Binary. Requests under way end on the old ones.
func (s *System) Replace(binary func(pkg string) string) {
	for id, f := range s.functions {
		f.Replace(binary(s.topology.Functions[id].Package))
	}
}

// Close ends everything, processes included, and returns when nothing is left.
// Requests under way get a second to end.
func (s *System) Close() error {
	var ending sync.WaitGroup
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, server := range s.servers {
		ending.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				server.Close() // never fails once Shutdown has closed the listener
			}
		})
	}
	ending.Wait()
	s.served.Wait()
	var closing sync.WaitGroup
	for _, f := range s.functions {
		closing.Go(func() { f.Close() }) // never fails
	}
	closing.Wait()
	return errors.Join(s.Secrets.close(), s.control.close())
}

// IsLoopback reports whether address, host:port, is on this machine only.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
