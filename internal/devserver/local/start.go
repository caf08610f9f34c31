package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"sync"
	"time"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/emulator/gateway"
	"serverless-mcp/internal/emulator/lambdahost"
	"serverless-mcp/internal/emulator/loopback"
	"serverless-mcp/internal/emulator/taskhost"
)

// Options of [Start].
type Options struct {
	// Binary returns the path of a program compiled for this machine, by the
	// function's package, or mcpd for the container. Required.
	Binary func(pkg string) string
	// Listener is the gateway's listener, on a loopback address; Start closes it. Nil means
	// a free port, which all other servers use.
	Listener net.Listener
	// Values are values of secrets by logical id, in addition to the declared values.
	Values map[string]string
	// Changed is called with the new current value after a client wrote a secret,
	// by logical id; nil means no callback.
	Changed func(id, value string)
	// Fail returns the fault to inject into a call to Secrets Manager, by operation;
	// nil means none.
	Fail func(op string) *awsfake.Fault
	// FailDynamoDB is Fail for calls to DynamoDB.
	FailDynamoDB func(op string) *awsfake.Fault
	// EventTimes returns how often an event for the job function is delivered, to imitate
	// AWS, which may drop or duplicate events; nil means once.
	EventTimes func() int
	// MaxInstances is how many concurrent instances a function may have, unless the
	// topology sets its concurrency; zero means 100.
	MaxInstances int
	// Log returns the writer of a function's log, which gets one line per Write; nil
	// discards the log.
	Log func(pkg string) io.Writer
	// AccessLog receives one line for each request; nil discards the lines.
	AccessLog io.Writer
	// Now is the gateway's clock; nil means time.Now.
	Now func() time.Time
}

// System is a running topology.
type System struct {
	// URL is the address, without a path, of the gateway; without a gateway, of the
	// Function URL; without either, of the container.
	URL string
	// StreamURL and ContainerURL are the addresses of the Function URL and of the
	// container, without a path; empty if the topology has none.
	StreamURL, ContainerURL string
	// Gateway is the gateway, for example to flush its authorizer cache; nil if the
	// topology has none.
	Gateway *gateway.API
	// Tasks runs the container's tasks; nil if the topology has no container.
	Tasks *taskhost.Service
	// Secrets is Secrets Manager.
	Secrets *Secrets
	// Tables is DynamoDB; nil if the topology has no tables.
	Tables *Tables
	// APIGateway is the value of AWS_ENDPOINT_URL_APIGATEWAYV2 with which a
	// revocation flushes the authorizer cache of the API [APIID]. It is a
	// credential; empty if the topology has no gateway.
	APIGateway string
	// Identity is stored in [State], to recognize this system.
	Identity Identity

	events    *events // nil if the topology has no job function
	control   *loopback.Server
	identity  *loopback.Server
	functions map[string]*lambdahost.Function
	topology  Topology
	servers   []*http.Server
	served    sync.WaitGroup
}

// Start runs a topology until Close. Functions start with their first request, as
// on Lambda.
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
	if s.Tables, err = startTables(t, o); err != nil {
		listener.Close()
		return nil, errors.Join(err, s.Close())
	}
	if s.events, err = s.startEvents(o); err != nil {
		listener.Close()
		return nil, errors.Join(err, s.Close())
	}
	for id, f := range t.Functions {
		s.functions[id] = lambdahost.New(s.hostOptions(id, f, o))
	}
	if err := s.open(o, listener); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open serves the gateway, the Function URL and the container, if the topology has them:
// the first one on the listener, the others on free ports.
func (s *System) open(o Options, listener net.Listener) error {
	t := s.topology
	stream, container := t.URL.Function != "", t.Container.Program != ""
	for _, front := range []struct {
		name   string
		wanted bool
		start  func(Options) (http.Handler, error)
		url    *string
	}{
		{"gateway", len(t.Routes) > 0 || !stream && !container, s.startGateway, &s.URL},
		{"Function URL", stream, s.startURL, &s.StreamURL},
		{"container", container, s.startTasks, &s.ContainerURL},
	} {
		if !front.wanted {
			continue
		}
		handler, err := front.start(o)
		if err == nil && listener == nil {
			listener, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			if listener != nil {
				listener.Close()
			}
			return fmt.Errorf("start the %s: %w", front.name, err)
		}
		*front.url = s.serve(listener, handler)
		s.URL = cmp.Or(s.URL, *front.url)
		listener = nil
	}
	var err error
	if s.identity, s.Identity, err = startIdentity(); err != nil {
		return err
	}
	return s.startControl()
}

func (s *System) startGateway(o Options) (http.Handler, error) {
	config, err := gatewayConfig(s.topology, o, s.functions)
	if err != nil {
		return nil, err
	}
	s.Gateway, err = gateway.New(config)
	return s.Gateway, err
}

func (s *System) startURL(o Options) (http.Handler, error) {
	return functionURL(s.topology, o, s.functions)
}

// serve serves h until Close and returns its URL.
func (s *System) serve(listener net.Listener, h http.Handler) string {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.served.Go(func() { server.Serve(listener) }) // until Close
	return "http://" + listener.Addr().String()
}

// hostOptions returns the options for running a function. The function's environment has
// the addresses of the local services in addition to its own variables.
func (s *System) hostOptions(id string, f Function, o Options) lambdahost.Options {
	env := map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": s.Secrets.URL}
	s.Tables.environment(env)
	s.events.environment(env)
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

// Replace makes later requests run the programs that binary returns; see
// Options.Binary. Requests in progress end on the old programs. If a new function does not
// start, nothing is replaced; if a new task does not start, the remaining old tasks stay.
func (s *System) Replace(binary func(pkg string) string) error {
	for id, f := range s.functions {
		if err := f.Try(binary(s.topology.Functions[id].Package)); err != nil {
			return fmt.Errorf("%s does not start: %w", id, err)
		}
	}
	for id, f := range s.functions {
		f.Replace(binary(s.topology.Functions[id].Package))
	}
	if s.Tasks == nil {
		return nil
	}
	return s.Tasks.Replace(binary(path.Base(s.topology.Container.Program)))
}

// Close stops all servers and processes and waits for them. Requests in progress
// have a second to end.
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
	if s.Tasks != nil {
		closing.Go(func() { s.Tasks.Close() }) // never fails
	}
	closing.Wait()
	return errors.Join(s.Secrets.close(), s.Tables.close(), s.events.close(), s.control.Close(), s.identity.Close())
}

// IsLoopback reports whether address, as host:port, is reachable from this machine
// only.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
