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
	"serverless-mcp/internal/emulator/taskhost"
)

// Options say how a topology is run.
type Options struct {
	// Binary is the path of a program, compiled for this machine, by the
	// function's package, and of the container's, mcpd. Required.
	Binary func(pkg string) string
	// Listener is where the gateway listens, on a loopback address; Start closes
	// it. Nil means a free port. What else there is has free ones.
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
	// gateway, of the Function URL, and where there is none, of the container.
	URL string
	// StreamURL and ContainerURL are the addresses of the Function URL and of the
	// container, without a path; empty where there is none.
	StreamURL, ContainerURL string
	// Gateway is the gateway itself, such as for emptying its cache; nil if there
	// is none.
	Gateway *gateway.API
	// Tasks are those of the container; nil if there is none.
	Tasks *taskhost.Service
	// Secrets is Secrets Manager.
	Secrets *Secrets
	// APIGateway is for AWS_ENDPOINT_URL_APIGATEWAYV2: with it, whoever revokes
	// a key empties the cache of the API called [APIID]. Empty where there is no
	// gateway.
	APIGateway string
	// Identity is for the [State] of this system.
	Identity Identity

	control   *service
	identity  *service
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

// open serves what the functions and tasks are behind: the first on the
// listener, which is closed if there is nothing to serve.
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
// Options.Binary. Requests under way end on the old ones. If a function of the
// new programs does not start, all old ones stay; if a task does not, that one.
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
	if s.Tasks != nil {
		closing.Go(func() { s.Tasks.Close() }) // never fails
	}
	closing.Wait()
	return errors.Join(s.Secrets.close(), s.control.close(), s.identity.close())
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
