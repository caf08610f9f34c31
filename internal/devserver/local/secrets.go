package local

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/emulator/loopback"
)

// Secrets is Secrets Manager on a loopback port.
type Secrets struct {
	*awsfake.SecretsManager
	URL string // for AWS_ENDPOINT_URL_SECRETS_MANAGER

	service *loopback.Server

	mu    sync.Mutex
	known map[string]string // values last passed to the callback
}

// startSecrets creates the topology's secrets and serves them.
func startSecrets(t Topology, o Options) (*Secrets, error) {
	s := &Secrets{SecretsManager: awsfake.NewSecretsManager(awsfake.Options{Now: o.Now, Fail: o.Fail}), known: map[string]string{}}
	for id, secret := range t.Secrets {
		value := cmp.Or(o.Values[id], secret.Value)
		if value == "" && secret.Generated {
			value = (rand.Text() + rand.Text())[:48]
		}
		s.Create(SecretName(id), value)
		s.known[id] = value
	}
	var err error
	if s.service, err = startService("Secrets Manager", s.watched(o.Changed)); err != nil {
		return nil, err
	}
	s.URL = s.service.URL()
	return s, nil
}

// watched serves the calls, and passes each changed value to the callback before it
// responds to the writer.
func (s *Secrets) watched(changed func(id, value string)) http.Handler {
	if changed == nil {
		return s.SecretsManager
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if operation != "PutSecretValue" && operation != "UpdateSecretVersionStage" {
			s.ServeHTTP(w, r)
			return
		}
		s.mu.Lock() // one write at a time, so that the callback gets the newest value last
		defer s.mu.Unlock()
		s.ServeHTTP(w, r)
		for id, before := range s.known {
			if now := s.Value(SecretName(id)); now != before {
				s.known[id] = now
				changed(id, now)
			}
		}
	})
}

func (s *Secrets) close() error { return s.service.Close() }
