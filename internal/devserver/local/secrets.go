package local

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"

	"serverless-mcp/internal/emulator/awsfake"
)

// Secrets is Secrets Manager on a loopback port.
type Secrets struct {
	*awsfake.SecretsManager
	URL string // for AWS_ENDPOINT_URL_SECRETS_MANAGER

	service *service

	mu    sync.Mutex
	known map[string]string // values as last told to changed
}

// startSecrets serves the topology's secrets.
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
	s.URL = s.service.url
	return s, nil
}

// watched serves the calls, and tells changed what a write has changed before
// the writer gets its answer.
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
		s.mu.Lock() // writes one after the other, or an older value could be told last
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

func (s *Secrets) close() error { return s.service.close() }
