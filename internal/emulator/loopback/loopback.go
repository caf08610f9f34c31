// Package loopback serves handlers to those processes on this machine that know a secret
// address.
//
// Every user of the machine can connect to a loopback port, and the local
// services check no credentials: Secrets Manager's API and Lambda's Runtime API would
// give API keys to any user. So the address ends in a path segment of 130 random bits,
// and requests for other paths get 404. Pass the address in an environment variable,
// which other users cannot read, and never on a command line, which they can.
package loopback

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Server is a running HTTP server with a secret address.
type Server struct {
	address string // 127.0.0.1:PORT/SECRET
	server  *http.Server
	served  sync.WaitGroup
}

// Serve serves h on a free port of 127.0.0.1 until [Server.Close]. The handler
// gets paths without the secret segment: "/" for the address itself.
func Serve(h http.Handler) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	secret := rand.Text()
	s := &Server{
		address: listener.Addr().String() + "/" + secret,
		server: &http.Server{
			Handler: guard(secret, h), ReadHeaderTimeout: 10 * time.Second,
			ErrorLog: log.New(io.Discard, "", 0), // a client that disconnects in the middle of a request is normal here
		},
	}
	s.served.Go(func() { s.server.Serve(listener) }) // until Close
	return s, nil
}

// guard passes requests whose first path segment is the secret, without that
// segment.
func guard(secret string, h http.Handler) http.Handler {
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		got := sha256.Sum256([]byte(first))
		// Comparing hashes takes the same time whatever the client sent.
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			http.NotFound(w, r)
			return
		}
		inner, u := *r, *r.URL
		u.Path, u.RawPath = "/"+rest, strings.TrimPrefix(r.URL.RawPath, "/"+secret) // RawPath keeps escaped slashes
		inner.URL = &u
		h.ServeHTTP(w, &inner)
	})
}

// Address returns 127.0.0.1:PORT/SECRET, without a scheme, as
// AWS_LAMBDA_RUNTIME_API has it. The address is a credential.
func (s *Server) Address() string { return s.address }

// URL returns http://127.0.0.1:PORT/SECRET, as AWS_ENDPOINT_URL_* have it. The URL is a
// credential.
func (s *Server) URL() string { return "http://" + s.address }

// Close ends the server and its connections. A nil Server is closed already.
func (s *Server) Close() error {
	if s == nil {
		return nil
	}
	err := s.server.Close()
	s.served.Wait()
	if err != nil {
		return fmt.Errorf("close the server: %w", err)
	}
	return nil
}
