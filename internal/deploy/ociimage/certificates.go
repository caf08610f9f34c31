package ociimage

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// certificates returns the certificate authorities that the server trusts, as a PEM file.
// The server needs them to connect to Secrets Manager. The list is Mozilla's, repackaged by
// the Go project, in the version in go.mod. (The data is under the MPL 2.0; 170 KB.)
//
// The image contains them as a file, and the server does not import them, so that they are
// visible and can be replaced, for example to add the authority of a proxy.
//
// Authorities with constraints, such as a date after which Mozilla trusts no new
// certificate, are omitted: a PEM file cannot express constraints.
func certificates() ([]byte, error) {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, fmt.Errorf("write the certificates: %w", err)
		}
	}
	if out.Len() == 0 {
		return nil, errors.New("write the certificates: there are none")
	}
	return out.Bytes(), nil
}
