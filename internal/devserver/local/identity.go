package local

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Identity lets other processes find out whether the server still runs that its
// [State] tells of, before they send it a key: once it was killed, any program
// may have its port.
type Identity struct {
	URL    string `json:"url"`    // where it can be asked
	Secret string `json:"secret"` // what only it, and who may read its state, can know
}

// startIdentity answers challenges until the service is closed.
func startIdentity() (*service, Identity, error) {
	secret := rand.Text()
	s, err := startService("other commands", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, prove(secret, r.FormValue("challenge")))
	}))
	if err != nil {
		return nil, Identity{}, err
	}
	return s, Identity{URL: s.url, Secret: secret}, nil
}

// check reports whether the server answers, and is the one that was told of.
func (i Identity) check() bool {
	if i.Secret == "" {
		return false
	}
	challenge := rand.Text()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // and no proxy
	resp, err := client.Get(i.URL + "?challenge=" + challenge)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	proof, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return err == nil && hmac.Equal(proof, []byte(prove(i.Secret, challenge)))
}

// prove is the answer to a challenge, in hex. The secret can't be told from it.
func prove(secret, challenge string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(challenge)) // never fails
	return fmt.Sprintf("%x", mac.Sum(nil))
}
