package local

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net"
	"strconv"

	"serverless-mcp/internal/devserver/issuer"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
)

// issuerKeyFile is the file of the local issuer's signing key.
const issuerKeyFile = "issuer-key"

// startIssuer runs the local issuer if SIGNIN_ISSUER is local or, in place of the stack's
// user pool, cognito. It puts the issuer's URL into the settings. stop is never nil.
func (r *server) startIssuer(s *settings.Settings) (stop func() error, err error) {
	stop = func() error { return nil }
	if s.Signin.Issuer != settings.LocalIssuer && s.Signin.Issuer != settings.CognitoIssuer {
		return stop, nil
	}
	key, err := issuerKey(r.folder)
	if err != nil {
		return stop, err
	}
	listener, err := listenForIssuer(r.listener.Addr())
	if err != nil {
		return stop, err
	}
	url, end, err := issuer.Serve(listener, issuer.Options{Resource: r.signinURL(), Scopes: s.Signin.Scopes, Key: key})
	if err != nil {
		return stop, errors.Join(err, listener.Close())
	}
	if s.Signin.Issuer == settings.CognitoIssuer {
		s.Signin.GroupsClaim = "" // the local issuer uses its own claim
	}
	s.Signin.Issuer = url
	return end, nil
}

// issuerKey returns the key of an earlier run, so that clients stay registered, or a new
// one.
func issuerKey(folder local.Folder) (*ecdsa.PrivateKey, error) {
	text, err := folder.Read(issuerKeyFile)
	if err != nil {
		return nil, err
	}
	if text != "" {
		return issuer.ParseKey(text)
	}
	key, text, err := issuer.NewKey()
	if err != nil {
		return nil, err
	}
	return key, folder.Write(issuerKeyFile, text)
}

// listenForIssuer listens on the port after the server's, so that the issuer has
// the same URL in each run, or on any free port.
func listenForIssuer(server net.Addr) (net.Listener, error) {
	if tcp, ok := server.(*net.TCPAddr); ok {
		next := net.JoinHostPort(tcp.IP.String(), strconv.Itoa(tcp.Port+1))
		if listener, err := net.Listen("tcp", next); err == nil {
			return listener, nil // otherwise it is in use, reserved, or there is no next port
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the local issuer: %w", err)
	}
	return listener, nil
}

// signinURL returns the endpoint for sign-in, which is the resource that tokens are issued
// for.
func (r *server) signinURL() string {
	return "http://" + r.listener.Addr().String() + settings.SigninPath
}

// signinHint returns the lines of the banner about sign-in, "" if it is off.
func (r *server) signinHint(s settings.Settings) string {
	if !s.Signin.On() {
		return ""
	}
	return fmt.Sprintf("Sign-in: %s, issuer %s\n", r.signinURL(), s.Signin.Issuer)
}
