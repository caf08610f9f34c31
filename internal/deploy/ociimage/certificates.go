package ociimage

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// certificates are the authorities that the server trusts, as a PEM file:
// without them it can't reach Secrets Manager. They are Mozilla's list, as the
// Go project repackages it, and so as new as the version in go.mod. (The data
// is Mozilla's, under the MPL 2.0; 170 KB.)
//
// The image takes them as a file and not by an import in the server: so they
// are in sight, and can be changed where somebody's proxy needs another.
//
// Authorities that Mozilla trusts with reservations, such as for certificates
// until a certain day only, are left out: a PEM file can't say that.
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
