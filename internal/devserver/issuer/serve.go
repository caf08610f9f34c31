package issuer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve serves an issuer on a loopback listener until the returned function is
// called. Options.URL is the listener's address.
func Serve(listener net.Listener, o Options) (url string, stop func() error, err error) {
	o.URL = "http://" + listener.Addr().String()
	handler, err := New(o)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10}
	go func() { _ = server.Serve(listener) }()
	return o.URL, server.Close, nil
}

// NewKey generates a signing key and returns it with its text form, which
// [ParseKey] reads.
func NewKey() (*ecdsa.PrivateKey, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", fmt.Errorf("generate the issuer's key: %w", err)
	}
	data, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, "", fmt.Errorf("encode the issuer's key: %w", err)
	}
	return key, base64.StdEncoding.EncodeToString(data), nil
}

// ParseKey reads a key that [NewKey] returned. Its errors do not contain the text.
func ParseKey(text string) (*ecdsa.PrivateKey, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("read the issuer's key: not base64")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(data)
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("read the issuer's key: not a P-256 key")
	}
	return key, nil
}
