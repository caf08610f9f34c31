package local

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"time"

	"serverless-mcp/internal/emulator/loopback"
)

// Identity lets other processes check, before they send a key, that the server described by
// [State] is still running: when the server was killed, any program can listen on its port.
type Identity struct {
	URL    string `json:"url"`    // answers challenges
	Secret string `json:"secret"` // known to the server and to those who may read its state
}

// startIdentity answers challenges until the returned server is closed.
func startIdentity() (*loopback.Server, Identity, error) {
	secret := rand.Text()
	s, err := startService("other commands", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, prove(secret, r.FormValue("challenge")))
	}))
	if err != nil {
		return nil, Identity{}, err
	}
	return s, Identity{URL: s.URL(), Secret: secret}, nil
}

// check reports whether the server responds and knows the secret.
func (i Identity) check() bool {
	if i.Secret == "" {
		return false
	}
	challenge := rand.Text()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // no proxy from the environment
	resp, err := client.Get(i.URL + "?challenge=" + challenge)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	proof, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return err == nil && hmac.Equal(proof, []byte(prove(i.Secret, challenge)))
}

// prove returns HMAC-SHA256(secret, challenge) in hex.
func prove(secret, challenge string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(challenge)) // never fails
	return fmt.Sprintf("%x", mac.Sum(nil))
}
